import DescentGraph
import DescentTensors

/// What becomes of a step whose gradients are infinite or NaN.
public enum NonFiniteGradients: String, Sendable, Hashable, Codable {
  /// The step is taken as any other, and its parameters become NaN or infinite.
  case propagated
  /// The step is left out: parameters, running statistics and what is remembered of them stay as they are. A trainer
  /// still ends where the loss itself is not finite.
  case skipped
  /// The step is left out and fails: a training step throws an error that names the parameters whose gradients they are,
  /// and leaves parameters, running statistics and what is remembered as they were before.
  case refused
}

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

  /// The same rule with every number of the gradients held between −bound and bound.
  ///
  /// - Parameters:
  ///   - bound: The largest size of a number.
  ///   - nonFinite: What becomes of a step whose gradients are not finite.
  public func clipping(value bound: Double, nonFinite: NonFiniteGradients = .propagated) -> Clipped<Self> {
    Clipped(base: self, norm: .value, bound: Hyperparameter(bound), nonFinite: nonFinite)
  }
}

/// An optimizer that sees gradients of bounded size; made by `clipping(globalNorm:)` and `clipping(value:)`.
public struct Clipped<Base: Optimizer>: Optimizer {
  /// Whose size is bounded.
  enum Norm: String, Sendable, Codable {
    /// All gradients together.
    case global
    /// Each number by itself.
    case value
  }

  /// The rule within.
  public var base: Base
  let norm: Norm
  /// The largest norm, or the largest size of a number.
  public var bound: Hyperparameter
  let nonFinite: NonFiniteGradients

  public func initialState(for parameters: [OptimizedParameter]) throws -> Base.State {
    try base.initialState(for: parameters)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    var next = state
    let movements = try base.movements(of: clipped(parameters), state: &next, at: step)
    guard nonFinite != .propagated else {
      state = next
      return movements
    }
    let areFinite = parameters.map { isFinite($0.gradient).all() }
    let isTaken = areFinite.reduce(Tensor(true)) { $0 .& $1 }
    state = try chosen(isTaken, next, otherwise: state)
    switch nonFinite {
    case .propagated: break
    case .skipped: step.leaveOut(where: .!isTaken)
    case .refused:
      for (parameter, finite) in zip(parameters, areFinite) { step.refuse(where: .!finite, for: parameter.path) }
    }
    return movements.map { `where`(isTaken, $0, Tensor(zerosLike: $0)) }
  }

  private func clipped(_ parameters: [OptimizedParameter]) -> [OptimizedParameter] {
    var clipped = parameters
    switch norm {
    case .global:
      let factor = factor(parameters.map(\.gradient))
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        // In Float64, since the factor of large gradients may be smaller than what Float32 holds.
        clipped[index].gradient = (gradient.converted(to: .float64) * factor).converted(to: gradient.elementType)
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

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    // An infinite bound is none: for those who only ask for what is not finite to be left out.
    if bound.literal != .infinity { try check("clipping", [("bound", bound, .notNegative)]) }
    try base.validate()
  }

  public func averages(in state: Base.State) -> [String: Tensor]? { base.averages(in: state) }

  public var description: String {
    let bounds = norm == .global ? "globalNorm: \(bound)" : "value: \(bound)"
    let rest = nonFinite == .propagated ? "" : ", nonFinite: .\(nonFinite.rawValue)"
    return "\(base).clipping(\(bounds)\(rest))"
  }
}
