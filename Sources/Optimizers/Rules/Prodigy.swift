import DescentTensors

/// Adam that finds its learning rate: it estimates how far away the solution lies from how far the parameters have come
/// along their gradients, and never takes the estimate back.
///
/// With the distance d, `m = β₁ m + (1 − β₁) d g`, `v = β₂ v + (1 − β₂) (d g)²`, `γ = d · rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ)`,
/// `r = √β₂ r + γ d / d₀ · ⟨g, w₀ − w⟩`, `s = √β₂ s + γ d / d₀ · g`; then d becomes `max(d, r / ‖s‖₁)` and the parameter moves by
/// `−γ m / (√v + d ε) − γ · weightDecay · w`. Leave the rate at 1, or let it fall along a cosine. Source: Mishchenko and Defazio,
/// "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", 2023.
public struct Prodigy: Optimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// Adam's moments, of gradients times the distance.
    public var moments: Moments
    /// The sum of gradients, which decays.
    public var sum: Tensor
    /// Where the parameter began.
    public var start: Tensor
  }

  /// The estimate, and what is remembered of each parameter.
  public struct State: Codable, Sendable {
    /// The estimated distance of the solution, a Float64 scalar.
    public var distance: Tensor
    /// How far the parameters have come along their gradients, a Float64 scalar.
    public var progress: Tensor
    /// What is remembered of each parameter, by its path.
    public var parameters: [String: Memory]
  }

  /// What steps are multiplied by, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment; the estimate's decay by its root.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability, times the distance.
  public var epsilon: Hyperparameter
  /// The decoupled weight decay.
  public var weightDecay: Hyperparameter
  /// Which parameters decay.
  public var decaying: ParameterSelection
  /// The distance that is begun with, which should be too small.
  public var initialDistance: Hyperparameter
  /// What estimates are multiplied by.
  public var coefficient: Hyperparameter

  /// Prodigy with the numbers of its paper.
  ///
  /// - Parameter decaying: Which parameters decay: matrices and kernels where nothing else is said.
  public init(
    learningRate: LearningRate = 1, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, decaying: ParameterSelection = .matrices, initialDistance: Double = 1e-6,
    coefficient: Double = 1
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.decaying = decaying
    self.initialDistance = Hyperparameter(initialDistance)
    self.coefficient = Hyperparameter(coefficient)
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var memories: [String: Memory] = [:]
    for parameter in parameters {
      let value = parameter.value
      memories[parameter.path] = Memory(
        moments: Moments(zerosLike: value), sum: Tensor(zerosLike: value), start: value)
    }
    return State(distance: initialDistance.tensor, progress: Tensor(0, .float64), parameters: memories)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let last = state.distance
    let correction = sqrt(step.biasCorrection(beta2)) / step.biasCorrection(beta1)
    let length = last * learningRate(step.number) * correction
    let weight = length * last / initialDistance.tensor
    let kept = sqrt(beta2.tensor)
    var (gain, size) = (Tensor(0, .float64), Tensor(0, .float64))
    for parameter in parameters {
      let path = parameter.path
      guard var memory = state.parameters[path] else { throw TensorError("Prodigy", "remembers nothing of \(path)") }
      let (gradient, type) = (parameter.gradient, parameter.workingType)
      memory.moments.add(gradient * last.converted(to: type), beta1, beta2)
      memory.sum = memory.sum * kept.converted(to: type) + gradient * weight.converted(to: type)
      gain += dot([gradient], [memory.start - parameter.value])
      size += abs(memory.sum.converted(to: .float64)).sum()
      state.parameters[path] = memory
    }
    state.progress = state.progress * kept + weight * gain
    // Without a gradient nothing is known.
    let isKnown = size .> 0
    let estimate = coefficient.tensor * state.progress / `where`(isKnown, size, Tensor(1, .float64))
    let distance = `where`(isKnown, maximum(last, estimate), last)
    state.distance = distance
    return parameters.map { parameter in
      let (value, type) = (parameter.value, parameter.workingType)
      guard let moments = state.parameters[parameter.path]?.moments else { return Tensor(zerosLike: value) }
      let spread = sqrt(moments.second) + (distance * epsilon.tensor).converted(to: type)
      let movement = moments.first * (-length).converted(to: type) / spread
      guard !weightDecay.isZero, decaying.contains(parameter.info) else { return movement }
      return movement - value * (length * weightDecay.tensor).converted(to: type)
    }
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("Prodigy", beta1, beta2, epsilon, weightDecay)
    try check(
      "Prodigy",
      [
        ("initialDistance", initialDistance, Double.leastNormalMagnitude..<Double.infinity),
        ("coefficient", coefficient, .notNegative),
      ])
  }
}
