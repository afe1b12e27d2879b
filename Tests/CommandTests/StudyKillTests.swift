import Descent
import Foundation
import TestSupport
import Testing

/// Studies in processes of their own, which are killed at random moments.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StudyKillTests {
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  /// A trial as far as it does not depend on time and processes.
  private struct Fact: Hashable {
    var number: Int
    var state: TrialRecord.State
    var settings: Settings
    var values: [Double]
  }

  /// How often studies are killed: `DESCENT_STUDY_KILLS`, or as often as every test run can wait for.
  private static let kills =
    ProcessInfo.processInfo.environment["DESCENT_STUDY_KILLS"].flatMap { Int($0) } ?? 10

  private func facts(_ storage: some TrialStorage) throws -> [Fact] {
    let study = try #require(try storage.studies().first)
    return try storage.trials(of: study.id, from: 0).map {
      Fact(number: $0.number, state: $0.state, settings: $0.settings, values: $0.values)
    }
  }

  /// What one worker makes of a study that nobody disturbs.
  private func undisturbed(_ folder: String, _ trials: Int) throws -> [Fact] {
    let path = folder + "/whole.db"
    let ending = try Run(
      program("TrialsProgram"), [path, folder + "/whole.log", "--trials", "\(trials)", "--pause", "0"]
    ).ending()
    #expect(ending.status == 0, "\(ending.errors)")
    let whole = try facts(.sqlite(path))
    #expect(whole.count == trials && whole.allSatisfy { $0.state == .complete })
    return whole
  }

  /// Runs two processes of two workers each on one study without end, and kills one or the other at random moments. Then a
  /// few trials more than there are by then are run to their end.
  private func killed(
    _ place: String, _ storage: some TrialStorage, _ log: String, seed: UInt64
  ) throws -> [Fact] {
    var random = Numbers(state: seed)
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    func start(_ trials: Int, _ pause: Int) throws -> Run {
      try Run(
        program("TrialsProgram"), [place, log, "--trials", "\(trials)", "--workers", "2", "--pause", "\(pause)"])
    }
    func kill(_ running: Run) throws {
      // Others may take its trials over from here on.
      let file = open(log, O_WRONLY | O_APPEND)
      let line = Data("0 kill \(running.process.processIdentifier)\n".utf8)
      #expect(line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == line.count)
      close(file)
      running.signal(SIGKILL)
      let ending = try running.ending()
      #expect(ending.status == -9, "\(ending.errors)")
    }
    var running = [try start(1_000_000, 5_000), try start(1_000_000, 5_000)]
    for turn in 0..<Self.kills {
      usleep(UInt32.random(in: 0...120_000, using: &random))
      let place = Int.random(in: 0..<2, using: &random)
      try kill(running[place])
      if turn < Self.kills - 1 { running[place] = try start(1_000_000, 5_000) } else { running.remove(at: place) }
    }
    for rest in running { try kill(rest) }
    let count = try storage.studies().first?.trialCount ?? 0
    for last in [try start(count + 8, 0), try start(count + 8, 0)] {
      let ending = try last.ending()
      #expect(ending.status == 0, "\(ending.errors)")
    }
    return try facts(storage)
  }

  /// What the log must show: who was told of is never begun again, keeps its value, and nobody runs what another runs.
  private func check(_ log: String, _ facts: [Fact]) throws {
    var told: [Int: Double] = [:]
    var owner: [Int: Int] = [:]
    var dead: Set<Int> = []
    var begun = 0
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      let process = try #require(Int(words[0]))
      let number = try #require(Int(words[2]))
      switch words[1] {
      case "kill": dead.insert(number)
      case "begin":
        begun += 1
        #expect(told[number] == nil, "trial \(number) was told of, and begun again")
        if let other = owner[number] { #expect(dead.contains(other), "trial \(number) runs in two processes") }
        owner[number] = process
      default:
        #expect(told[number] == nil, "trial \(number) was told of twice")
        told[number] = Double(words[3])
      }
    }
    for (number, value) in told { #expect(facts[number].values == [value], "trial \(number) has changed") }
    #expect(facts.allSatisfy { $0.state == .complete })
    print("\(Self.kills) kills: \(facts.count) trials, \(begun) begun, none lost and none repeated")
  }

  @Test func killedInAFile() throws {
    guard try sqliteIsThere() else { return }
    try withTemporaryFolder { folder in
      let path = folder + "/killed.db"
      let facts = try killed(path, .sqlite(path), folder + "/killed.log", seed: 11)
      try check(folder + "/killed.log", facts)
      #expect(try facts == undisturbed(folder, facts.count))
    }
  }

  @Test func killedOnAServer() throws {
    guard try sqliteIsThere() else { return }
    guard try libraries().contains("✓ postgres") else { return print("skipped: libpq is not available") }
    guard let server = PostgreSQLServer.shared else { return print("skipped: there is no PostgreSQL server here") }
    server.query("CREATE SCHEMA killed")
    let uri = server.uri(schema: "killed")
    try withTemporaryFolder { folder in
      let facts = try killed(uri, .postgresql(uri), folder + "/killed.log", seed: 12)
      try check(folder + "/killed.log", facts)
      #expect(try facts == undisturbed(folder, facts.count))
    }
  }

  /// The same trials by one worker, by several threads, and by several processes.
  @Test func anyNumberOfWorkersGivesTheSameTrials() throws {
    guard try sqliteIsThere() else { return }
    try withTemporaryFolder { folder in
      let whole = try undisturbed(folder, 30)
      for (name, workers) in [("threads", [4]), ("processes", [1, 1, 2])] {
        let path = "\(folder)/\(name).db"
        let runs = try workers.map { count in
          try Run(
            program("TrialsProgram"),
            [path, folder + "/log", "--trials", "30", "--workers", "\(count)", "--pause", "500"])
        }
        for run in runs {
          let ending = try run.ending()
          #expect(ending.status == 0, "\(ending.errors)")
        }
        #expect(try facts(.sqlite(path)) == whole, "\(name)")
      }
    }
  }

  private func libraries() throws -> String { try run("descent", "doctor").output }

  private func sqliteIsThere() throws -> Bool {
    if try libraries().contains("✓ sqlite") { return true }
    print("skipped: SQLite is not available")
    return false
  }
}
