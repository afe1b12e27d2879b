import DescentGraph
import DescentSearch
import Foundation
import Testing

@Suite struct StudyEndTests {
  @Test func aTargetEndsAStudy() throws {
    let study = try Study(maximizing: "x", by: .random(seed: 1))
    let report = try study.run(trials: 1_000, until: [.target(0.9)]) { $0.real("x", 0...1) }
    #expect(report.end == .target && report.best.number == report.trials.count - 1 && report.best.values[0] >= 0.9)
    #expect(try study.run(trials: 1_000, until: [.target(0.9)]) { _ in 1.0 }.trials.count == report.trials.count)
  }

  @Test func patienceAndConditionsEndAStudy() throws {
    let study = try Study(minimizing: "y", by: .random(seed: 1))
    let report = try study.run(trials: 1_000, until: [.patience(5)]) { max(Double(5 - $0.number), 0) }
    #expect(report.end == .patience && report.trials.count == 11)
    let other = try Study(minimizing: "y", by: .random(seed: 1))
    let seen = Guarded<[Int]>([])
    let ended = try other.run(
      trials: 1_000, until: [.condition { $0.count == 7 }],
      after: { trial in seen.withLock { $0.append(trial.number) } }
    ) { _ in 1.0 }
    #expect(ended.end == .condition && ended.trials.count == 7)
    #expect(seen.withLock { $0 } == Array(0..<7))
  }

  @Test func whatIsGivenUpIsTriedAgain() throws {
    let isSlow = Guarded(true)
    let study = try Study(minimizing: "y", by: .random(seed: 1))
    let objective: @Sendable (Trial) throws -> Double = { trial in
      while trial.number == 2, isSlow.withLock({ $0 }), !trial.isCanceled { usleep(1_000) }
      return trial.real("x", 0...1)
    }
    let first = try study.run(trials: 6, workers: 2, until: [.seconds(0.2)], objective)
    #expect(first.end == .time && first.trials[2].state == .waiting && first.trials.count == 6)
    isSlow.withLock { $0 = false }
    let second = try study.run(trials: 6, workers: 2, objective)
    #expect(second.trials.allSatisfy { $0.state == .complete } && second.trials[2].attempts == 2)
  }

  @Test func trialsThatAreAskedForStayAlive() throws {
    let storage = SharedStorage()
    let study = try Study(
      "bench", storage: storage, objectives: [.minimizing("y")], by: .random(), silence: 0.3)
    let trial = try study.ask()
    // Two signs of life, however long they take here.
    while storage.beats.withLock({ $0.count }) < 2 { usleep(1_000) }
    try study.tell(trial, 1.0)
    #expect(storage.beats.withLock { Set($0) } == [0])
    #expect(try study.trials()[0].state == .complete)
  }

  @Test func whatDeadWorkersLeaveIsTakenOver() throws {
    let storage = SharedStorage()
    let first = try Study("s", storage: storage, minimizing: "y", by: .random(seed: 1))
    _ = try first.run(trials: 3) { $0.real("x", 0...1) }
    // Another machine's worker, which never comes back.
    let id = try storage.studies()[0].id
    let lost = try #require(try storage.claimTrial(of: id, below: 9, by: "elsewhere:1:0.0"))
    let second = try Study(
      "s", storage: storage, objectives: [.minimizing("y")], by: .random(seed: 1), silence: 0.2)
    let report = try second.run(trials: 6, workers: 2) { $0.real("x", 0...1) }
    #expect(report.trials.map(\.state) == Array(repeating: .complete, count: 6))
    #expect(lost.number == 3 && report.trials[3].attempts == 2)
    let alone = try Study(minimizing: "y", by: .random(seed: 1))
    #expect(try alone.run(trials: 6) { $0.real("x", 0...1) }.trials.map(\.values) == report.trials.map(\.values))
  }

  @Test func aTrialThatNeverEndsHasFailed() throws {
    let study = try Study(minimizing: "y", by: .random(seed: 1))
    let report = try study.run(trials: 4, timeLimit: 0.2) { trial in
      while trial.number == 1, !trial.isCanceled { usleep(1_000) }
      return 1.0
    }
    #expect(report.trials.map(\.state) == [.complete, .failed, .complete, .complete])
    #expect(report.trials[1].message == "it did not end within 0.2 seconds")
  }

