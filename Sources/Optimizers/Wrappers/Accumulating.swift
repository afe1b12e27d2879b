import DescentGraph
import DescentTensors

extension Optimizer {
  /// The same rule on the mean gradient of several batches: parameters move in every `count`-th step only.
  ///
  /// For a loss that is a mean over examples, batches of equal size give the step of one batch with all their examples.
  /// Schedules count the movements, and decay around it happens with them. Running statistics follow every batch.
  ///
  /// - Parameter count: How many batches make a step, at least 1.
  public func accumulating(_ count: Int) -> Accumulating<Self> { Accumulating(base: self, count: count) }
}

/// An optimizer that moves by the mean gradient of several batches; made by `accumulating(_:)`.
public struct Accumulating<Base: Optimizer>: Optimizer {
  /// The sum of the gradients so far, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The sum of the gradients since the last movement, by the parameters' paths.
    public var sums: [String: Tensor]
    /// How many gradients that is, a Float64 scalar.
    public var taken: Tensor
    /// The number of movements so far, a Float64 scalar.
    public var steps: Tensor
  }

  /// The rule within.
  public var base: Base
  /// How many batches make a step.
  public let count: Int

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var sums: [String: Tensor] = [:]
    for parameter in parameters { sums[parameter.path] = Tensor(zerosLike: parameter.value) }
    let none = Tensor(repeating: 0, shape: [], .float64)
    return State(base: try base.initialState(for: parameters), sums: sums, taken: none, steps: none)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    // Counted here and not by the number of the step: a step that a rule around leaves out counts for nothing.
    let taken = state.taken + 1.0
    let isDue = taken .>= Double(count)
    let number = state.steps + 1.0
    state.taken = `where`(isDue, Tensor(zerosLike: taken), taken)
    state.steps = `where`(isDue, number, state.steps)
    var full = parameters
    for index in full.indices {
      let path = full[index].path
      guard let sum = state.sums[path] else { throw TensorError("accumulating", "remembers nothing of \(path)") }
      let next = sum + full[index].gradient
      full[index].gradient = next * (1 / Double(count))
      full[index].start = full[index].start.map { floor($0 / Double(count)) }
      state.sums[path] = `where`(isDue, Tensor(zerosLike: next), next)
    }
    var own = step.nested()
    (own.number, own.age) = (number, number)
    own.objective = Objective { _ in
      throw TensorError(
        "accumulating",
        "the rule within asks for the loss at other points, of which the last batch knows a part only; accumulate within"
          + " it, as in SGD(…).accumulating(4).sharpnessAware()")
    }
    let before = state.base
    var after = before
    let movements = try base.movements(of: full, state: &after, at: own)
    state.base = try chosen(isDue, after, otherwise: before)
    // That the rule within leaves its step out counts where it takes one; what it refuses is refused at once, or a sum that
    // is not a number would stay.
    step.adopt(own, where: isDue)
    step.rest(where: .!isDue, number: number)
    return movements.map { `where`(isDue, $0, Tensor(zerosLike: $0)) }
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    guard count >= 1 else { throw TensorError("accumulating", "\(count) batches do not make a step; give at least 1") }
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { base.averages(in: state.base) }

  public var description: String { "\(base).accumulating(\(count))" }
}
