import DescentGraph
import Foundation

/// One setting that is tried: the function that is measured asks it for its parameters, and may report how it goes.
///
/// ```swift
/// let rate = trial.real("learningRate", 1e-5...1e-1, scale: .logarithmic)
/// let layers = trial.integer("layers", 1...4)
/// let widths = (0..<layers).map { trial.integer("units\($0)", 16...512, scale: .logarithmic) }
/// ```
///
/// A parameter's values are the same in every trial that asks for it; which parameters there are may depend on others. A
/// mistake, such as a range that was another one before, is thrown by the next `report` and ends the study.
public final class Trial: Sendable {
  struct State {
    var domains: [String: Domain] = [:]
    var settings: Settings = [:]
    /// Values that the method has chosen already, of parameters that nobody has asked for yet.
    var drawn: Settings
    /// Parameters that the storage does not hold yet.
    var unwritten: [Space.Parameter] = []
    var reports: [Int: Double] = [:]
    var violations: [Double] = []
    var mistake: (any Error)?
    /// Why the trial is not wanted any more.
    var cancellation: String?
    var isTold = false
  }

  /// The trial's number in its study, from 0.
  public let number: Int
  /// Who runs it.
  let worker: String
  /// What its method and its pruner may know of.
  let view: TrialView?
  /// The study that it belongs to.
  let study: Study?
  let wishes: Settings
  let start = Date()
  let state: Guarded<State>

  init(_ record: TrialRecord, of study: Study, view: TrialView, drawn: Settings) {
    number = record.number
    worker = record.worker
    wishes = record.wishes
    self.study = study
    self.view = view
    state = Guarded(State(drawn: drawn))
  }

  /// Makes a trial of given settings, without a study: to call a measured function once more, such as with the best ones.
  ///
  /// Parameters that are not among the settings have the middle of their range, or their first option.
  public init(_ settings: Settings, number: Int = 0) {
    self.number = number
    wishes = settings
    worker = ""
    (study, view) = (nil, nil)
    state = Guarded(State(drawn: [:]))
  }

  /// The values of the parameters that were asked for so far, and those of a declared space.
  public var settings: Settings { state.withLock { $0.settings } }

  /// Whether the trial is not wanted any more: its time is over, or the study's, or the study was canceled. Functions that
  /// run long ask now and then, or report.
  public var isCanceled: Bool { state.withLock { $0.cancellation != nil } }

  /// What is known of the trial so far.
  public var record: TrialRecord {
    state.withLock { state in
      TrialRecord(
        number: number, domains: state.domains, settings: state.settings, violations: state.violations,
        reports: state.reports, wishes: wishes, worker: worker, start: start)
    }
  }

  /// Reports an intermediate value, such as the validation loss after an epoch.
  ///
  /// - Parameters:
  ///   - value: The value, of the study's one objective: to be as small, or as large, as that. NaN counts as the worst.
  ///   - step: How far the trial is; a step's first value counts.
  /// - Throws: `TrialPruned` where the trial need not go on, which is to be handed on; `CancellationError` where it is not
  ///   wanted any more; `SearchError` of a mistake that was made in this trial.
  public func report(_ value: Double, at step: Int) throws {
    // One that was given up may be another attempt's by now.
    if isCanceled { throw CancellationError() }
    state.withLock { if $0.reports[step] == nil { $0.reports[step] = value } }
    try study?.report(value, at: step, of: self)
    try throwMistake()
    if isCanceled || Task.isCancelled { throw CancellationError() }
  }

  /// Reports how far the trial is from meeting constraints that only show when it is measured.
  ///
  /// - Parameter violations: One number for each constraint: what is above zero violates it. They replace earlier ones.
  public func report(violations: [Double]) { state.withLock { $0.violations = violations } }

  /// Writes something down about the trial, which a report of the study shows.
  ///
  /// - Throws: `CancellationError` where the trial is not wanted any more; what the storage throws.
  public func note(_ text: String, as name: String) throws {
    if isCanceled { throw CancellationError() }
    try study?.note(text, as: name, of: self)
  }

  func throwMistake() throws {
    if let mistake = state.withLock({ $0.mistake }) { throw mistake }
  }

  func cancel(_ reason: String) { state.withLock { if $0.cancellation == nil { $0.cancellation = reason } } }

  /// Whether this is the first time that somebody says how the trial ended.
  func markTold() -> Bool {
    state.withLock { state in
      defer { state.isTold = true }
      return !state.isTold
    }
  }

  /// The parameters that the storage does not hold yet, which it is about to.
  func takeUnwritten() -> ([Space.Parameter], Settings) {
    state.withLock { state in
      defer { state.unwritten = [] }
      return (state.unwritten, state.settings)
    }
  }
}

/// What a method and a pruner may know of when they decide about a trial.
struct TrialView: Sendable {
  /// What the method sees.
  var history: History
  /// What the pruner sees, `nil` where that is everything at the time.
  var comparison: History?
  /// Parameters that belong together, from the trials that the method sees.
  var groups: [[Space.Parameter]]
}
