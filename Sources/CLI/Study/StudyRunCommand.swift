import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Runs trials of an expression or a program.
struct StudyRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Searches the settings with the best value of an expression or a program.",
    discussion: """
      descent study run --objective "(1-x)^2 + 100*(y-x^2)^2" --space "x=-2..2,y=-1..3" --by random --trials 200
      descent study run --command './train --rate {rate} --layers {layers}' --space "rate=1e-5..0.1:log,layers=1..4:int" \\
        --trials 60 --workers 2 --time-limit 600 --storage runs/trials.db --name digits

      descent study run --command 'python3 -u train.py {rate} {layers} {width}' --prune median:warmup-steps=5 \\
        --space "rate=1e-5..0.1:log,layers=1..4:int,width=16..512:int" --where "layers * width <= 1024" \\
        --constraint "memory <= 8"

      A program prints a number as its last line; where it fails, its output is kept with the trial. Lines such as
      'step 3: 0.42' before it report how it goes: --prune ends, with all that it has started, a program that falls behind.
      Lines such as 'memory: 6.5' give the values that --constraint speaks of. A program that writes into a pipe may hold
      its lines back: it has to flush them, as python3 -u does.

      A study that the storage has already goes on where it was: --trials is how many it is to have altogether. The same
      seed gives the same trials, with any number of workers.
      """)

  @Option(help: "An expression to minimize, as in descent minimize; several make a search for the front between them.")
  var objective: [String] = []

  @Option(help: "A command of the shell in place of expressions, with {NAME} for the value of a parameter.")
  var command: String?

  @Option(help: ArgumentHelp(stringLiteral: StudySpaceText.help))
  var space: [String] = []

  @Option(
    name: .customLong("where"),
    help: "What has to hold of the parameters, such as 'layers * width <= 1024'; may be said several times.")
  var allowed: [String] = []

  @Option(help: "What has to hold of values that the command prints, such as 'memory <= 8'; may be said several times.")
  var constraint: [String] = []

  @Option(help: ArgumentHelp(stringLiteral: StudyPruners.help))
  var prune: String?

  @Option(
    help: """
      The lines by which the command reports intermediate values, with {step}, {value}, and * for any text; \
      '\(ReportPattern.usual)' if it is not given.
      """)
  var report: String?

  @Option(help: "The method: \(StudyMethods.names).")
  var by = "bayesian"

  @Option(help: "How many trials the study is to have.")
  var trials = 40

  @Option(help: "What sets these trials apart from others.")
  var seed: UInt64 = 0

  @Option(help: "How many trials run at once.")
  var workers = 1

  @Option(
    help: "How many trials the method may be asked for before results have to be told; other numbers, other trials.")
  var batch = 1

  @Option(help: "How many values of a range --by grid tries.")
  var points = 5

  @Option(help: "The study's name.")
  var name = "study"

  @Option(help: "Where it is kept: a SQLite file, or postgresql://user@host/database; without it, nowhere.")
  var storage: String?

  @Option(help: "After how many seconds a trial has failed.")
  var timeLimit: Double?

  @Option(help: "How many trials in a row may fail.")
  var failures = 10

  @Option(help: "How many numbers the command prints, for several objectives.")
  var objectives = 1

  @Flag(help: "Looks for the largest values.")
  var maximize = false

  @Flag(help: "Prints JSON.")
  var json = false

  @Option(help: "Writes a page with charts of the trials into this file.")
  var html: String?

  @Flag(help: "Prints no line for each trial of a program.")
  var quiet = false

  func validate() throws {
    guard objective.isEmpty != (command == nil) else {
      throw ValidationError("give --objective with an expression, or --command with a program")
    }
    guard StudyMethods.method(by) != nil else {
      let hint = nearestName(to: by, among: StudyMethods.all.map(\.name)).map { "did you mean '\($0)'?" }
      throw ValidationError("there is no method '\(by)'; \(hint ?? "there are \(StudyMethods.names)")")
    }
    guard (1...10_000_000).contains(trials) else { throw ValidationError("--trials must lie in 1 … 10000000") }
    guard (1...1_024).contains(workers) else { throw ValidationError("--workers must lie in 1 … 1024") }
    guard (1...1_024).contains(batch) else { throw ValidationError("--batch must lie in 1 … 1024") }
    guard (1...1_000_000).contains(points) else { throw ValidationError("--points must lie in 1 … 1000000") }
    guard failures >= 1 else { throw ValidationError("--failures must be 1 or more") }
    guard (1...16).contains(objectives) else { throw ValidationError("--objectives must lie in 1 … 16") }
    guard objectives == 1 || command != nil else {
      throw ValidationError("--objectives belongs to --command; say --objective several times for several expressions")
    }
    for (option, isGiven) in [
      ("--prune", prune != nil), ("--report", report != nil), ("--constraint", !constraint.isEmpty),
    ] where isGiven && command == nil {
      let hint = option == "--constraint" ? "; say --where of what an expression's parameters have to meet" : ""
      throw ValidationError("\(option) belongs to --command: an expression prints nothing\(hint)")
    }
    for (option, isGiven) in [("--prune", prune != nil), ("--report", report != nil)] where isGiven && objectives > 1 {
      throw ValidationError("\(option) belongs to one objective, and --objectives is \(objectives)")
    }
    if let timeLimit, !(timeLimit > 0 && timeLimit < 1e9) {
      throw ValidationError("--time-limit must be a positive number of seconds")
    }
  }

  func run() throws {
    guard let make = StudyMethods.method(by) else { return }
    if let html { try FileContents.checkWritable(html) }
    let space = try StudyConstraints.space(try StudySpaceText.space(space), where: allowed)
    let pruner: any Pruner = try prune.map { try StudyPruners.pruner($0, seed: seed) } ?? .none
    let constraints = try StudyConstraints.measured(constraint, over: space)
    let measured: any StudyMeasurement
    if let command {
      measured = try MeasuredProgram(
        .init(
          command: command, objectives: objectives, timeLimit: timeLimit,
          report: objectives == 1 ? try ReportPattern(self.report ?? ReportPattern.usual) : nil,
          constraints: constraints), over: space)
    } else {
      measured = try MeasuredExpressions(objective, over: space)
    }
    let kept: any TrialStorage = try storage.map { try StudyPlace.storage($0, creates: true) } ?? .memory
    let study = try Study(
      name, storage: kept, over: space,
      objectives: measured.names.map { maximize ? .maximizing($0) : .minimizing($0) },
      by: make(StudyMethods.Settings(seed: seed, trials: trials, batch: batch, points: points)), pruning: pruner)
    // A program is ended with what it has started, and what it printed is kept, by what measures it.
    let limit = command == nil ? timeLimit : nil
    let teller =
      command == nil || quiet
      ? nil
      : TrialTeller(
        constraints: constraints.map(\.text), reports: prune == nil ? nil : self.report ?? ReportPattern.usual)
    let report = try interruptible {
      try study.run(
        trials: trials, workers: workers, timeLimit: limit, failures: failures, after: { teller?.tell(of: $0) }
      ) { trial in try measured.values(trial) }
    }
    if let html { try report.pictures.write(to: html) }
    print(json ? try StudyExport.json(report.chosen) : "\(report)", terminator: json ? "" : "\n")
    guard report.end != .canceled else {
      let words = storage == nil ? "" : "; the same command goes on with it"
      FileHandle.standardError.write(Data("Error: the study was interrupted\(words)\n".utf8))
      throw ExitCode(1)
    }
  }

  /// Runs a function that ends early where the process is asked to end, by Ctrl-C or SIGTERM; the second time it ends at
  /// once.
  private func interruptible<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let ended = DispatchSemaphore(value: 0)
    let result = Outcome<Result>()
    let task = Task.detached {
      result.set(Swift.Result { try body() })
      ended.signal()
    }
    let sources = [SIGINT, SIGTERM].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        task.cancel()
        _ = signal(number, SIG_DFL)
      }
      source.resume()
      _ = signal(number, SIG_IGN)
      return source
    }
    ended.wait()
    for source in sources { source.cancel() }
    return try result.get()
  }
}

/// What a function gave, written by one thread and read by another after it.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Result<Value, any Error>?

  func set(_ result: Result<Value, any Error>) { lock.withLock { value = result } }
  func get() throws -> Value {
    guard let value = lock.withLock({ value }) else { throw CancellationError() }
    return try value.get()
  }
}
