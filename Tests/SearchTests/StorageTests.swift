import CNative
import Foundation
import TestSupport
import Testing

@testable import DescentSearch

let hasSQLite = ConditionTrait.enabled(
  if: dn_library_available(DN_LIB_SQLITE), "needs the library SQLite: apt-get install libsqlite3-0")

/// What every storage promises.
@Suite struct StorageTests {
  enum Kind: String, CaseIterable {
    case memory, sqlite, postgresql
  }

  /// Calls a function with a storage that is empty.
  private func with(_ kind: Kind, _ body: (any TrialStorage) throws -> Void) throws {
    switch kind {
    case .memory: try body(MemoryStorage())
    case .sqlite:
      guard dn_library_available(DN_LIB_SQLITE) else { return print("skipped: SQLite is not available") }
      try withTemporaryFolder { try body(.sqlite($0 + "/folder/trials.db")) }
    case .postgresql: try withPostgreSQL { try body(.postgresql($0)) }
    }
  }

  private let space = Space([
    .init("rate", .real(1e-5...1e-1, scale: .logarithmic)), .init("layers", .integer(1...4)),
    .init("kind", .choice(["relu", "gelu"])), .init("bias", .toggle), .init("parts", .subset(["a", "b", "c"])),
    .init("order", .permutation(["a", "b"]), when: .isOn("bias")),
  ])
  private let settings: Settings = [
    "rate": .real(0.1 + 0.2), "layers": .integer(3), "kind": .choice(1), "bias": .toggle(true),
    "parts": .subset([0, 2]), "order": .permutation([1, 0]),
  ]

