import DescentTensors

/// Lion: each number moves by the rate, against the sign of a momentum, which is all that it remembers.
///
/// The parameter moves by `−rate · sign(β₁ m + (1 − β₁) g)`, and then `m = β₂ m + (1 − β₂) g`. Take a rate of a third to a tenth of
/// AdamW's, and a decay as much larger: `Lion(learningRate: 1e-4).decaying(0.1, where: .matrices)`. Source: Chen and others,
/// "Symbolic Discovery of Optimization Algorithms", 2023.
public struct Lion: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The part of the momentum in the direction of a step.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the momentum.
  public var beta2: Hyperparameter

  /// Lion with the numbers of its paper.
  public init(learningRate: LearningRate = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
  }

  /// The momentum.
  public func initialState(for parameter: Tensor) -> Tensor { Tensor(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor, at step: StepContext) -> Tensor {
    let direction = sign(beta1.mean(state, parameter.gradient))
    state = beta2.mean(state, parameter.gradient)
    return -step.rate(learningRate) * direction
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("Lion", [("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1)])
  }
}
