import DescentTensors

extension Optimizer {
  /// The same rule with some parameters' movements multiplied by a factor, as if they had a learning rate of their own.
  ///
  /// ```swift
  /// AdamW(learningRate: 1e-3).scaling(by: 0.1, where: .paths("encoder")).scaling(by: 2, where: .names("bias"))
  /// ```
  ///
  /// Groups with rules of their own are `masked(where:others:)`.
  /// - Parameters:
  ///   - factor: The factor.
  ///   - selection: Which parameters' movements are multiplied.
  public func scaling(by factor: Double, where selection: ParameterSelection) -> Scaling<Self> {
    Scaling(base: self, factor: Hyperparameter(factor), selection: selection)
  }
}

/// An optimizer with other learning rates for some of the parameters; made by `scaling(by:where:)`.
public struct Scaling<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// What movements are multiplied by.
  public var factor: Hyperparameter
  /// Which parameters' movements those are.
  public var selection: ParameterSelection

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    let movements = try base.movements(of: parameters, state: &state, at: step)
    return zip(parameters, movements).map { parameter, movement in
      selection.contains(parameter.info) ? movement * factor.in(parameter.workingType) : movement
    }
  }

  public func validate() throws {
    try check("scaling", [("factor", factor, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).scaling(by: \(factor), where: \(selection))" }
}
