import DescentGraph
import DescentTensors

extension Optimizer {
  /// The same rule on the mean gradient of several batches: parameters move in every `count`-th step only.
  ///
  /// For a loss that is a mean over examples, batches of equal size give the step of one batch with all their examples.
  /// Schedules count the movements. Running statistics follow every batch.
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
  }

  /// The rule within.
  public var base: Base
  /// How many batches make a step.
  public let count: Int

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var sums: [String: Tensor] = [:]
    for parameter in parameters { sums[parameter.path] = Tensor(zerosLike: parameter.value) }
    return State(base: try base.initialState(for: parameters), sums: sums)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let turn = Double(count)
    let group = floor((step.number - 1.0) / turn)
    let isDue = step.number .== (group + 1.0) * turn
    var full = parameters
    for index in full.indices {
      let path = full[index].path
      guard let sum = state.sums[path] else { throw TensorError("accumulating", "remembers nothing of \(path)") }
      let next = sum + full[index].gradient
      full[index].gradient = next * (1 / turn)
      state.sums[path] = `where`(isDue, Tensor(zerosLike: next), next)
    }
    var own = step.nested()
    own.number = group + 1.0
    let before = state.base
    var after = before
    let movements = try base.movements(of: full, state: &after, at: own)
    state.base = try chosen(isDue, after, otherwise: before)
    // What the rule within says of its step counts where it takes one.
    step.adopt(own, where: isDue)
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
