// A small study for the tests that end it in every possible way.
//
//   TrialsProgram STORAGE LOG [--trials COUNT] [--workers COUNT] [--pause MICROSECONDS]
//
// Goes on with the study that STORAGE, a path or an address of PostgreSQL, holds. Every trial writes `begin NUMBER` when it
// begins, and `told NUMBER VALUE` once its result is kept, as a line of the file LOG with the process's number before it, and
// prints it. There are 40 trials by one worker unless told otherwise; each takes a pause.

import Descent
import Foundation

/// A method whose choice depends on everything that it is shown, so that any difference in that is seen.
struct WatchfulSampler: Sampler {
  var name: String { "watchful" }
  var width: Int? { 4 }

  /// A trial sees all of those that lie four or more before it.
  func seen(by number: Int) -> Int { max(number - 3, 0) }

  func settings(of number: Int, in space: [(name: String, domain: Domain)], given history: History) -> Settings {
    var settings: Settings = [:]
    for (name, domain) in space {
      settings[name] = setting(of: name, in: domain, for: number, with: [:], given: history)
    }
    return settings
  }

  func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) -> Setting {
    var words = "\(name) \(history.ended.count)"
    for record in history.ended.suffix(12) {
      words += "\(record.number) \(record.state) \(record.values) \(Self.text(record))"
    }
    words += "|"
    for record in history.pending { words += "\(record.number) \(Self.text(record))" }
    var random = TrialRandom(seed: 1, trial: number, purpose: words)
    return domain.setting(at: (0..<domain.coordinateCount).map { _ in random.unit() })
  }

  private static func text(_ record: TrialRecord) -> String { "\(record.settings.sorted { $0.key < $1.key })" }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  print("usage: TrialsProgram STORAGE LOG [--trials COUNT] [--workers COUNT] [--pause MICROSECONDS]")
  exit(64)
}

func number(after option: String) -> Int? {
  guard let index = arguments.firstIndex(of: option), index + 1 < arguments.count else { return nil }
  return Int(arguments[index + 1])
}

let pause = UInt32(number(after: "--pause") ?? 2_000)
let log = open(arguments[1], O_WRONLY | O_CREAT | O_APPEND, 0o666)

@Sendable func say(_ line: String) {
  let text = Data("\(line)\n".utf8)
  let marked = Data("\(getpid()) \(line)\n".utf8)
  // One call for the whole line, so that those of several processes do not mix.
  _ = marked.withUnsafeBytes { write(log, $0.baseAddress, $0.count) }
  FileHandle.standardOutput.write(text)
}

do {
  let space: Space = ["x": .real(-5...10), "y": .integer(0...15), "kind": .choice(["a", "b", "c"])]
  let name = "study"
  func study(_ storage: some TrialStorage) throws -> Study {
    // Killed again and again, a trial is begun many times.
    try Study(
      name, storage: storage, over: space, objectives: [.minimizing("value")], by: WatchfulSampler(), silence: 60,
      attempts: 10_000)
  }
  let isServer = arguments[0].hasPrefix("postgresql://")
  let search = isServer ? try study(.postgresql(arguments[0])) : try study(.sqlite(arguments[0]))
  let report = try search.run(
    trials: number(after: "--trials") ?? 40, workers: number(after: "--workers") ?? 1,
    after: { record in
      say("told \(record.number) \(record.values.first ?? .nan)")
    }
  ) { trial -> Double in
    say("begin \(trial.number)")
    let x = trial.real("x", -5...10)
    let y = Double(trial.integer("y", 0...15))
    let shift = Double(trial.choice("kind", ["a", "b", "c"]).utf8.first ?? 0)
    usleep(pause)
    return x * x + 0.5 * y + shift
  }
  print("done: \(report.trials.count) trials, best \(report.best.values)")
} catch {
  FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
  exit(1)
}
