import DescentGraph
import DescentTensors

/// An environment whose actions are numbers within bounds of one's own, stretched to those of the environment inside.
public struct RescaledActions<Base: Environment>: EnvironmentWrapper {
  public typealias State = Base.State
  /// The environment inside.
  public let base: Base
  /// The bounds of every component.
  public let range: ClosedRange<Double>

  /// Numbers within the bounds.
  public var actionSpace: ActionSpace {
    guard case .box(let low, _) = base.actionSpace else { return base.actionSpace }
    return .box(low: low.map { _ in range.lowerBound }, high: low.map { _ in range.upperBound })
  }

  /// As inside, by the stretched action.
  ///
  /// - Throws: `TensorError` where the environment inside has choices instead of numbers, a side without a bound, or the bounds are one
  ///   number; or of a mistake inside.
  public func step(_ state: State, _ action: Tensor, key: RandomKey) throws -> Transition<State> {
    guard case .box(let low, let high) = base.actionSpace, (low + high).allSatisfy(\.isFinite) else {
      throw TensorError(
        name, "actions can be rescaled where they are numbers with bounds on both sides; they are \(base.actionSpace)")
    }
    let width = range.upperBound - range.lowerBound
    guard width > 0, width.isFinite else {
      throw TensorError(name, "actions cannot be rescaled from \(range), which has no width")
    }
    let scale = zip(low, high).map { ($1 - $0) / width }
    let stretched = (action - range.lowerBound) * Tensor(scale) + Tensor(low)
    // Rounding may reach past a bound.
    return try base.step(state, stretched.clamped(Tensor(low), Tensor(high)), key: key)
  }
}

extension Environment {
  /// The environment with actions from `range` in every component, by default from −1 to 1.
  public func rescalingActions(to range: ClosedRange<Double> = -1...1) -> RescaledActions<Self> {
    RescaledActions(base: self, range: range)
  }
}
