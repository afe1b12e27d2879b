import DescentGraph
import DescentTensors

extension EnvironmentSource {
  /// The values of the states under a policy, learned from what happens: TD(λ), with accumulating traces.
  ///
  /// With `lambda` 0 each error of a prediction betters the state before alone, with 1 all states of the episode. Source: Sutton,
  /// "Learning to predict by the methods of temporal differences", 1988.
  ///
  /// - Parameters:
  ///   - policy: The chance of each action in each state; `nil` where all are equally likely.
  ///   - lambda: How long traces last, from 0 to 1.
  ///   - stepSize: How far a value moves toward what it is held against; it falls to nothing over the steps, so that the values come
  ///     to rest.
  ///   - discount: What a reward is worth one step later.
  ///   - steps: The number of steps of each run.
  ///   - runs: The number of independent runs side by side, whose mean is taken.
  ///   - seed: The seed of everything random.
  /// - Returns: The value of each state; 0 where none was ever seen.
  /// - Throws: `TensorError` where a setting makes no sense, states are not counted or actions are not one choice among several, or of a
  ///   mistake in the environment.
  public func estimatedValues(
    of policy: [[Double]]? = nil, lambda: Double = 0, stepSize: Double = 0.1, discount: Double = 1, steps: Int,
    runs: Int = 1, seed: UInt64 = 0
  ) throws -> [Double] {
    let method = "TD(\(lambda))"
    guard case .discrete(let actions) = actionSpace else {
      throw TensorError(method, "acts by one choice among several, the actions are \(actionSpace)")
    }
    let states = try TabularPolicy.cellCount(observationSpace, nil, method)
    guard (0...1).contains(lambda), (0...1).contains(discount), stepSize > 0, stepSize <= 1, steps >= 1 else {
      throw TensorError(
        method,
        "a step size of \(stepSize), a discount of \(discount) and \(steps) steps, where numbers from 0 to 1 and at least 1 step are needed"
      )
    }
    let chances = policy ?? [[Double]](repeating: [Double](repeating: 1, count: actions), count: states)
    let isOdd = chances.contains { row in
      row.count != actions || !row.allSatisfy { $0 >= 0 && $0.isFinite } || row.reduce(0, +) <= 0
    }
    guard chances.count == states, !isOdd else {
      throw TensorError(method, "a policy needs the chances of \(actions) actions for each of \(states) states")
    }
    let batch = try batch(runs)
    let (logits, space) = (log(Tensor(chances.flatMap { $0 }, shape: [states, actions])), observationSpace)
    let learning = compiled { (key: RandomKey) in
      let first = TraceState<Batch.State>(
        environments: try batch.reset(key: key.split(0)), values: Tensor(zeros: [runs, states]),
        traces: Tensor(zeros: [runs, states]), steps: Tensor(0))
      return try scan(over: key.split(1).bits([steps, 2]), from: first) { now, words in
        let key = RandomKey(words: words)
        func rows(_ observations: Tensor) -> Tensor { TabularPolicy.cells(observations, space, nil) }
        func value(_ rows: Tensor) -> Tensor { now.values.takenAlong(rows, axis: 1).squeezed(axes: [1]) }
        let here = rows(try batch.observations(of: now.environments))
        let action = key.split(0).categorical(logits: logits.taken(here.squeezed(axes: [1])))
        let step = try batch.step(now.environments, action, key: key.split(1))
        let going = (1 - step.terminated.converted(to: .float32)) * discount
        let target = step.rewards.converted(to: .float32) + going * value(rows(step.finalObservations))
        let error = (target - value(here)) * stepSize * (1 - now.steps / Double(steps))
        let traces = now.traces * (discount * lambda) + here.squeezed(axes: [1]).oneHot(count: states)
        let next = TraceState<Batch.State>(
          environments: step.state, values: now.values + traces * error.expanded(axis: 1),
          traces: `where`(step.ended.expanded(axis: 1), 0, traces), steps: now.steps + 1)
        return (next, [Tensor]())
      }.state.values.mean(axes: [0])
    }
    return try learning(RandomKey(seed: seed)).scalars()
  }
}

private struct TraceState<Environments: Codable & Sendable>: Codable, Sendable {
  let environments: Environments
  let values: Tensor
  let traces: Tensor
  let steps: Tensor
}
