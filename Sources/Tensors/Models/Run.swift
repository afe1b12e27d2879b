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

  /// What the pass is for.
  public let purpose: Purpose
  /// The key that unbound parameters are initialised from, in a binding run.
  let bindingKey: RandomKey?
  private let key: RandomKey?
  private let state = Guarded(State())

  @TaskLocal private static var active = Run(.inference)

  /// The run that is in progress here.
  public static var current: Run { active }

  package init(_ purpose: Purpose, key: RandomKey? = nil, bindingKey: RandomKey? = nil) {
    self.purpose = purpose
    self.key = key
    self.bindingKey = bindingKey
  }

  /// Calls a function within this run.
  package func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Run.$active.withValue(self, operation: body)
  }

  /// Whether the pass is for training.
  public var isTraining: Bool { purpose == .training }

  /// A fresh key for random numbers of this pass, or `nil` in a run without randomness.
  public func nextKey() -> RandomKey? {
    key?.split(
      state.withLock { state in
        state.draws += 1
        return state.draws
      })
  }

  func newlyBound(_ path: String) -> Tensor? { state.withLock { $0.bound[path] } }

  func bind(_ path: String, to tensor: Tensor) -> Tensor {
    state.withLock { $0.bound[path] = tensor }
    return tensor
  }

  func update(_ path: String, to value: Tensor) { state.withLock { $0.updates[path] = value } }

  /// The parameters that were given initial values, by path.
  package var boundParameters: [String: Tensor] { state.withLock { $0.bound } }
  /// The running statistics that were given new values, by path.
  package var updates: [String: Tensor] { state.withLock { $0.updates } }
}

/// Calls a function with every pass through a model counting as training: dropout drops, batch norm uses the batch.
///
/// - Parameters:
///   - seed: The seed of the pass's random numbers.
///   - body: The function.
public func training<Result>(seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
  try Run(.training, key: RandomKey(seed: seed)).perform(body)
}
