import DescentTensors

/// Adam with Nesterov's momentum, which grows toward β₁ over the first steps.
///
/// With `μₜ = β₁ (1 − 0.96^(t · momentumDecay) / 2)` and Adam's moments the parameter moves by
/// `−rate · (μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)) / (√(v / (1 − β₂ᵗ)) + ε)`. Source: Dozat, "Incorporating Nesterov
/// Momentum into Adam", 2016.
public struct NAdam: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// Adam's moments.
    public var moments: Moments
    /// The product of all momenta so far, a Float64 scalar.
    public var product: Tensor
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment, and the momentum that is approached.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter
  /// How fast the momentum approaches β₁; with 0 it stays at half of it.
  public var momentumDecay: Hyperparameter

  /// NAdam with customary settings.
  public init(
    learningRate: LearningRate = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 4e-3
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.momentumDecay = Hyperparameter(momentumDecay)
  }

  public func initialState(for parameter: Tensor) -> Memory {
    Memory(moments: Moments(zerosLike: parameter), product: Tensor(1, .float64))
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let (gradient, type) = (parameter.gradient, parameter.workingType)
    func momentum(_ number: Tensor) -> Tensor {
      let power = pow(Tensor(0.96, .float64), number * momentumDecay.tensor)
      return beta1.tensor * (1.0 - power * 0.5)
    }
    let (now, next) = (momentum(step.age), momentum(step.age + 1.0))
    state.moments.add(gradient, beta1, beta2)
    state.product *= now
    let ofMean = next / (1.0 - state.product * next)
    let ofGradient = (1.0 - now) / (1.0 - state.product)
    let direction = state.moments.first * ofMean.converted(to: type) + gradient * ofGradient.converted(to: type)
    let second = state.moments.second * (1.0 / step.biasCorrection(beta2)).converted(to: type)
    return -step.rate(learningRate) * direction / (sqrt(second) + epsilon.in(type))
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check(
      "NAdam",
      [
        ("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative),
        ("momentumDecay", momentumDecay, .notNegative),
      ])
  }
}
