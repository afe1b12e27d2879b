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
  ) -> ClippedOptimizer<Self> {
    ClippedOptimizer(base: self, rule: .globalNorm(bound), nonFinite: nonFinite)
  }

  /// The same rule with every number of the gradients held between −bound and bound.
  ///
  /// - Parameters:
  ///   - bound: The largest size of a number.
  ///   - nonFinite: What becomes of a step whose gradients are not finite.
  public func clipping(value bound: Double, nonFinite: NonFiniteGradients = .propagated) -> ClippedOptimizer<Self> {
    ClippedOptimizer(base: self, rule: .value(bound), nonFinite: nonFinite)
  }
}

/// An optimizer that sees gradients of bounded size; made by `clipping(globalNorm:)` and `clipping(value:)`.
public struct ClippedOptimizer<Base: Optimizer>: Optimizer {
  enum Rule: Sendable {
    case globalNorm(Double)
    case value(Double)
  }

  let base: Base
  let rule: Rule
  let nonFinite: NonFiniteGradients

  public func initialState(for parameter: Tensor) -> [Tensor] { base.initialState(for: parameter) }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    if let fault { return parameters.map { $0.failed(fault) } }
    let updates = base.update(clipped(parameters), step: step)
    guard nonFinite != .propagated else { return updates }
    let areFinite = parameters.map { isFinite($0.gradient).all() }
    let isTaken = areFinite.reduce(Tensor(true)) { $0 .& $1 }
    return zip(zip(parameters, updates), areFinite).map { known, isFinite in
      let (parameter, update) = known
      var held = update
      held.value = `where`(isTaken, update.value, parameter.value)
      held.state = zip(update.state, parameter.state).map { `where`(isTaken, $0, $1) }
      // What the rule within says counts as well.
      switch nonFinite {
      case .propagated: break
      case .skipped: held.isSkipped = update.isSkipped.map { $0 .| .!isTaken } ?? .!isTaken
      case .refused: held.isRefused = update.isRefused.map { $0 .| .!isFinite } ?? .!isFinite
      }
      return held
    }
  }

  private func clipped(_ parameters: [OptimizedParameter]) -> [OptimizedParameter] {
    var clipped = parameters
    switch rule {
    case .globalNorm(let bound):
      let factor = Self.factor(parameters.map(\.gradient), bound)
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        // In Float64, since the factor of large gradients may be smaller than what Float32 holds.
        clipped[index].gradient = (gradient.converted(to: .float64) * factor).converted(to: gradient.elementType)
      }
    case .value(let bound):
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        let limit = Tensor.scalar(bound, gradient.elementType)
        clipped[index].gradient = minimum(maximum(gradient, -limit), limit)
      }
    }
    return clipped
  }

  /// What gradients are multiplied by, a Float64 scalar.
  private static func factor(_ gradients: [Tensor], _ bound: Double) -> Tensor {
    guard !gradients.isEmpty else { return .scalar(1, .float64) }
    let norm = stacked(gradients.map(norm)).norm()
    return minimum(.scalar(bound, .float64) / (norm + .scalar(1e-6, .float64)), .scalar(1, .float64))
  }

  /// A gradient's norm, a Float64 scalar. Squares of narrower numbers do not overflow in Float64.
  private static func norm(_ gradient: Tensor) -> Tensor {
    let wide = gradient.converted(to: .float64)
    return gradient.elementType == .float64 ? wide.norm() : sqrt(square(wide).sum())
  }

  private var fault: TensorError? {
    switch rule {
    case .globalNorm(let bound), .value(let bound):
      settingFault("clipping", [("bound", bound, 0..<Double.infinity)])
    }
  }
}
