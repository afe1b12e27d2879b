import DescentGraph

/// What a pass through a model is for: training or inference, with its random numbers and what layers report.
///
/// The run is a property of the pass, not of the model: a layer asks `Run.current`. Outside any run, passes are
/// inference.
public final class Run: Sendable {
  /// What the pass is for.
  public enum Purpose: Sendable { case training, inference }

  private struct State {
    var bound: [String: Tensor] = [:]
    var updates: [String: Tensor] = [:]
    var draws = 0
  }

  /// What layers report, which the steps of a loop and the pass around it share.
  private final class Reports: Sendable {
    let state = Guarded(State())
  }

  /// What the pass is for.
  public let purpose: Purpose
  /// The key that unbound parameters are initialised from, in a binding run.
  let bindingKey: RandomKey?
  private let key: RandomKey?
  private let reports: Reports

  @TaskLocal private static var active = Run(.inference)

  /// The run that is in progress here.
  public static var current: Run { active }

  package init(_ purpose: Purpose, key: RandomKey? = nil, bindingKey: RandomKey? = nil) {
    self.purpose = purpose
    self.key = key
    self.bindingKey = bindingKey
    reports = Reports()
  }

  private init(stepOf run: Run, key: RandomKey) {
    (purpose, bindingKey, reports) = (run.purpose, run.bindingKey, run.reports)
    self.key = key
  }

  /// This run as one step of a loop sees it, with random numbers of the step's own.
  func step(key: RandomKey) -> Run { Run(stepOf: self, key: key) }

  /// Calls a function within this run.
  package func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Run.$active.withValue(self, operation: body)
  }

  /// Whether the pass is for training.
  public var isTraining: Bool { purpose == .training }

  /// A fresh key for random numbers of this pass, or `nil` in a run without randomness.
  public func nextKey() -> RandomKey? {
    key?.split(
      reports.state.withLock { state in
        state.draws += 1
        return state.draws
      })
  }

  func newlyBound(_ path: String) -> Tensor? { reports.state.withLock { $0.bound[path] } }

  func bind(_ path: String, to tensor: Tensor) -> Tensor {
    reports.state.withLock { $0.bound[path] = tensor }
    return tensor
  }

  func update(_ path: String, to value: Tensor) { reports.state.withLock { $0.updates[path] = value } }

  /// Calls a function and takes back the running statistics that it reports, even where it throws: they belong to a
  /// function being recorded, which has to hand them out.
  ///
  /// - Returns: What the function gives, and what it reported, sorted by path.
  func takingBackUpdates<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, updates: [(path: String, value: Tensor)]) {
    let before = updates
    defer { reports.state.withLock { $0.updates = before } }
    let result = try body()
    let reported = updates.filter { before[$0.key]?.expression !== $0.value.expression }
    return (result, reported.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  /// The parameters that were given initial values, by path.
  package var boundParameters: [String: Tensor] { reports.state.withLock { $0.bound } }
  /// The running statistics that were given new values, by path.
  package var updates: [String: Tensor] { reports.state.withLock { $0.updates } }
}

/// Calls a function with every pass through a model counting as training: dropout drops, batch norm uses the batch.
///
/// - Parameters:
///   - seed: The seed of the pass's random numbers.
///   - body: The function.
public func training<Result>(seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
  try Run(.training, key: RandomKey(seed: seed)).perform(body)
}
