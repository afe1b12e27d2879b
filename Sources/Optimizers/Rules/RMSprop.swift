import DescentTensors

/// RMSprop: gradients divided by the root of the running mean of their squares.
///
/// `v = α v + (1 − α) g²`, and the parameter moves by `−rate · g / (√v + ε)`. Centered, the square of the gradient's own
/// running mean is subtracted from v, which leaves its variance. With momentum, `m = momentum · m + g / (√v + ε)` takes
/// the quotient's place. Sources: Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012; Graves,
/// "Generating Sequences With Recurrent Neural Networks", 2013.
public struct RMSprop: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// The running mean of the squared gradient.
    public var squares: Tensor
    /// The running mean of the gradient, where it is centered.
    public var mean: Tensor?
    /// The last movement without the rate, where there is momentum.
    public var velocity: Tensor?
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the means.
  public var decay: Hyperparameter
  /// What is added to the root for numerical stability.
  public var epsilon: Hyperparameter
  /// The momentum: the part of the last movement that is kept.
  public var momentum: Hyperparameter
  /// Whether the variance of gradients is divided by instead of the mean of their squares.
  public var centered: Bool

  /// RMSprop with customary settings.
  public init(
    learningRate: LearningRate = 1e-2, decay: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    centered: Bool = false
  ) {
    self.learningRate = learningRate
    self.decay = Hyperparameter(decay)
    self.epsilon = Hyperparameter(epsilon)
    self.momentum = Hyperparameter(momentum)
    self.centered = centered
  }

  public func initialState(for parameter: Tensor) -> Memory {
    let zeros = Tensor(zerosLike: parameter)
    return Memory(squares: zeros, mean: centered ? zeros : nil, velocity: momentum.isZero ? nil : zeros)
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let gradient = parameter.gradient
    state.squares = decay.mean(state.squares, square(gradient))
    state.mean = state.mean.map { decay.mean($0, gradient) }
    // Rounding may make the difference of two equal numbers negative.
    let variance = state.mean.map { maximum(state.squares - square($0), 0) } ?? state.squares
    let scaled = gradient / (sqrt(variance) + epsilon.in(parameter.workingType))
    state.velocity = state.velocity.map { $0 * momentum.in(parameter.workingType) + scaled }
    return -step.rate(learningRate) * (state.velocity ?? scaled)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("RMSprop", [("decay", decay, 0..<1), ("epsilon", epsilon, .notNegative), ("momentum", momentum, 0..<1)])
  }
}