  @Test(arguments: [1, 2]) func aCanceledTaskEndsItsStudy(workers: Int) async throws {
    let study = try Study(minimizing: "y", by: .random(seed: 1))
    let own = Guarded<Task<StudyReport, any Error>?>(nil)
    let task = Task.detached {
      try study.run(trials: 3, workers: workers) { trial in
        if trial.number == 0 { return trial.real("x", 0...1) }
        for step in 0..<60_000 {
          own.withLock { $0?.cancel() }
          try trial.report(0, at: step)
          usleep(1_000)
        }
        return 1
      }
    }
    own.withLock { $0 = task }
    let report = try await task.value
    #expect(report.end == .canceled && report.trials[1].state == .waiting)
  }

  @Test func whatFailsIsWrittenDown() throws {
    let study = try Study(minimizing: "y", by: .random(seed: 1))
    let report = try study.run(trials: 5) { trial -> Double in
      if trial.number == 1 { throw SearchError("bench", "on\nfire") }
      if trial.number == 2 { return .nan }
      return trial.number == 3 ? .infinity : Double(trial.number)
    }
    #expect(report.trials.map(\.state) == [.complete, .failed, .failed, .complete, .complete])
    #expect(report.trials[1].message == "bench: on\\nfire" && report.trials[2].message == "y is not a number")
    #expect(report.best.number == 0)
  }

  @Test func tooManyFailuresEndAStudy() throws {
    let study = try Study("cold", minimizing: "y", by: .random(seed: 1))
    #expect {
      try study.run(trials: 50, failures: 3) { _ -> Double in throw SearchError("bench", "cold") }
    } throws: {
      "\($0)" == "cold: 3 trials in a row have failed, the last, trial 2: bench: cold"
    }
    #expect(try study.trials().count == 3)
    #expect { try study.report() } throws: {
      "\($0)" == "cold: no trial has completed, of 3 failed; trial 2 failed: bench: cold"
    }
  }
}

/// Trials in memory that count as shared with other processes.
final class SharedStorage: TrialStorage {
  let memory = MemoryStorage()
  /// The trials that signs of life were given for.
  let beats = Guarded<[Int]>([])
  var name: String { "shared" }
  var isShared: Bool { true }

  func openStudy(_ description: StudyDescription) throws -> StudyRecord { try memory.openStudy(description) }
  func studies() throws -> [StudyRecord] { try memory.studies() }
  func deleteStudy(_ id: Int) throws { try memory.deleteStudy(id) }
  func trials(of study: Int, from first: Int) throws -> [TrialRecord] { try memory.trials(of: study, from: first) }
  func claimTrial(of study: Int, below limit: Int, by worker: String) throws -> TrialRecord? {
    try memory.claimTrial(of: study, below: limit, by: worker)
  }
  func enqueue(_ wishes: Settings, in study: Int) throws -> Int { try memory.enqueue(wishes, in: study) }
  func set(
    _ parameters: [Space.Parameter], to settings: Settings, of trial: Int, in study: Int, by worker: String
  ) throws { try memory.set(parameters, to: settings, of: trial, in: study, by: worker) }
  func report(_ value: Double, at step: Int, of trial: Int, in study: Int, by worker: String) throws {
    try memory.report(value, at: step, of: trial, in: study, by: worker)
  }
  func note(_ text: String, as name: String, of trial: Int, in study: Int, by worker: String) throws {
    try memory.note(text, as: name, of: trial, in: study, by: worker)
  }
  func finish(_ trial: Int, in study: Int, with outcome: TrialOutcome, by worker: String) throws {
    try memory.finish(trial, in: study, with: outcome, by: worker)
  }
  func release(_ trial: Int, in study: Int, by worker: String) throws {
    try memory.release(trial, in: study, by: worker)
  }
  func heartbeat(of trials: [Int], in study: Int, by worker: String) throws {
    beats.withLock { $0 += trials }
    try memory.heartbeat(of: trials, in: study, by: worker)
  }
  func releaseTrials(of study: Int, silentFor seconds: Double, attempts: Int) throws -> [Int] {
    try memory.releaseTrials(of: study, silentFor: seconds, attempts: attempts)
  }
}

