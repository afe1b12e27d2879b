import DescentTensors

/// Resilient back-propagation: each number has a step length of its own, which grows while its gradient keeps its sign
/// and shrinks where the sign changes. It is for gradients of the whole training set, not for those of batches.
///
/// Where the sign changes the number stays, and its next gradient counts as the first. Source: Riedmiller and Braun, "A Direct
/// Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm", 1993, without its way back.
public struct Rprop: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// The length of each number's next step.
    public var lengths: Tensor
    /// The signs of the last gradient, 0 where they changed.
    public var signs: Tensor
  }

  /// The length of the first step. A schedule has no say in what follows.
  public var initialLength: Hyperparameter
  /// What a length is multiplied by where the sign of the gradient changes.
  public var shrinking: Hyperparameter
  /// What a length is multiplied by where the sign stays.
  public var growing: Hyperparameter
  /// The least length.
  public var least: Hyperparameter
  /// The largest length.
  public var most: Hyperparameter

  /// Rprop with customary settings.
  public init(
    initialLength: Double = 1e-2, shrinking: Double = 0.5, growing: Double = 1.2, least: Double = 1e-6,
    most: Double = 50
  ) {
    self.initialLength = Hyperparameter(initialLength)
    self.shrinking = Hyperparameter(shrinking)
    self.growing = Hyperparameter(growing)
    self.least = Hyperparameter(least)
    self.most = Hyperparameter(most)
  }

  public func initialState(for parameter: Tensor) -> Memory {
    let zeros = Tensor(zerosLike: parameter)
    return Memory(lengths: zeros + initialLength.in(parameter.elementType), signs: zeros)
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let type = parameter.workingType
    let signs = sign(parameter.gradient)
    let agreement = signs * state.signs
    let changes = agreement .< 0
    let factor = `where`(changes, shrinking.in(type), `where`(agreement .> 0, growing.in(type), Tensor(1, type)))
    state.lengths = minimum(maximum(state.lengths * factor, least.in(type)), most.in(type))
    state.signs = `where`(changes, Tensor(0, type), signs)
    return -state.signs * state.lengths
  }

  public func validate() throws {
    try check(
      "Rprop",
      [
        ("initialLength", initialLength, .notNegative), ("shrinking", shrinking, 0..<1),
        ("growing", growing, 1..<Double.infinity), ("least", least, .notNegative), ("most", most, .notNegative),
      ])
  }
}
