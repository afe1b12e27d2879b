import DescentTensors

extension Optimizer {
  /// The same rule with classic weight decay: gradients are those of the loss plus `l2 / 2 · ‖w‖² + l1 · ‖w‖₁`.
  ///
  /// For plain gradient descent that is the same as `decaying(_:where:)`; a rule that divides gradients by their size divides this
  /// part as well. The loss that is reported, and that rules ask at other points, is without it.
  /// - Parameters:
  ///   - l2: The part of a parameter that is added to its gradient.
  ///   - l1: The part of a parameter's sign that is added to its gradient.
  ///   - selection: Which parameters are drawn to zero.
  public func regularizing(
    l2: Double = 0, l1: Double = 0, where selection: ParameterSelection = .all
  ) -> Regularizing<Self> {
    Regularizing(base: self, l2: Hyperparameter(l2), l1: Hyperparameter(l1), selection: selection)
  }
}

/// An optimizer with classic weight decay; made by `regularizing(l2:l1:where:)`.
public struct Regularizing<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// The part of a parameter that is added to its gradient.
  public var l2: Hyperparameter
  /// The part of a parameter's sign that is added to its gradient.
  public var l1: Hyperparameter
  /// Which parameters are drawn to zero.
  public var selection: ParameterSelection

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    var drawn = parameters
    for index in drawn.indices where selection.contains(drawn[index].info) {
      let (value, type) = (drawn[index].value, drawn[index].workingType)
      if !l2.isZero { drawn[index].gradient += value * l2.in(type) }
      if !l1.isZero { drawn[index].gradient += sign(value) * l1.in(type) }
    }
    return try base.movements(of: drawn, state: &state, at: step)
  }

  public func validate() throws {
    try check("regularizing", [("l2", l2, .notNegative), ("l1", l1, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).regularizing(l2: \(l2), l1: \(l1), where: \(selection))" }
}
