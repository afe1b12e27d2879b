import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentCLI

/// Programs that report how they go and keep to constraints, and what is ended with them.
@Suite(.timeLimit(.minutes(5))) struct StudyProgramTests {
  private func study(_ arguments: [String]) throws -> Ending {
    try Run(program("descent"), ["study", "run"] + arguments).ending()
  }

  private func trials(_ path: String) throws -> [TrialRecord] {
    let storage = DatabaseStorage.sqlite(path)
    return try storage.trials(of: try #require(try storage.studies().first).id, from: 0)
  }

  /// The processes whose command line holds a text.
  private func processes(_ text: String) -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter { process in
      let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      return String(decoding: words, as: UTF8.self).contains(text)
    }
  }

  /// Waits for something to hold, ten seconds at most.
  private func holds(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1_000 {
      if condition() { return true }
      usleep(10_000)
    }
    return condition()
  }

  /// Programs with the values 1 to 6 report their value five times. The fifth and the sixth are worse than the median, and
  /// stay where they are with a child, so that only pruning ends them in time.
  @Test func aProgramThatFallsBehindIsEnded() throws {
    try withTemporaryFolder { folder in
      let text = """
        echo begin {n}; echo complaint >&2
        for step in 1 2 3; do echo "step $step: {n}.$step"; done
        if [ {n} -gt 4 ]; then (sleep 60; touch \(folder)/survivor) & sleep 60; fi
        echo {n}
        """
      let begin = ContinuousClock.now
      let ending = try study([
        "--command", text, "--space", "n=1..6:int", "--by", "grid", "--points", "6", "--trials", "6",
        "--prune", "median:startup-trials=3:warmup-steps=2:width=1", "--storage", folder + "/x.db",
      ])
      guard !ending.errors.contains("need libsqlite3") else { return print("skipped: SQLite is not available") }
      #expect(ending.status == 0 && ending.output.contains("3 complete, 3 pruned"), "\(ending.output)\(ending.errors)")
      #expect(ContinuousClock.now - begin < .seconds(50))
      let trials = try trials(folder + "/x.db")
      #expect(trials.map(\.state) == [.complete, .complete, .complete, .pruned, .pruned, .pruned])
      // The grid goes upward, so that the fourth is the first that can be worse than the median.
      #expect(trials.map { $0.settings["n"] } == (1...6).map { .integer($0) })
      #expect(trials[0].reports == [1: 1.1, 2: 1.2, 3: 1.3] && trials[5].reports == [1: 6.1, 2: 6.2])
      #expect(
        trials[5].message
          == "median(startupTrials: 3, warmupSteps: 2, interval: 1): 6.1 is worse than the median of 3 trials, 2.2")
      let output = try #require(trials[5].notes["output"])
      #expect(output.hasPrefix("begin 6\nstep 1: 6.1\nstep 2: 6.2\n") && output.hasSuffix("\ncomplaint\n"), "\(output)")
      #expect(ending.errors.contains("trial 5: pruned: median("), "\(ending.errors)")
      #expect(holds { processes(folder + "/survivor").isEmpty })
    }
  }

  /// Every rule is read with its settings, and reports of other forms are found.
  @Test(arguments: [
    (
      "percentile:percentile=25:startup-trials=2:width=1",
      "percentile(25, startupTrials: 2, warmupSteps: 0, interval: 1)"
    ),
    (
      "successive-halving:minimum-steps=2:reduction-factor=2:width=1",
      "successiveHalving(minimumSteps: 2, reductionFactor: 2)"
    ),
    (
      "hyperband:maximum-steps=4:reduction-factor=2:width=1",
      "hyperband(minimumSteps: 1, maximumSteps: 4, reductionFactor: 2)"
    ),
    ("patience:patience=2:tolerance=0.005", "patience(2, tolerance: 0.005)"),
    (
      "patience:patience=1:then=threshold:upper=5",
      "patience(1, tolerance: 0, then: threshold(lower: −∞, upper: 5, warmupSteps: 0))"
    ),
    ("threshold:lower=0:upper=5.5", "threshold(lower: 0, upper: 5.5, warmupSteps: 0)"),
    ("wilcoxon:probability=0.3:startup-steps=3:width=1", "wilcoxon(probability: 0.3, startupSteps: 3)"),
  ])
  func everyRulePrunes(_ rule: String, _ name: String) throws {
    // Odd ones rise and even ones fall.
    let text = """
      for step in 1 2 3 4; do
        if [ $(({n} % 2)) = 1 ]; then part=$step; else part=$((5 - step)); fi
        echo "[12:00] epoch $step/4   loss {n}.0$part, ok"
      done
      echo {n}
      """
    let ending = try study([
      "--command", text, "--space", "n=1..8:int", "--by", "grid", "--points", "8", "--trials", "8", "--prune", rule,
      "--report", "*epoch {step}/4 loss {value}, *",
    ])
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.errors.contains("pruned: \(name): "), "\(ending.errors)")
    #expect(ending.output.contains(" complete, ") && ending.output.contains(" pruned"), "\(ending.output)")
  }

  @Test(
    arguments: [
      ("step {step}: {value}", "step 3: 0.42", 3, 0.42), ("step {step}: {value}", "  step  12:  -1e-3 ", 12, -1e-3),
      ("step {step}: {value}", "step 3: .5", 3, 0.5), ("step {step}: {value}", "step 3: 2.", 3, 2),
      ("step {step}: {value}", "step 3: -.5E+1", 3, -5), ("step {step}: {value}", "step 0: inf", 0, .infinity),
      ("loss={value} at {step}", "loss=1.5e3 at 7", 7, 1500),
      ("*loss: {value} *[{step}]*", "epoch 1 loss: 0.25 acc: 0.9 [17] done", 17, 0.25),
    ] as [(String, String, Int, Double)])
  func linesThatReport(_ pattern: String, _ line: String, _ step: Int, _ value: Double) throws {
    let report = try #require(try ReportPattern(pattern).report(line))
    #expect(report == (step, value))
  }

  @Test(arguments: [
    "step 3: 0.42 of 7", "last step 3: 0.42", "step three: 1", "step 3: low", "step -3: 1", "step 3 0.42", "3: 0.42",
    "step 99999999999999999999: 1", "step 3: 1.2.3", "step 3:", "",
  ])
  func linesThatReportNothing(_ line: String) throws {
    #expect(try ReportPattern(ReportPattern.usual).report(line) == nil)
  }

  /// What comes in pieces is what comes at once.
  @Test func linesComeInPieces() throws {
    let text = "step 1: 5\r\nmemory: 3\r 10%\r 20%\nmemory: 4\n\nother: 7\nstep 2: 6\n  0.5  \nstep 3: 7"
    for size in [1, 2, 3, 7, 1_000] {
      var output = ProgramOutput(try ReportPattern(ReportPattern.usual), names: ["memory"])
      var reports: [ProgramOutput.Report] = []
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { reports += output.add($0) }
      }
      reports += output.end()
      #expect(reports.map(\.step) == [1, 2, 3] && reports.map(\.value) == [5, 6, 7])
      #expect(output.result == "0.5" && output.values == ["memory": "4"] && output.text == text)
    }
  }

  @Test func constraintsThatAreKnownAreKept() throws {
    for method in ["random", "bayesian", "tpe", "grid", "nsga2", "cma-es"] {
      let ending = try Run(
        program("descent"),
        [
          "study", "run", "--objective", "0-layers*width*batch", "--space", "layers=1..8:int,width=16..512,batch=1|2",
          "--where", "layers * width <= 1024", "--where", "sqrt(width) > batch * 3", "--by", method, "--trials", "16",
          "--json",
        ]
      ).ending()
      #expect(ending.status == 0, "\(ending.errors)")
      struct Best: Decodable { var values: [Double] }
      let best = try JSONDecoder().decode(Best.self, from: Data(ending.output.utf8))
      #expect(best.values[0] >= -2048.0 && best.values[0] < -200, "\(method): \(best)")
    }
  }

  /// The best value alone would be that of n = 6; 4 is the largest that both constraints allow.
  @Test func constraintsThatAreMeasuredAreKept() throws {
    try withTemporaryFolder { folder in
      let text =
        "echo 'memory: 100'; echo memory: $(({n} * 2)); echo 'speed: 9'; echo 'step 1: 3'; echo {n}; echo \"margin: 0.5\""
      let options = [
        "--command", text, "--space", "n=1..6:int", "--by", "grid", "--points", "6", "--trials", "6", "--maximize",
        "--constraint", "memory + margin <= 9", "--constraint", "n * speed >= 18", "--storage", folder + "/x.db",
      ]
      let ending = try study(options)
      guard !ending.errors.contains("need libsqlite3") else { return print("skipped: SQLite is not available") }
      #expect(ending.status == 0, "\(ending.errors)")
      let trials = try trials(folder + "/x.db")
      let values: [Double] = [1, 2, 3, 4, 5, 6]
      #expect(trials.map(\.violations) == values.map { n -> [Double] in [2 * n - 8.5, 18 - 9 * n] })
      #expect(trials.map(\.values) == values.map { [$0] })
      #expect(ending.errors.contains("trial 5: 6, misses memory + margin <= 9 by 3.5 (n 6)"), "\(ending.errors)")
      let best = try run("descent", "study", "best", "--json", "--storage", folder + "/x.db")
      #expect(best.output.contains("\"number\" : 3"), "\(best.output)")
    }
  }

  /// A study that is killed at once takes all that its programs have started with it.
  @Test func whatWasStartedEndsWithAKilledStudy() throws {
    try withTemporaryFolder { folder in
      let running = try Run(
        program("descent"),
        [
          "study", "run", "--space", "x=0..1", "--by", "random", "--workers", "2",
          "--command", "(sleep 61; touch \(folder)/survivor{x}) & sleep 61; touch \(folder)/survivor{x}",
        ])
      // A shell and the one that it has started, of two trials each.
      let begun = holds { processes(folder + "/survivor0").count >= 4 }
      #expect(begun)
      running.signal(SIGKILL)
      #expect(try running.ending().status == -9)
      #expect(holds { processes(folder + "/survivor").isEmpty })
      for process in processes(folder + "/survivor") { kill(process, SIGKILL) }
    }
  }

  /// A program that leaves its group is not waited for once its time is over; one that ends by itself leaves what it likes.
  @Test func whatLeavesItsGroupIsNotWaitedFor() throws {
    try withTemporaryFolder { folder in
      let begin = ContinuousClock.now
      let running = try Run(
        program("descent"),
        [
          "study", "run", "--space", "n=1..2:int", "--by", "grid", "--trials", "2", "--time-limit", "1", "--command",
          """
          if [ {n} = 1 ]; then echo > \(folder)/away; setsid tail -f \(folder)/away & sleep 30; fi
          (sleep 2; touch \(folder)/left) > /dev/null 2>&1 &
          echo {n}
          """,
        ])
      running.process.waitUntilExit()
      #expect(ContinuousClock.now - begin < .seconds(20))
      for process in processes(folder + "/away") { kill(process, SIGKILL) }
      let ending = try running.ending()
      #expect(ending.status == 0 && ending.output.contains("1 complete, 1 failed"), "\(ending.output)\(ending.errors)")
      #expect(holds { FileManager.default.fileExists(atPath: folder + "/left") })
    }
  }

  @Test func aProgramThatReportsNothingIsTold() throws {
    let ending = try study([
      "--command", "echo epoch 1: 5; echo {x}", "--space", "x=0..1", "--trials", "3", "--by", "random",
      "--prune", "median",
    ])
    #expect(ending.status == 0, "\(ending.errors)")
    let warning =
      "Warning: trial 0 printed no line of the form 'step {step}: {value}', without which --prune ends nothing"
    #expect(ending.errors.components(separatedBy: warning).count == 2, "\(ending.errors)")
  }

  private static let echoing = ["--command", "echo {x}", "--space", "x=0..1", "--by", "random"]
  private static let expression = ["--objective", "x*y", "--space", "x=0..1,y=0..1"]

  static let mistakes: [([String], String)] = [
    (echoing + ["--prune", "medain"], "--prune medain: there is no rule 'medain'; did you mean 'median'?"),
    (
      echoing + ["--prune", "median:warmup=3"], "median has no setting 'warmup'; there are startup-trials, warmup-steps"
    ),
    (echoing + ["--prune", "median:interval"], "'interval' is not NAME=VALUE; median has startup-trials"),
    (echoing + ["--prune", "median:interval=1.5"], "interval is '1.5', which is not a whole number"),
    (echoing + ["--prune", "median:interval=1:interval=2"], "interval is given twice"),
    (echoing + ["--prune", "median:interval=0"], "interval 0, minimumTrials 1, width 4"),
    (echoing + ["--prune", "hyperband"], "maximum-steps is missing; say --prune hyperband:maximum-steps=81"),
    (echoing + ["--prune", "median:then=threshold"], "median has no setting 'then'"),
    (echoing + ["--prune", "patience:patience=1:then=all"], "--prune all: there is no rule 'all'; there are median"),
    (echoing + ["--report", "loss {value}"], "--report 'loss {value}': {step} has to stand in it once"),
    (echoing + ["--objectives", "2", "--prune", "median"], "--prune belongs to one objective, and --objectives is 2"),
    (expression + ["--prune", "median"], "--prune belongs to --command: an expression prints nothing"),
    (expression + ["--constraint", "memory <= 8"], "say --where of what an expression's parameters have to meet"),
    (expression + ["--where", "x*z <= 1"], "'z' is not in the space; --where speaks of parameters, --constraint"),
    (expression + ["--where", "x*y"], "a comparison is missing, such as <= 1024, at column 4\n  x*y\n     ^"),
    (expression + ["--where", "x = y"], "'=' is neither <= nor >= nor ==, at column 3"),
    (expression + ["--where", "0 <= x <= 1"], "one comparison only; say the option again for another, at column 8"),
    (expression + ["--where", "x <= y)"], "there is a ')' without its '(', at column 7"),
    (expression + ["--where", "1 < 2"], "it speaks of no parameter, and always says the same"),
    (
      expression + ["--where", "gelu(x) < 2"], "--where 'gelu(x) < 2': 'gelu' is not among the functions of constraints"
    ),
    (
      expression + ["--where", "x + y > 3", "--by", "random"],
      "none of 10000 settings that were drawn at random are allowed"
    ),
    (echoing + ["--constraint", "x <= 1"], "it speaks of parameters alone; say --where 'x <= 1'"),
    (echoing + ["--constraint", "memory < 8"], "what is measured is compared by <= or >=, such as memory <= 8"),
    (
      echoing + ["--constraint", "memory <= 8"],
      "it printed no line 'memory: NUMBER', which --constraint 'memory <= 8' needs"
    ),
    (
      [
        "--command", "echo memory: 3 GB; echo {x}", "--space", "x=0..1", "--constraint", "memory <= 8", "--by",
        "random",
      ],
      "it printed 'memory: 3 GB', where a number is needed"
    ),
    (
      ["--command", "echo step 1: {x}", "--space", "x=0..1", "--by", "random"],
      "it printed intermediate values alone; its last line has to be its result, a number"
    ),
  ]

  @Test(arguments: mistakes) func mistakesInRequests(_ arguments: [String], _ words: String) throws {
    let ending = try study(arguments)
    #expect(ending.status != 0 && ending.errors.contains(words), "\(arguments): \(ending.errors)")
  }
}
