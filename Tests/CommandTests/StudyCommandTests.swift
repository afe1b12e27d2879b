import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentCLI

/// What `descent study` runs, shows and writes, and what it says of requests that make no sense.
@Suite(.timeLimit(.minutes(5))) struct StudyCommandTests {
  private static let branin =
    "(y - 5.1/(4*pi^2)*x^2 + 5/pi*x - 6)^2 + 10*(1 - 1/(8*pi))*cos(x) + 10"

  private func study(_ arguments: [String]) throws -> Ending {
    try Run(program("descent"), ["study"] + arguments).ending()
  }

  private struct Best: Decodable {
    var number: Int
    var values: [Double]
    var parameters: [String: Double]
  }

  private func best(_ arguments: [String]) throws -> Best {
    let ending = try study(arguments)
    #expect(ending.status == 0, "\(ending.errors)")
    return try JSONDecoder().decode(Best.self, from: Data(ending.output.utf8))
  }

  @Test func searchesAnExpression() throws {
    let options = ["run", "--objective", Self.branin, "--space", "x=-5..10,y=0..15", "--json", "--trials", "40"]
    let random = try best(options + ["--by", "random", "--seed", "1"])
    #expect(random.values[0] > 0.397 && random.values[0] < 8)
    // The same seed, with other numbers of workers.
    let again = try best(options + ["--by", "random", "--seed", "1", "--workers", "3"])
    #expect(again.number == random.number && again.parameters == random.parameters)
    #expect(try best(options + ["--by", "random", "--seed", "2"]).parameters != random.parameters)
    let upward = try best(
      [
        "run", "--objective", "5-(x-2)^2", "--space", "x=0..4", "--by", "sobol", "--trials", "64", "--json",
        "--maximize",
      ])
    #expect(abs(upward.values[0] - 5) < 1e-2)
  }

  @Test(arguments: StudyMethods.all.map(\.name)) func everyMethodRuns(_ name: String) throws {
    let ending = try study([
      "run", "--objective", "(x-1)^2+n+k+b", "--by", name, "--trials", "12",
      "--space", "x=0..2:step=0.5,n=1..2:int,k=0.5|1.5,b=toggle",
    ])
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.output.contains("the best trials:") && ending.output.contains("12 complete"), "\(ending.output)")
  }

  @Test func keepsShowsExportsAndDeletes() throws {
    guard try run("descent", "doctor").output.contains("✓ sqlite") else {
      return print("skipped: SQLite is not available")
    }
    try withTemporaryFolder { folder in
      let place = ["--storage", folder + "/runs/trials.db"]
      let first =
        ["run", "--objective", "x^2", "--space", "x=-1..1", "--by", "random", "--seed", "3", "--name", "first"] + place
      #expect(try study(first + ["--trials", "5"]).status == 0)
      // Goes on where it was.
      let more = try study(first + ["--trials", "8"])
      #expect(more.status == 0 && more.output.contains("8 complete"), "\(more.output)\(more.errors)")
      let shown = try study(["show"] + place)
      #expect(shown.status == 0 && shown.output.contains("looks for  minimizing x^2"), "\(shown.output)\(shown.errors)")
      #expect(shown.output.contains("trials     8 complete") && shown.output.contains("\nx          -1.0...1.0"))
      let several = ["run", "--objective", "x", "--objective", "(x-1)^2", "--space", "x=0..2", "--by", "sobol"]
      let page = folder + "/page.html"
      #expect(try study(several + ["--trials", "6", "--name", "second", "--html", page] + place).status == 0)
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<svg"))
      #expect(try study(["show", "first", "--html", page] + place).status == 0)
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("x^2"))

      let list = try study(["list"] + place).output.split(separator: "\n").map(String.init)
      #expect(list.count == 4 && list[2].hasPrefix("first ") && list[3].hasPrefix("second "), "\(list)")
      #expect(list[3].contains("minimizing x, minimizing (x-1)^2") && list[3].contains("a front of"))
      let best = try study(["best", "first", "--json"] + place)
      #expect(try JSONDecoder().decode(Best.self, from: Data(best.output.utf8)).values.count == 1)
      #expect(try study(["best", "second"] + place).output.contains("(x-1)^2"))

      let csv = folder + "/trials.csv"
      #expect(try study(["export", "first", "--out", csv] + place).status == 0)
      let table = try Table(csv: Array(bytes(of: csv)), path: csv)
      #expect(table.rowCount == 8)
      let (x, values) = (try #require(table["params_x"]?.numbers), try #require(table["values_x^2"]?.numbers))
      #expect(zip(x, values).allSatisfy { $0 * $0 == $1 })
      let json = try study(["export", "second", "--json"] + place)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect((object["trials"] as? [[String: Any]])?.count == 6 && object["name"] as? String == "second")

      #expect(try study(["delete", "first"] + place).output.hasSuffix("nothing was deleted\n"))
      #expect(try study(["delete", "first", "--yes"] + place).output == "deleted first\n")
      #expect(try study(["list"] + place).output.split(separator: "\n").count == 3)
      let gone = try study(["show", "first"] + place)
      #expect(gone.status == 1 && gone.errors.contains("holds no study 'first'; there are second"), "\(gone.errors)")
    }
  }

  /// A program is given its values, ended when its time is over with all that it has started, and its output kept where it
  /// fails.
  @Test func runsPrograms() throws {
    try withTemporaryFolder { folder in
      let program = """
        echo "trial {trial}"; echo complaint >&2
        case {n} in
        1) echo "about to fail"; exit 3 ;;
        2) echo "not a number" ;;
        3) (sleep 30; touch \(folder)/survivor) & sleep 30 ;;
        4) kill -9 $$ ;;
        5) exec >&-; sleep 30 ;;
        *) echo "{rate}{kind}" ;;
        esac
        """
      let ending = try study([
        "run", "--command", program, "--space", "n=1..6:int,rate=2..2,kind=1|2", "--by", "grid", "--points", "6",
        "--trials", "12", "--workers", "2", "--time-limit", "0.5", "--failures", "100", "--storage", folder + "/x.db",
      ])
      guard !ending.errors.contains("need libsqlite3") else { return print("skipped: SQLite is not available") }
      #expect(ending.status == 0 && ending.output.contains("2 complete, 10 failed"), "\(ending.output)\(ending.errors)")
      let storage = DatabaseStorage.sqlite(folder + "/x.db")
      let trials = try storage.trials(of: try #require(try storage.studies().first).id, from: 0)
      func with(_ n: Int) throws -> (first: TrialRecord, second: TrialRecord) {
        let found = trials.filter { $0.settings["n"] == .integer(n) }
        return (try #require(found.first), try #require(found.last))
      }
      let (fine, failed) = (try with(6), try with(1))
      #expect([fine.first.values, fine.second.values] == [[2.01], [2.02]])
      #expect(failed.first.message == "it ended with status 3: complaint")
      #expect(failed.first.notes["output"] == "trial \(failed.first.number)\nabout to fail\n\ncomplaint\n")
      #expect(try with(2).first.message == "its last line is 'not a number', where a number is needed")
      for n in [3, 5] { #expect(try with(n).second.message == "it did not end within 0.5 s") }
      #expect(try with(4).first.message == "signal 9 ended it: complaint")
      let line = "trial \(fine.first.number): 2.01 (kind 1, n 6, rate 2.0)"
      #expect(ending.errors.contains(line), "\(ending.errors)")
      // What the program had started was ended with it.
      let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }
      let left = processes.filter { process in
        let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: words, as: UTF8.self).contains(folder + "/survivor")
      }
      #expect(left.isEmpty)
    }
  }

  @Test func anInterruptedStudyGoesOn() throws {
    try withTemporaryFolder { folder in
      let options = [
        "study", "run", "--command", "sleep 0.05; echo {x}", "--space", "x=0..1", "--by", "random", "--trials", "12",
        "--storage", folder + "/x.db",
      ]
      let running = try Run(program("descent"), options)
      let storage = DatabaseStorage.sqlite(folder + "/x.db", creates: false)
      var ended = 0
      while running.process.isRunning, ended < 3 {
        usleep(10_000)
        let study = try? storage.studies().first
        ended = (try? study.map { try storage.trials(of: $0.id, from: 0) })??.count(where: \.state.isEnded) ?? 0
      }
      running.signal(SIGINT)
      let ending = try running.ending()
      guard !ending.errors.contains("need libsqlite3") else { return print("skipped: SQLite is not available") }
      #expect(ending.status == 1, "\(ending.errors)")
      #expect(ending.errors.hasSuffix("Error: the study was interrupted; the same command goes on with it\n"))
      let rest = try Run(program("descent"), options).ending()
      #expect(rest.status == 0 && rest.output.contains("12 complete"), "\(rest.output)\(rest.errors)")
    }
  }

  static let mistakes: [([String], String)] = [
    (["--objective", "x^2", "--space", "x=1..0"], "--space x=1..0: 1 lies above 0"),
    (["--objective", "x^2", "--space", "x=0..1:log"], "x: a logarithmic range lies above zero"),
    (["--objective", "x^2", "--space", "x=0..1,x=0..2"], "x: two parameters have this name"),
    (["--objective", "x^2", "--space", "x=0..1:round"], "':round' is not known; there are :log, :int and :step=0.5"),
    (["--objective", "x^2", "--space", "x=0..1.5:int"], "'1.5' is not a whole number"),
    (["--objective", "x^2", "--space", "x=5"], "'5' is neither FROM..TO nor ONE|OTHER nor toggle"),
    (["--objective", "x^2", "--space", "=0..1"], "say NAME=FROM..TO"),
    (["--objective", "x^2+rata", "--space", "x=0..1,rate=0..1"], "'rata' is not in the space; did you mean 'rate'?"),
    (["--objective", "x^2", "--space", "x=0..1,y=0..1"], "--space gives 'y', which no objective uses"),
    (["--objective", "x", "--space", "x=relu|gelu"], "'relu' is not a number, which an expression needs"),
    (["--objective", "x^2"], "--space gives no parameter"),
    (["--space", "x=0..1"], "give --objective with an expression, or --command with a program"),
    (["--objective", "x", "--command", "echo {x}", "--space", "x=0..1"], "give --objective with an expression, or"),
    (["--command", "echo 1", "--space", "x=0..1"], "--command does not use 'x': say {x} where its value belongs"),
    (
      ["--objective", "x", "--space", "x=0..1", "--by", "randon"], "there is no method 'randon'; did you mean 'random'?"
    ),
    (["--objective", "x", "--space", "x=0..1", "--trials", "0"], "--trials must lie in 1"),
    (["--objective", "x", "--space", "x=0..1", "--workers", "0"], "--workers must lie in 1"),
    (["--objective", "x", "--space", "x=0..1", "--objectives", "2"], "--objectives belongs to --command"),
    (
      ["--objective", "0/0*x", "--space", "x=0..1"],
      "10 trials in a row have failed, the last, trial 9: 0/0*x is not a number"
    ),
    (["--command", "echo {x}; exit 1", "--space", "x=0..1", "--quiet"], "trials in a row have failed"),
    (
      ["--objective", "x", "--space", "x=0..1", "--storage", "mysql://a:secret@b/c"], "'mysql' is not a kind of storage"
    ),
    (["--objective", "x", "--space", "x=0..1", "--storage", "/dev/null"], "sqlite /dev/null: is not a regular file"),
  ]

  @Test(arguments: mistakes) func mistakesInRequests(_ arguments: [String], _ words: String) throws {
    let ending = try study(["run"] + arguments)
    #expect(ending.status != 0 && ending.errors.contains(words), "\(arguments): \(ending.errors)")
    #expect(!ending.errors.contains("secret"))
  }

  @Test func storagesThatAreNotThere() throws {
    guard try run("descent", "doctor").output.contains("✓ sqlite") else {
      return print("skipped: SQLite is not available")
    }
    try withTemporaryFolder { folder in
      let none = try study(["list", "--storage", folder + "/none.db"])
      #expect(none.status == 1 && none.errors == "Error: sqlite \(folder)/none.db: no such file\n")
      #expect(try names(in: folder).isEmpty)
      try Data("hello, this is a text and not a database at all".utf8).write(to: URL(fileURLWithPath: folder + "/text"))
      #expect(try study(["show", "--storage", folder + "/text"]).errors.contains("is not a SQLite database"))
      let place = ["--storage", folder + "/x.db"]
      #expect(try study(["run", "--objective", "x", "--space", "x=0..1", "--trials", "2"] + place).status == 0)
      let other = try study(["run", "--objective", "x+1", "--space", "x=0..1", "--trials", "2"] + place)
      #expect(other.status == 1 && other.errors.contains("is minimizing x, and minimizing x+1 was asked for"))
      let wider = try study(["run", "--objective", "x", "--space", "x=0..2", "--trials", "2"] + place)
      #expect(wider.status == 1 && wider.errors.contains("has another space"), "\(wider.errors)")
      let unknown = try study(["best", "studie"] + place)
      #expect(unknown.errors.contains("holds no study 'studie'; did you mean 'study'?"), "\(unknown.errors)")
      let refused = try study(["list", "--storage", "postgresql://ada:secret@localhost:1/db"])
      #expect(refused.status == 1 && !refused.errors.contains("secret"), "\(refused.errors)")
      #expect(refused.errors.hasPrefix("Error: postgresql://ada@localhost:1/db: "), "\(refused.errors)")
    }
  }
}