  @Test(arguments: Kind.allCases) func keepsWhatItIsTold(_ kind: Kind) throws {
    try with(kind) { storage in
      let description = StudyDescription(
        name: "größe \"x\"; DROP TABLE", objectives: [.minimizing("error"), .maximizing("speed")], space: space,
        method: "random")
      let study = try storage.openStudy(description)
      #expect(study.description == description && study.trialCount == 0)
      #expect(abs(study.start.timeIntervalSinceNow) < 60)
      #expect(
        try storage.openStudy(StudyDescription(name: description.name, objectives: [])).description == description)

      let claimed = try #require(try storage.claimTrial(of: study.id, below: 10, by: "a"))
      #expect(claimed.number == 0 && claimed.state == .running && claimed.worker == "a" && claimed.attempts == 1)
      try storage.set(space.parameters, to: settings, of: 0, in: study.id, by: "a")
      try storage.report(0.5, at: 1, of: 0, in: study.id, by: "a")
      try storage.report(-.infinity, at: 2, of: 0, in: study.id, by: "a")
      try storage.report(.nan, at: 3, of: 0, in: study.id, by: "a")
      try storage.report(7, at: 1, of: 0, in: study.id, by: "a")
      try storage.note("first", as: "log", of: 0, in: study.id, by: "a")
      try storage.note("second\nline", as: "log", of: 0, in: study.id, by: "a")
      let outcome = TrialOutcome(
        .complete, values: [.infinity, .leastNonzeroMagnitude], violations: [-1, .nan, 1.797e308],
        message: "all is well")
      try storage.finish(0, in: study.id, with: outcome, by: "a")

      let found = try #require(try storage.trials(of: study.id, from: 0).first)
      #expect(found.state == .complete && found.worker == "a" && found.attempts == 1 && found.start == claimed.start)
      #expect(found.settings == settings && found.domains == space.domains)
      #expect(found.values == [.infinity, .leastNonzeroMagnitude] && found.message == "all is well")
      #expect(found.violations.count == 3 && found.violations[0] == -1 && found.violations[1].isNaN)
      #expect(found.violations[2] == 1.797e308)
      #expect(found.reports[1] == 0.5 && found.reports[2] == -.infinity && found.reports[3]?.isNaN == true)
      #expect(found.notes == ["log": "second\nline"])
      #expect(try #require(found.end) >= #require(found.start))
      #expect(try storage.studies().map(\.trialCount) == [1])

      let second = try storage.openStudy(StudyDescription(name: "other", objectives: [.minimizing("error")]))
      #expect(try storage.studies().map(\.description.name) == [description.name, "other"])
      try storage.deleteStudy(study.id)
      try storage.deleteStudy(study.id)
      #expect(try storage.studies().map(\.id) == [second.id])
      #expect(throws: SearchError.self) { try storage.trials(of: study.id, from: 0) }
      #expect(throws: SearchError.self) { try storage.claimTrial(of: study.id, below: 5, by: "a") }
    }
  }

  @Test(arguments: Kind.allCases) func handsOutEachTrialOnce(_ kind: Kind) throws {
    try with(kind) { storage in
      let study = try storage.openStudy(StudyDescription(name: "s", objectives: [.minimizing("y")])).id
      #expect(try storage.claimTrial(of: study, below: 0, by: "a") == nil)
      #expect(try storage.claimTrial(of: study, below: 3, by: "a")?.number == 0)
      let wishes: Settings = ["x": .real(.infinity), "y": .integer(.max)]
      #expect(try storage.enqueue(wishes, in: study) == 1)
      #expect(try storage.claimTrial(of: study, below: 1, by: "b") == nil)
      let wished = try #require(try storage.claimTrial(of: study, below: 3, by: "b"))
      #expect(wished.number == 1 && wished.wishes == wishes)
      #expect(try storage.claimTrial(of: study, below: 3, by: "c")?.number == 2)
      #expect(try storage.claimTrial(of: study, below: 3, by: "c") == nil)
      #expect(try storage.trials(of: study, from: 1).map(\.number) == [1, 2])
      #expect(try storage.trials(of: study, from: -3).count == 3)
      #expect(try storage.trials(of: study, from: 3).isEmpty)
    }
  }

  @Test(arguments: Kind.allCases) func nothingThatEndedChanges(_ kind: Kind) throws {
    try with(kind) { storage in
      let study = try storage.openStudy(StudyDescription(name: "s", objectives: [.minimizing("y")])).id
      _ = try storage.claimTrial(of: study, below: 3, by: "a")
      #expect(throws: SearchError.self) {
        try storage.finish(0, in: study, with: TrialOutcome(.complete, values: [1]), by: "b")
      }
      try storage.finish(0, in: study, with: TrialOutcome(.complete, values: [1]), by: "a")
      let before = try storage.trials(of: study, from: 0)
      let attempts: [() throws -> Void] = [
        { try storage.finish(0, in: study, with: TrialOutcome(.failed, message: "no"), by: "a") },
        { try storage.set(self.space.parameters, to: self.settings, of: 0, in: study, by: "a") },
        { try storage.report(1, at: 1, of: 0, in: study, by: "a") },
        { try storage.note("x", as: "y", of: 0, in: study, by: "a") },
        { try storage.finish(1, in: study, with: TrialOutcome(.complete, values: [1]), by: "a") },
      ]
      for attempt in attempts { #expect(throws: SearchError.self, performing: attempt) }
      #expect(fault(attempts[0]) == "trial 0: it is complete, and a cannot change it")
      try storage.heartbeat(of: [0, 5], in: study, by: "a")
      #expect(try storage.releaseTrials(of: study, silentFor: 0, attempts: 3) == [])
      #expect(try storage.trials(of: study, from: 0) == before)
    }
  }

  @Test(arguments: Kind.allCases) func trialsOfTheDeadAreTriedAgain(_ kind: Kind) throws {
    try with(kind) { storage in
      let study = try storage.openStudy(StudyDescription(name: "s", objectives: [.minimizing("y")])).id
      _ = try storage.enqueue(["x": .toggle(true)], in: study)
      _ = try storage.claimTrial(of: study, below: 3, by: "a")
      try storage.set(space.parameters, to: settings, of: 0, in: study, by: "a")
      try storage.report(1, at: 1, of: 0, in: study, by: "a")
      try storage.note("x", as: "y", of: 0, in: study, by: "a")
      try storage.heartbeat(of: [0], in: study, by: "a")
      #expect(try storage.releaseTrials(of: study, silentFor: 600, attempts: 2) == [])
      #expect(try storage.releaseTrials(of: study, silentFor: 0, attempts: 2) == [0])
      let waiting = try #require(try storage.trials(of: study, from: 0).first)
      #expect(waiting.state == .waiting && waiting.attempts == 1 && waiting.settings.isEmpty && waiting.notes.isEmpty)
      #expect(waiting.reports.isEmpty && waiting.wishes == ["x": .toggle(true)] && waiting.worker.isEmpty)
      // The worker that was taken for dead is told so.
      #expect(throws: SearchError.self) {
        try storage.finish(0, in: study, with: TrialOutcome(.complete, values: [1]), by: "a")
      }
      let again = try #require(try storage.claimTrial(of: study, below: 3, by: "b"))
      #expect(again.number == 0 && again.attempts == 2 && again.wishes == ["x": .toggle(true)])
      #expect(try storage.releaseTrials(of: study, silentFor: 0, attempts: 2) == [])
      let failed = try #require(try storage.trials(of: study, from: 0).first)
      #expect(failed.state == .failed && failed.message == "its worker b fell silent, in attempt 2")
    }
  }

  /// Many threads, each with a storage of its own, are given every trial once.
  @Test(arguments: [Kind.sqlite, .postgresql]) func threadsShareTrials(_ kind: Kind) throws {
    try with(kind) { storage in
      let study = try storage.openStudy(StudyDescription(name: "s", objectives: [.minimizing("y")])).id
      let engine = try #require(storage as? DatabaseStorage).engine
      let claimed = Collected()
      DispatchQueue.concurrentPerform(iterations: 6) { thread in
        let own = DatabaseStorage(engine, patience: 60)
        do {
          while let trial = try own.claimTrial(of: study, below: 60, by: "\(thread)") {
            claimed.add(trial.number)
            try own.finish(
              trial.number, in: study, with: TrialOutcome(.complete, values: [Double(trial.number)]), by: "\(thread)")
          }
        } catch { Issue.record(error) }
      }
      #expect(claimed.numbers.sorted() == Array(0..<60))
      #expect(try storage.trials(of: study, from: 0).map(\.values) == (0..<60).map { [Double($0)] })
    }
  }

  /// Processes that make the tables at the same moment do not fall over each other.
  @Test(arguments: [Kind.sqlite, .postgresql]) func tablesAreMadeOnce(_ kind: Kind) throws {
    try with(kind) { storage in
      let engine = try #require(storage as? DatabaseStorage).engine
      let found = Collected()
      DispatchQueue.concurrentPerform(iterations: 6) { _ in
        do {
          let description = StudyDescription(name: "s", objectives: [.minimizing("y")])
          found.add(try DatabaseStorage(engine, patience: 60).openStudy(description).id)
        } catch { Issue.record(error) }
      }
      #expect(found.numbers.count == 6 && Set(found.numbers).count == 1)
      #expect(try storage.studies().map(\.description.objectives) == [[.minimizing("y")]])
    }
  }
}

/// Numbers that threads collect.
final class Collected: @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [Int] = []

  func add(_ number: Int) {
    lock.lock()
    collected.append(number)
    lock.unlock()
  }

  var numbers: [Int] {
    lock.lock()
    defer { lock.unlock() }
    return collected
  }
}

/// Calls a function with the address of a database without tables; prints why where there is no server.
func withPostgreSQL(_ body: (String) throws -> Void) throws {
  guard dn_library_available(DN_LIB_POSTGRES) else { return print("skipped: libpq is not available") }
  guard let server = PostgreSQLServer.shared else { return print("skipped: there is no PostgreSQL server here") }
  let schema = "s\(UInt64.random(in: 0...(.max)))"
  server.query("CREATE SCHEMA \(schema)")
  try body(server.uri(schema: schema))
}
