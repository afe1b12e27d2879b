import DescentTensors

extension Optimizer {
  /// The same rule with normally distributed noise added to the gradients, of variance `variance / t^decay` at step t.
  ///
  /// The noise follows from the run's seed and the number of the step. Source: Neelakantan and others, "Adding Gradient Noise Improves
  /// Learning for Very Deep Networks", 2015.
  /// - Parameters:
  ///   - variance: The noise's variance in the first step.
  ///   - decay: How fast it falls with the number of steps.
  public func addingNoise(variance: Double = 0.01, decay: Double = 0.55) -> Noisy<Self> {
    Noisy(base: self, variance: Hyperparameter(variance), decay: Hyperparameter(decay))
  }
}

/// An optimizer that sees gradients with noise; made by `addingNoise(variance:decay:)`.
public struct Noisy<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// The noise's variance in the first step.
  public var variance: Hyperparameter
  /// How fast it falls with the number of steps.
  public var decay: Hyperparameter

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    let deviation = sqrt(variance.tensor * pow(step.number, -decay.tensor))
    let key = step.key.split("noise")
    var noisy = parameters
    for index in noisy.indices {
      let (parameter, type) = (noisy[index], noisy[index].workingType)
      let noise = key.split(parameter.path).normal(parameter.value.shape).converted(to: type)
      noisy[index].gradient += noise * deviation.converted(to: type)
    }
    // A rule within draws numbers of its own.
    var own = step
    own.key = step.key.split("within noise")
    return try base.movements(of: noisy, state: &state, at: own)
  }

  public func validate() throws {
    try check("addingNoise", [("variance", variance, .notNegative), ("decay", decay, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).addingNoise(variance: \(variance), decay: \(decay))" }
}
