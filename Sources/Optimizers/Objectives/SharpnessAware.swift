import DescentTensors

extension Optimizer {
  /// The same rule with the gradient taken where the loss is worst nearby: at `w + radius · g / ‖g‖`, over all parameters
  /// together. Flat minima are preferred; a step costs a second gradient.
  ///
  /// What wraps it sees the gradient there: write `.clipping(…)` and `.accumulating(…)` before it. Source: Foret, Kleiner, Mobahi and Neyshabur, "Sharpness-Aware Minimization for Efficiently Improving
  /// Generalization", 2020.
  public func sharpnessAware(radius: Double = 0.05) -> SharpnessAware<Self> {
    SharpnessAware(base: self, radius: Hyperparameter(radius))
  }
}

/// An optimizer that follows the gradient at the worst point nearby; made by `sharpnessAware(radius:)`.
public struct SharpnessAware<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// How far away the gradient is taken.
  public var radius: Hyperparameter

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    let gradients = parameters.map(\.gradient)
    // Without a gradient there is no worst direction, and the point stays.
    let scale = radius.tensor / maximum(sqrt(dot(gradients, gradients)), Tensor(1e-12, .float64))
    let point = parameters.map { $0.value + $0.gradient * scale.converted(to: $0.workingType) }
    var moved = parameters
    for (index, gradient) in zip(moved.indices, try step.objective.gradient(at: point)) {
      moved[index].gradient = gradient
    }
    return try base.movements(of: moved, state: &state, at: step)
  }

  public func validate() throws {
    try check("sharpnessAware", [("radius", radius, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).sharpnessAware(radius: \(radius))" }
}
