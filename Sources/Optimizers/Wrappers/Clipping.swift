import DescentTensors

extension Optimizer {
  /// The same rule with gradients scaled down where their Euclidean norm, over all parameters together, is larger than a
  /// bound: by min(1, bound / (norm + 10⁻⁶)). The norm of finite gradients is finite, however large they are.
  ///
  /// Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2012.
  /// - Parameters:
  ///   - bound: The largest norm.
  ///   - nonFinite: What becomes of a step whose gradients are not finite.
  public func clipping(
    globalNorm bound: Double, nonFinite: NonFiniteGradients = .propagated
  ) -> Clipped<Self> { Clipped(base: self, norm: .global, bound: Hyperparameter(bound), nonFinite: nonFinite) }

  /// The same rule with the gradient of each parameter scaled down where its own Euclidean norm is larger than a bound.
  ///
  /// - Parameters:
  ///   - bound: The largest norm.
  ///   - nonFinite: What becomes of a step whose gradients are not finite.
  public func clipping(
    parameterNorm bound: Double, nonFinite: NonFiniteGradients = .propagated
  ) -> Clipped<Self> { Clipped(base: self, norm: .parameter, bound: Hyperparameter(bound), nonFinite: nonFinite) }

  /// The same rule with every number of the gradients held between −bound and bound.
  ///
  /// - Parameters:
  ///   - bound: The largest size of a number.
  ///   - nonFinite: What becomes of a step whose gradients are not finite.
  public func clipping(value bound: Double, nonFinite: NonFiniteGradients = .propagated) -> Clipped<Self> {
    Clipped(base: self, norm: .value, bound: Hyperparameter(bound), nonFinite: nonFinite)
  }
}

/// An optimizer that sees gradients of bounded size; made by `clipping(globalNorm:)`, `clipping(parameterNorm:)` and
/// `clipping(value:)`.
public struct Clipped<Base: Optimizer>: OptimizerWrapper {
  /// Whose size is bounded.
  enum Norm: String, Sendable, Codable {
    /// All gradients together.
    case global
    /// That of each parameter by itself.
    case parameter
    /// Each number by itself.
    case value
  }

  /// The rule within.
  public var base: Base
  let norm: Norm
  /// The largest norm, or the largest size of a number.
  public var bound: Hyperparameter
  let nonFinite: NonFiniteGradients

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    try nonFinite.guarding(parameters, &state, step) { state in
      try base.movements(of: clipped(parameters), state: &state, at: step)
    }
  }

  private func clipped(_ parameters: [OptimizedParameter]) -> [OptimizedParameter] {
    var clipped = parameters
    switch norm {
    case .global:
      let factor = factor(parameters.map(\.gradient))
      for index in clipped.indices { clipped[index].gradient = Self.scaled(parameters[index].gradient, factor) }
    case .parameter:
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        clipped[index].gradient = Self.scaled(gradient, factor([gradient]))
      }
    case .value:
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        let limit = bound.in(gradient.elementType)
        clipped[index].gradient = minimum(maximum(gradient, -limit), limit)
      }
    }
    return clipped
  }

  /// In Float64, since the factor of large gradients may be smaller than what Float32 holds.
  private static func scaled(_ gradient: Tensor, _ factor: Tensor) -> Tensor {
    (gradient.converted(to: .float64) * factor).converted(to: gradient.elementType)
  }

  /// What gradients are multiplied by, a Float64 scalar.
  private func factor(_ gradients: [Tensor]) -> Tensor {
    let one = Tensor(repeating: 1, shape: [], .float64)
    guard !gradients.isEmpty else { return one }
    let norm = stacked(gradients.map(Self.norm)).norm()
    return minimum(bound.tensor / (norm + 1e-6), one)
  }

  /// A gradient's norm, a Float64 scalar. Squares of narrower numbers do not overflow in Float64.
  private static func norm(_ gradient: Tensor) -> Tensor {
    let wide = gradient.converted(to: .float64)
    return gradient.elementType == .float64 ? wide.norm() : sqrt(square(wide).sum())
  }

  public func validate() throws {
    // An infinite bound is none: for those who only ask for what is not finite to be left out.
    if bound.literal != .infinity { try check("clipping", [("bound", bound, .notNegative)]) }
    try base.validate()
  }

  public var description: String {
    let name =
      switch norm {
      case .global: "globalNorm"
      case .parameter: "parameterNorm"
      case .value: "value"
      }
    let rest = nonFinite == .propagated ? "" : ", nonFinite: .\(nonFinite.rawValue)"
    return "\(base).clipping(\(name): \(bound)\(rest))"
  }
}
