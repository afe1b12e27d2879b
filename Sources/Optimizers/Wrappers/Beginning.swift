import DescentTensors

extension Optimizer {
  /// The same rule with some of the parameters standing still at first: those begin to move after so many steps, and what is
  /// remembered of them begins then.
  ///
  /// ```swift
  /// AdamW(learningRate: 1e-3).freezing(.paths("encoder"), until: 1_000)
  /// ```
  ///
  /// Schedules go on counting all steps. Parts that stay frozen are those of `Model.freeze`, which saves their gradients, too; what
  /// wraps this rule, such as decay, still reaches what stands still. Both groups are looked at apart by what is inside, such as a
  /// norm over all gradients.
  /// - Parameters:
  ///   - selection: Which parameters stand still.
  ///   - count: For how many steps.
  public func freezing(_ selection: ParameterSelection, until count: Int) -> Masked<Self, Beginning<Self>> {
    masked(where: !selection, others: beginning(after: count))
  }

  /// The same rule, which lets all parameters stand still at first.
  ///
  /// - Parameter count: For how many steps.
  public func beginning(after count: Int) -> Beginning<Self> {
    Beginning(base: self, start: Hyperparameter(Double(count)))
  }
}

/// An optimizer that begins after some steps; made by `beginning(after:)`.
public struct Beginning<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// How many steps go by before it begins.
  public var start: Hyperparameter

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    let stands = step.number .<= start.tensor
    var own = step.nested()
    own.age = maximum(step.age - start.tensor, 1)
    var next = state
    let movements = try base.movements(of: parameters, state: &next, at: own)
    state = try chosen(stands, state, otherwise: next)
    step.adopt(own, where: .!stands)
    // A rule within may rest by itself, too.
    let rests = own.rests.map { stands .| $0 } ?? stands
    step.rest(where: rests, number: own.ownNumber)
    return movements.map { `where`(stands, Tensor(zerosLike: $0), $0) }
  }

  public func validate() throws {
    try check("beginning", [("start", start, .notNegative)])
    try base.validate()
  }

  public var description: String { "\(base).beginning(after: \(start))" }
}
