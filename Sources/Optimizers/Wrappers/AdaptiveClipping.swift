import DescentTensors

extension Optimizer {
  /// The same rule with the gradient of each unit scaled down where its norm is larger than a part of the unit's own weights'.
  ///
  /// A unit is what feeds one output: all axes but the last of a matrix or kernel; of a vector it is the whole. The bound is
  /// `ratio · max(‖w‖, least)`. Leave the last layer out: `.clipping(unitRatio: 0.01, where: !.paths("head"))`. Source: Brock and
  /// others, "High-Performance Large-Scale Image Recognition Without Normalization", 2021.
  /// - Parameters:
  ///   - ratio: The largest norm of a gradient compared to that of its weights.
  ///   - least: The least norm that weights count with, so that zeros move, too.
  ///   - selection: Whose gradients are bounded.
  public func clipping(
    unitRatio ratio: Double, least: Double = 1e-3, where selection: ParameterSelection = .all
  ) -> AdaptivelyClipped<Self> {
    AdaptivelyClipped(base: self, ratio: Hyperparameter(ratio), least: Hyperparameter(least), selection: selection)
  }
}

/// An optimizer that sees gradients which are bounded by the weights they belong to; made by `clipping(unitRatio:least:where:)`.
public struct AdaptivelyClipped<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// The largest norm of a gradient compared to that of its weights.
  public var ratio: Hyperparameter
  /// The least norm that weights count with.
  public var least: Hyperparameter
  /// Whose gradients are bounded.
  public var selection: ParameterSelection

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    var clipped = parameters
    for index in clipped.indices where selection.contains(clipped[index].info) {
      let parameter = clipped[index]
      // In Float64, where squares of narrower numbers do not overflow.
      let gradient = parameter.gradient.converted(to: .float64)
      let bound = maximum(Self.unitNorms(parameter.value.converted(to: .float64)), least.tensor) * ratio.tensor
      let norm = Self.unitNorms(gradient)
      let isLarge = norm .> bound
      let factor = `where`(isLarge, bound / `where`(isLarge, norm, Tensor(1, .float64)), Tensor(1, .float64))
      clipped[index].gradient = (gradient * factor).converted(to: parameter.workingType)
    }
    return try base.movements(of: clipped, state: &state, at: step)
  }

  private static func unitNorms(_ x: Tensor) -> Tensor {
    x.rank >= 2 ? x.norm(axes: Array(0..<x.rank - 1), keepingAxes: true) : x.norm()
  }

  public func validate() throws {
    try check("clipping", [("ratio", ratio, .notNegative), ("least", least, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).clipping(unitRatio: \(ratio), least: \(least), where: \(selection))" }
}