@Suite struct StudyMistakeTests {
  func message(workers: Int = 2, _ body: @escaping @Sendable (Trial) throws -> Double) throws -> String {
    let study = try Study("s", minimizing: "y", by: .random(seed: 1))
    do { _ = try study.run(trials: 5, workers: workers, body) } catch { return "\(error)" }
    return ""
  }

  @Test func mistakesInParametersEndAStudy() throws {
    #expect(
      try message { $0.real("x", -1...1, scale: .logarithmic) }
        == "x: a logarithmic range lies above zero, and -1.0...1.0 does not")
    #expect(
      try message(workers: 1) { $0.real("x", 1...2) + Double($0.integer("x", 1...2)) }
        == "x: trial 0 asks for it as 1.0...2.0 and as 1...2; two parameters have two names")
    #expect(
      try message(workers: 1) { trial in
        let x = trial.real("x", 0...(trial.number < 2 ? 1 : 2))
        try trial.report(x, at: 0)
        return x
      } == "x: trial 2 asks for 0.0...2.0, and trial 0 has asked for 0.0...1.0; another range needs another name")
    #expect(try message { trial in trial.choice("x", []).isEmpty ? 1 : 2 } == "x: there are no options to choose from")
    #expect(
      try message { trial in Double(try trial.choice("x", among: [Int]())) } == "x: there are no options to choose from"
    )
    #expect(try message(workers: 1) { $0.real("", 0...1) } == "trial 0: a parameter has no name")
  }

  @Test func anotherNumberOfValuesEndsAStudy() throws {
    let study = try Study("s", minimizing: "y", by: .random(seed: 1))
    #expect { try study.run(trials: 2) { _ in [1.0, 2.0] } } throws: {
      "\($0)" == "s: trial 0 gave 2 values for 1 objectives: y"
    }
  }

  @Test func aStudyThatIsThereWithOtherObjectivesIsRefused() throws {
    let storage = MemoryStorage()
    _ = try Study("s", storage: storage, over: ["x": .toggle], minimizing: "error", by: .random())
    #expect { _ = try Study("s", storage: storage, maximizing: "score", by: .random()) } throws: {
      "\($0)"
        == "s: the study in memory is minimizing error, and maximizing score was asked for; give this one another name"
    }
    #expect {
      _ = try Study("s", storage: storage, over: ["x": .real(0...1)], minimizing: "error", by: .random())
    } throws: {
      "\($0)".contains("its x is on or off, and 0.0...1.0 was asked for")
    }
    #expect(try Study("s", storage: storage, minimizing: "error", by: .random()).space == ["x": .toggle])
  }

  @Test func aStudyThatMakesNoSenseIsRefused() throws {
    #expect(throws: SearchError.self) { try Study(objectives: [], by: .random()) }
    #expect { try Study(objectives: [.minimizing("a"), .maximizing("a")], by: .random()) } throws: {
      "\($0)" == "study: two objectives are called a"
    }
    #expect(throws: SearchError.self) { try Study("", minimizing: "a", by: .random()) }
    #expect(throws: SearchError.self) { try Study(over: [:], minimizing: "a", by: .random()) }
    let study = try Study(minimizing: "a", by: .random())
    #expect(throws: SearchError.self) { try study.run(trials: -1) { _ in 1.0 } }
    #expect(throws: SearchError.self) { try study.run(trials: 1, workers: 0) { _ in 1.0 } }
    #expect(throws: SearchError.self) { try study.run(trials: 1, until: [.seconds(-1)]) { _ in 1.0 } }
    #expect(throws: SearchError.self) { try study.run(trials: 1, timeLimit: .nan) { _ in 1.0 } }
  }

  @Test func constraintsThatNothingMeetsAreTold() throws {
    let space = Space([.init("x", .real(0...1))], allowing: [.sum(["x": -1], atMost: -2)])
    let study = try Study(over: space, minimizing: "a", by: .random())
    #expect { try study.run(trials: 2) { _ in 1.0 } } throws: {
      "\($0)".contains("none of 10000 settings that were drawn at random are allowed, where -1.0·x ≤ -2.0")
    }
  }
}
