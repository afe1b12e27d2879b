import DescentGraph
import DescentTensors

extension Optimizer {
  /// The same rule with gradients scaled down where their Euclidean norm, over all parameters together, is larger than a
  /// bound: by min(1, bound / (norm + 10⁻⁶)). Source: Pascanu, Mikolov and Bengio, 2012.
  public func clipping(globalNorm bound: Double) -> ClippedOptimizer<Self> {
    ClippedOptimizer(base: self, rule: .globalNorm(bound))
  }

  /// The same rule with every number of the gradients held between −bound and bound.
  public func clipping(value bound: Double) -> ClippedOptimizer<Self> {
    ClippedOptimizer(base: self, rule: .value(bound))
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

  public func initialState(for parameter: Tensor) -> [Tensor] { base.initialState(for: parameter) }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    if let fault { return parameters.map { $0.failed(fault) } }
    var clipped = parameters
    switch rule {
    case .globalNorm(let bound):
      let factor = Self.factor(parameters.map(\.wideGradient), bound)
      for index in clipped.indices {
        let gradient = parameters[index].wideGradient
        clipped[index].gradient = (gradient * factor.factor(for: gradient))
          .converted(to: parameters[index].gradient.elementType)
      }
    case .value(let bound):
      for index in clipped.indices {
        let gradient = parameters[index].gradient
        let limit = Tensor.scalar(bound, gradient.elementType)
        clipped[index].gradient = minimum(maximum(gradient, -limit), limit)
      }
    }
    return base.update(clipped, step: step)
  }

  /// What gradients are multiplied by, a Float64 scalar.
  private static func factor(_ gradients: [Tensor], _ bound: Double) -> Tensor {
    let squares = gradients.map { square($0).sum().converted(to: .float64) }
    let norm = sqrt(squares.reduce(.scalar(0, .float64)) { $0 + $1 })
    return minimum(.scalar(bound, .float64) / (norm + .scalar(1e-6, .float64)), .scalar(1, .float64))
  }

  private var fault: TensorError? {
    switch rule {
    case .globalNorm(let bound), .value(let bound):
      settingFault("clipping", [("bound", bound, 0..<Double.infinity)])
    }
  }
}
