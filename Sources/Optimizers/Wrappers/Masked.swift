import DescentTensors

extension Optimizer {
  /// The same rule for some of the parameters; the others stay where they are. What wraps it, such as decay, still reaches
  /// them.
  public func masked(where selection: ParameterSelection) -> Masked<Self, Standing> {
    Masked(base: self, selection: selection, others: Standing())
  }

  /// The same rule for some of the parameters, and another for the rest.
  ///
  /// ```swift
  /// AdamW(learningRate: 1e-3).masked(where: .paths("head"), others: AdamW(learningRate: 1e-5))
  /// ```
  ///
  /// - Parameters:
  ///   - selection: The parameters that this rule moves.
  ///   - others: What moves the others.
  public func masked<Others: Optimizer>(where selection: ParameterSelection, others: Others) -> Masked<Self, Others> {
    Masked(base: self, selection: selection, others: others)
  }
}

/// A rule that moves nothing.
public struct Standing: ParameterOptimizer {
  /// A rule that moves nothing.
  public init() {}

  public func initialState(for parameter: Tensor) -> Tensor? { nil }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
    Tensor(zerosLike: parameter.value)
  }
}

/// Two optimizers, each for some of the parameters; made by `masked(where:others:)`.
public struct Masked<Base: Optimizer, Others: Optimizer>: Optimizer {
  /// What both rules remember.
  public struct State: Codable, Sendable {
    /// What the rule for the selected parameters remembers.
    public var base: Base.State
    /// What the rule for the others remembers.
    public var others: Others.State
  }

  /// What moves the selected parameters.
  public var base: Base
  /// Which those are.
  public var selection: ParameterSelection
  /// What moves the others.
  public var others: Others

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    let (chosen, rest) = split(parameters)
    return try State(
      base: base.initialState(for: chosen.map { parameters[$0] }),
      others: others.initialState(for: rest.map { parameters[$0] }))
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let (chosen, rest) = split(parameters)
    let point = parameters.map(\.value)
    var movements = point
    func fill<Rule: Optimizer>(_ places: [Int], _ rule: Rule, _ state: inout Rule.State) throws -> StepContext {
      var own = step.nested()
      own.objective = step.objective.restricted(to: places, at: point)
      let found = try rule.movements(of: places.map { parameters[$0] }, state: &state, at: own)
      guard found.count == places.count else {
        throw TensorError("masked", "\(rule) gave \(found.count) movements for \(places.count) parameters")
      }
      for (place, movement) in zip(places, found) { movements[place] = movement }
      return own
    }
    let first = try fill(chosen, base, &state.base)
    let second = try fill(rest, others, &state.others)
    if others is Standing { step.adopt(first) } else { step.adopt(first, second) }
    return movements
  }

  private func split(_ parameters: [OptimizedParameter]) -> (chosen: [Int], rest: [Int]) {
    let isChosen = parameters.map { selection.contains($0.info) }
    return (parameters.indices.filter { isChosen[$0] }, parameters.indices.filter { !isChosen[$0] })
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    try base.validate()
    try others.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? {
    let (chosen, rest) = (base.averages(in: state.base), others.averages(in: state.others))
    guard chosen != nil || rest != nil else { return nil }
    return (chosen ?? [:]).merging(rest ?? [:]) { own, _ in own }
  }

  public var description: String {
    others is Standing
      ? "\(base).masked(where: \(selection))" : "\(base).masked(where: \(selection), others: \(others))"
  }
}
