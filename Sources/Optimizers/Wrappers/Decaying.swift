import DescentTensors

extension Optimizer {
  /// The same rule with decoupled weight decay: in addition, parameters shrink by this part of themselves in each step,
  /// times the learning rate where the rule has one.
  ///
  /// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017.
  /// - Parameters:
  ///   - weightDecay: The part.
  ///   - selection: Which parameters decay.
  public func decaying(_ weightDecay: Double, where selection: ParameterSelection = .all) -> Decaying<Self> {
    Decaying(base: self, weightDecay: Hyperparameter(weightDecay), selection: selection)
  }

  /// The same rule with decoupled weight decay of the parameters for which a function says so.
  public func decaying(
    _ weightDecay: Double, where predicate: @escaping @Sendable (ParameterInfo) -> Bool
  ) -> Decaying<Self> { decaying(weightDecay, where: .where("selection", predicate)) }
}

/// An optimizer with decoupled weight decay; made by `decaying(_:where:)`.
public struct Decaying<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// The part of a parameter that each step subtracts, times the learning rate.
  public var weightDecay: Hyperparameter
  /// Which parameters decay.
  public var selection: ParameterSelection

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state, at: own)
    step.adopt(own)
    guard !weightDecay.isZero else { return movements }
    var part = base.rate.map { $0(own.ownNumber) * weightDecay.tensor } ?? weightDecay.tensor
    // Where the rule within takes no step, nothing decays.
    if let standsStill = own.standsStill { part = `where`(standsStill, Tensor(0, .float64), part) }
    return zip(parameters, movements).map { parameter, movement in
      guard selection.contains(parameter.info) else { return movement }
      return movement - parameter.value * part.converted(to: parameter.workingType)
    }
  }

  public func validate() throws {
    try check("decaying", [("weightDecay", weightDecay, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).decaying(\(weightDecay), where: \(selection))" }
}
