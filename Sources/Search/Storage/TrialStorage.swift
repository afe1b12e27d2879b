import Foundation

/// Where the trials of studies are kept.
///
/// Several workers, in threads, processes or on machines, use one storage at once, each through an instance of its own or
/// a shared one. Every call is all or nothing, and what it has written is not lost when the process is killed after it.
/// A trial that has ended never changes.
///
/// Workers are called `host:process:study.thread`.
public protocol TrialStorage: Sendable {
  /// Where it is, in words: `memory`, `sqlite runs/trials.db`.
  var name: String { get }
  /// Whether other processes may write to it, so that it has to be asked what is new.
  var isShared: Bool { get }

  /// The study of a description's name: an existing one as it is kept, whatever else the description says, or a new one.
  func openStudy(_ description: StudyDescription) throws -> StudyRecord
  /// All studies, in the order in which they were made.
  func studies() throws -> [StudyRecord]
  /// Deletes a study with its trials; nothing where there is no such study.
  func deleteStudy(_ id: Int) throws

  /// The trials of a study whose numbers are at least `first`, by number, without gaps.
  func trials(of study: Int, from first: Int) throws -> [TrialRecord]
  /// Gives a worker the next trial to run: the waiting trial of the lowest number, otherwise a new one, whose number is the
  /// count of trials so far.
  ///
  /// No other worker is given the same trial. The trial is `running` from then on, of this worker, with one attempt more,
  /// its start and a first heartbeat; what an earlier attempt has set, reported or noted is gone, and its wishes stay.
  /// - Parameter limit: The number that the trial's has to lie below.
  /// - Returns: `nil` where there is no such trial.
  func claimTrial(of study: Int, below limit: Int, by worker: String) throws -> TrialRecord?
  /// Adds a waiting trial with wishes.
  ///
  /// - Returns: Its number.
  func enqueue(_ wishes: Settings, in study: Int) throws -> Int

  /// Writes parameters of a running trial down.
  func set(_ parameters: [Space.Parameter], to settings: Settings, of trial: Int, in study: Int, by worker: String)
    throws
  /// Writes an intermediate value of a running trial down; one that the step has already stays.
  func report(_ value: Double, at step: Int, of trial: Int, in study: Int, by worker: String) throws
  /// Writes a note about a running trial down, in place of one of that name.
  func note(_ text: String, as name: String, of trial: Int, in study: Int, by worker: String) throws
  /// Ends a running trial.
  ///
  /// - Throws: `SearchError` where the trial is not this worker's any more, or has ended.
  func finish(_ trial: Int, in study: Int, with outcome: TrialOutcome, by worker: String) throws

  /// Makes a running trial of a worker that gives it up wait again, as it was before it was claimed.
  func release(_ trial: Int, in study: Int, by worker: String) throws
  /// Says that a worker still runs these trials.
  func heartbeat(of trials: [Int], in study: Int, by worker: String) throws
  /// Makes trials of workers that have died wait again: those without a heartbeat for some seconds, and those whose worker
  /// is known to be gone. What has been begun `attempts` times has failed instead.
  ///
  /// - Returns: The numbers of the trials that wait again.
  func releaseTrials(of study: Int, silentFor seconds: Double, attempts: Int) throws -> [Int]
}

/// What a study is, as it is first asked for.
public struct StudyDescription: Hashable, Sendable, Codable {
  /// Its name, which tells it from others in its storage.
  public var name: String
  /// What it looks for.
  public var objectives: [StudyObjective]
  /// Its space where that was declared.
  public var space: Space?
  /// Its method and pruner in words.
  public var method: String

  /// Makes a description.
  public init(name: String, objectives: [StudyObjective], space: Space? = nil, method: String = "") {
    self.name = name
    self.objectives = objectives
    self.space = space
    self.method = method
  }
}

/// A study that a storage holds.
public struct StudyRecord: Hashable, Sendable {
  /// What the storage calls it.
  public var id: Int
  /// What it is.
  public var description: StudyDescription
  /// When it was made.
  public var start: Date
  /// How many trials it has.
  public var trialCount: Int

  /// Makes a record.
  public init(id: Int, description: StudyDescription, start: Date, trialCount: Int) {
    self.id = id
    self.description = description
    self.start = start
    self.trialCount = trialCount
  }
}

/// How a trial ended.
public struct TrialOutcome: Hashable, Sendable {
  /// `complete`, `pruned` or `failed`.
  public var state: TrialRecord.State
  /// The results, one per objective; empty where it did not complete.
  public var values: [Double]
  /// How far it is from meeting each measured constraint.
  public var violations: [Double]
  /// Why it was pruned or failed.
  public var message: String

  /// Makes an outcome.
  public init(_ state: TrialRecord.State, values: [Double] = [], violations: [Double] = [], message: String = "") {
    self.state = state
    self.values = values
    self.violations = violations
    self.message = message
  }
}
