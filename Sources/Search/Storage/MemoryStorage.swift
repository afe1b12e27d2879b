import DescentGraph
import Foundation

/// Trials in the memory of this process, which end with it.
public final class MemoryStorage: TrialStorage {
  private struct Kept {
    var record: StudyRecord
    var trials: [TrialRecord] = []
    var heartbeats: [Int: Date] = [:]
  }

  private let kept = Guarded<(studies: [Int: Kept], next: Int)>(([:], 1))

  /// Makes an empty storage.
  public init() {}

  /// `memory`.
  public var name: String { "memory" }
  /// No other process sees it.
  public var isShared: Bool { false }

  private func withStudy<Result: Sendable>(
    _ id: Int, _ body: (inout Kept) throws -> Result
  ) throws -> Result {
    try kept.withLock { all in
      guard var study = all.studies[id] else { throw SearchError("memory", "there is no study \(id)") }
      // Taken out, so that its arrays are changed in place.
      all.studies[id] = nil
      defer { all.studies[id] = study }
      return try body(&study)
    }
  }

  private func withRunning(
    _ trial: Int, in study: Int, by worker: String, _ body: (inout TrialRecord) -> Void
  ) throws {
    try withStudy(study) { study in
      guard study.trials.indices.contains(trial) else {
        throw SearchError(
          "trial \(trial)", "the study \"\(study.record.description.name)\" has \(study.trials.count) trials")
      }
      let found = study.trials[trial]
      guard found.state == .running, found.worker == worker else {
        throw SearchError(
          "trial \(trial)",
          "it is \(found.state.rawValue)\(found.state == .running ? " by \(found.worker)" : ""), and \(worker) cannot change it"
        )
      }
      body(&study.trials[trial])
    }
  }

  /// The study of that name, or a new one.
  public func openStudy(_ description: StudyDescription) throws -> StudyRecord {
    kept.withLock { all in
      if let found = all.studies.values.first(where: { $0.record.description.name == description.name }) {
        return Self.counted(found)
      }
      let record = StudyRecord(id: all.next, description: description, start: Date(), trialCount: 0)
      all.studies[all.next] = Kept(record: record)
      all.next += 1
      return record
    }
  }

  private static func counted(_ kept: Kept) -> StudyRecord {
    var record = kept.record
    record.trialCount = kept.trials.count
    return record
  }

  /// All studies.
  public func studies() throws -> [StudyRecord] {
    kept.withLock { $0.studies.values.map(Self.counted) }.sorted { $0.id < $1.id }
  }

  /// Deletes a study.
  public func deleteStudy(_ id: Int) throws { kept.withLock { $0.studies[id] = nil } }

  /// The trials from a number on.
  public func trials(of study: Int, from first: Int) throws -> [TrialRecord] {
    try withStudy(study) { Array($0.trials.dropFirst(max(first, 0))) }
  }

  /// The next trial for a worker.
  public func claimTrial(of study: Int, below limit: Int, by worker: String) throws -> TrialRecord? {
    try withStudy(study) { study in
      let number = study.trials.first { $0.state == .waiting }?.number ?? study.trials.count
      guard number < limit else { return nil }
      let old = number < study.trials.count ? study.trials[number] : nil
      let record = TrialRecord(
        number: number, wishes: old?.wishes ?? [:], worker: worker, attempts: (old?.attempts ?? 0) + 1, start: Date())
      if old == nil { study.trials.append(record) } else { study.trials[number] = record }
      study.heartbeats[number] = Date()
      return record
    }
  }

  /// Adds a waiting trial.
  public func enqueue(_ wishes: Settings, in study: Int) throws -> Int {
    try withStudy(study) { study in
      study.trials.append(TrialRecord(number: study.trials.count, state: .waiting, wishes: wishes))
      return study.trials.count - 1
    }
  }

  /// Writes parameters down.
  public func set(
    _ parameters: [Space.Parameter], to settings: Settings, of trial: Int, in study: Int, by worker: String
  ) throws {
    try withRunning(trial, in: study, by: worker) { record in
      for parameter in parameters {
        record.domains[parameter.name] = parameter.domain
        record.settings[parameter.name] = settings[parameter.name]
      }
    }
  }

  /// Writes an intermediate value down.
  public func report(_ value: Double, at step: Int, of trial: Int, in study: Int, by worker: String) throws {
    try withRunning(trial, in: study, by: worker) { record in
      if record.reports[step] == nil { record.reports[step] = value }
    }
  }

  /// Writes a note down.
  public func note(_ text: String, as name: String, of trial: Int, in study: Int, by worker: String) throws {
    try withRunning(trial, in: study, by: worker) { $0.notes[name] = text }
  }

  /// Ends a trial.
  public func finish(_ trial: Int, in study: Int, with outcome: TrialOutcome, by worker: String) throws {
    try withRunning(trial, in: study, by: worker) { record in
      record.state = outcome.state
      record.values = outcome.values
      record.violations = outcome.violations
      record.message = outcome.message
      record.end = Date()
    }
  }

  /// Makes a trial wait again.
  public func release(_ trial: Int, in study: Int, by worker: String) throws {
    try withRunning(trial, in: study, by: worker) { record in
      record = TrialRecord(number: record.number, state: .waiting, wishes: record.wishes, attempts: record.attempts)
    }
  }

  /// Says that trials are still run.
  public func heartbeat(of trials: [Int], in study: Int, by worker: String) throws {
    try withStudy(study) { study in
      for trial in trials where study.trials.indices.contains(trial) && study.trials[trial].worker == worker {
        study.heartbeats[trial] = Date()
      }
    }
  }

  /// Makes silent trials wait again.
  public func releaseTrials(of study: Int, silentFor seconds: Double, attempts: Int) throws -> [Int] {
    try withStudy(study) { study in
      let now = Date()
      var released: [Int] = []
      for (place, trial) in study.trials.enumerated() where trial.state == .running {
        let silence = now.timeIntervalSince(study.heartbeats[place] ?? .distantPast)
        guard silence >= seconds else { continue }
        if trial.attempts >= attempts {
          study.trials[place].state = .failed
          study.trials[place].message = "its worker \(trial.worker) fell silent, in attempt \(trial.attempts)"
          study.trials[place].end = now
        } else {
          study.trials[place] = TrialRecord(
            number: trial.number, state: .waiting, wishes: trial.wishes, attempts: trial.attempts)
          released.append(trial.number)
        }
      }
      return released
    }
  }
}

extension TrialStorage where Self == MemoryStorage {
  /// The memory of this process.
  public static var memory: MemoryStorage { MemoryStorage() }
}
