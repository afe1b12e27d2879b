import DescentTensors

/// Sophia: the momentum divided by an estimate of the Hessian's diagonal, number by number, and held within a bound, so that flat
/// directions are followed far and steep or concave ones as by signs.
///
/// The parameter moves by `−rate · clip(m / max(γ h, ε), ±1)` with `m = β₁ m + (1 − β₁) g`. Every `interval` steps, from the first on,
/// `h = β₂ h + (1 − β₂) ĥ` with an estimate ĥ of the diagonal, which asks the objective; see `Estimate`. Decay is `.decaying(_:where:)`. Source: Liu and others, "Sophia: A Scalable Stochastic Second-order Optimizer for Language Model
/// Pre-training", 2023.
public struct Sophia: Optimizer {
  /// How the diagonal is estimated.
  public enum Estimate: String, Codable, Hashable, Sendable, CaseIterable {
    /// By Hutchinson's estimate of the Hessian's, `u ⊙ (H u)` with random signs u, at the cost of about two gradients.
    case hutchinson
    /// By that of Gauss, Newton and Bartlett: the squared gradient for targets that are drawn from what the model predicts, times the number
    /// of rows, which is never negative and costs a gradient. Of losses that do not say what a model predicts, the data's own
    /// targets are taken; see ``FisherTargets``.
    case gaussNewtonBartlett
  }

  /// The momentum and the curvature of each parameter.
  public struct State: Codable, Sendable {
    /// The running means of the gradients, by the parameters' paths.
    public var first: [String: Tensor]
    /// The running means of the Hessian's diagonal, by the parameters' paths.
    public var curvature: [String: Tensor]
  }

  /// The learning rate, constant or scheduled: the largest movement of a number.
  public var learningRate: LearningRate
  /// The exponential decay rate of the momentum.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the curvature, from estimate to estimate.
  public var beta2: Hyperparameter
  /// γ, what the curvature is multiplied by: the larger, the more numbers move by their curvature instead of the bound.
  public var scale: Hyperparameter
  /// The least number that the momentum is divided by.
  public var epsilon: Hyperparameter
  /// After how many steps the curvature is estimated again.
  public var interval: Int
  /// How the curvature is estimated.
  public var estimate: Estimate

  /// Sophia with the numbers of its paper.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.96, beta2: Double = 0.99, scale: Double = 0.01,
    epsilon: Double = 1e-12, interval: Int = 10, estimate: Estimate = .hutchinson
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.scale = Hyperparameter(scale)
    self.epsilon = Hyperparameter(epsilon)
    self.interval = interval
    self.estimate = estimate
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var zeros: [String: Tensor] = [:]
    for parameter in parameters { zeros[parameter.path] = Tensor(zerosLike: parameter.value) }
    return State(first: zeros, curvature: zeros)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let known = try parameters.map { parameter in
      guard let found = state.curvature[parameter.path] else { throw unknown(parameter) }
      return found
    }
    let curvature = try cond(step.isDue(every: interval)) {
      try estimated(parameters, known, at: step)
    } else: {
      known
    }
    let rate = learningRate(step.number)
    return try zip(parameters, curvature).map { parameter, curvature in
      let type = parameter.workingType
      guard let last = state.first[parameter.path] else { throw unknown(parameter) }
      let mean = beta1.mean(last, parameter.gradient)
      (state.first[parameter.path], state.curvature[parameter.path]) = (mean, curvature)
      let quotient = mean / maximum(curvature * scale.in(type), epsilon.in(type))
      return minimum(maximum(quotient, -1), 1) * (-rate).converted(to: type)
    }
  }

  /// The next curvature: a sample of the diagonal of the Hessian is taken in.
  private func estimated(
    _ parameters: [OptimizedParameter], _ known: [Tensor], at step: StepContext
  ) throws -> [Tensor] {
    let key = step.key.split("Sophia")
    if estimate == .gaussNewtonBartlett {
      let pass = try CurvaturePass(step.objective, at: parameters.map(\.value), .sampled, key)
      let squares = try pass.sum { column in column.gradients.map { square($0) } }
      return zip(known, squares).map { beta2.mean($0, $1.converted(to: $0.elementType)) }
    }
    let signs = parameters.map { parameter in
      let isPositive = key.split(parameter.path).bernoulli(parameter.value.shape, probability: 0.5)
      return `where`(isPositive, Tensor(1, parameter.workingType), Tensor(-1, parameter.workingType))
    }
    let products = try step.objective.hessianVectorProduct(at: parameters.map(\.value), along: signs)
    return zip(known, zip(signs, products)).map { known, sample in
      beta2.mean(known, sample.0 * sample.1.converted(to: known.elementType))
    }
  }

  private func unknown(_ parameter: OptimizedParameter) -> TensorError {
    TensorError("Sophia", "remembers nothing of \(parameter.path), which was not there before the first step")
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check(
      "Sophia",
      [
        ("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("scale", scale, .notNegative),
        ("epsilon", epsilon, .notNegative),
      ])
    guard interval >= 1 else { throw TensorError("Sophia", "its interval must be at least 1, found \(interval)") }
  }
}
