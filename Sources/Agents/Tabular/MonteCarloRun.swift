import DescentGraph
import DescentTensors

/// Learning from whole episodes, in several runs side by side.
struct MonteCarloRun<Batch: EnvironmentBatch>: Sendable {
  private struct State: Codable, Sendable {
    var weights: Tensor
    var episodes: Tensor
  }

  /// A step of an episode.
  private struct Moment: Codable, Sendable {
    let places: Tensor
    let rewards: Tensor
    /// Whether the episode had not ended before.
    let isAlive: Tensor
    let ended: Tensor
    let returns: Tensor
    let lengths: Tensor
  }

  private let learning: TabularLearning
  private let batch: Batch
  private let table: ValueTable

  init(_ learning: TabularLearning, _ batch: Batch, _ table: ValueTable) {
    (self.learning, self.batch, self.table) = (learning, batch, table)
  }

  /// The tables after enough episodes for a number of steps, and the episodes of each run.
  func learned(_ steps: Int) throws -> (weights: Tensor, episodes: [EpisodeMonitor]) {
    let limit = batch.stepLimit ?? 1
    let rounds = (steps - 1) / limit + 1
    let key = RandomKey(seed: learning.seed)
    var state = State(weights: table.filled(with: learning.initialValue), episodes: Tensor(0))
    var episodes = [EpisodeMonitor](repeating: EpisodeMonitor(), count: table.runs)
    let round = compiledUpdate { (state: inout State, words: Tensor) in
      let key = RandomKey(words: words)
      let exploration = learning.exploration(after: state.episodes / Double(rounds))
      let moments = try episode(state.weights, exploration, limit, key)
      state.weights = try learned(state.weights, moments)
      state.episodes = state.episodes + 1
      return [moments.ended .& moments.isAlive, moments.returns, moments.lengths]
    }
    for number in 0..<rounds {
      let record = try round(&state, key.split(number).words)
      try EpisodeMonitor.add(record[0], record[1], record[2], to: &episodes)
    }
    return (state.weights, episodes)
  }

  /// One episode of each run, and what follows it until the limit of steps.
  private func episode(
    _ weights: Tensor, _ exploration: Tensor, _ limit: Int, _ key: RandomKey
  ) throws -> Moment {
    let start = try batch.reset(key: key.split(0))
    let alive = Tensor(ones: [table.runs], .bool)
    return try scan(over: key.split(1).bits([limit, 2]), from: start, alive) { now, words in
      let key = RandomKey(words: words)
      let seen = try batch.observations(of: now.0)
      let here = table.places(TabularPolicy.cells(seen, batch.observationSpace, learning.coding))
      let action = table.chosen(table.values(weights, here), exploration, key.split(0))
      let step = try batch.step(now.0, action, key: key.split(1))
      let moment = Moment(
        places: table.places(here, of: action), rewards: step.rewards.converted(to: .float32), isAlive: now.1,
        ended: step.ended, returns: step.returns, lengths: step.lengths)
      return ((step.state, now.1 .& .!step.ended), moment)
    }.outputs
  }

  /// The tables after the returns of an episode, from its last step to its first.
  private func learned(_ weights: Tensor, _ moments: Moment) throws -> Tensor {
    let share = learning.stepSize / Double(table.rows)
    let start = LearningState(weights: weights, returns: Tensor(zeros: [table.runs]))
    return try scan(over: moments, from: start, reversed: true) { state, moment in
      let alive = moment.isAlive.converted(to: .float32)
      let returns = alive * (moment.rewards + learning.discount * state.returns)
      let value = state.weights.taken(moment.places).sum(axes: [1])
      let change = (share * alive * (returns - value)).expanded(axis: 1).broadcast(to: moment.places.shape)
      let next = LearningState(weights: state.weights.scattered(change, at: moment.places), returns: returns)
      return (next, [Tensor]())
    }.state.weights
  }

  private struct LearningState: Codable {
    let weights: Tensor
    let returns: Tensor
  }
}
