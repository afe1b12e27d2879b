import DescentGraph
import DescentTensors

/// Learning from step to step, in several runs side by side.
struct TemporalDifferenceRun<Batch: EnvironmentBatch>: Sendable {
  private struct State: Codable, Sendable {
    var environments: Batch.State
    var weights: Tensor
    /// The action that was chosen already, of methods that choose it before they learn.
    var action: Tensor
    var steps: Tensor
    /// How much each place is to learn from an error, of methods with traces.
    var traces: Tensor?
    var memories: Memories?
  }

  /// What happened last with each action in each state, and which of them are known.
  private struct Memories: Codable, Sendable {
    var next: Tensor
    var rewards: Tensor
    var ends: Tensor
    /// The known places in the order in which they came.
    var known: Tensor
    var isKnown: Tensor
    var count: Tensor
  }

  private struct Record: Codable, Sendable {
    let ended: Tensor
    let returns: Tensor
    let lengths: Tensor
  }

  private let learning: TabularLearning
  private let batch: Batch
  private let table: ValueTable
  /// The steps of one plan.
  private static var pieceSteps: Int { 5_000 }

  init(_ learning: TabularLearning, _ batch: Batch, _ table: ValueTable) {
    (self.learning, self.batch, self.table) = (learning, batch, table)
  }

  /// The tables after a number of steps, and the episodes of each run.
  func learned(_ steps: Int) throws -> (weights: Tensor, episodes: [EpisodeMonitor]) {
    let key = RandomKey(seed: learning.seed)
    var state = try begin(key.split(0))
    var episodes = [EpisodeMonitor](repeating: EpisodeMonitor(), count: table.runs)
    let plans = [Self.pieceSteps, steps % Self.pieceSteps].map { count in
      compiledUpdate { (state: inout State, words: Tensor) in
        let keys = RandomKey(words: words).bits([count, 2])
        let (last, records) = try scan(over: keys, from: state) { state, words in
          try stepped(state, RandomKey(words: words), of: steps)
        }
        state = last
        return records
      }
    }
    var done = 0
    while done < steps {
      let isWhole = steps - done >= Self.pieceSteps
      let records = try plans[isWhole ? 0 : 1](&state, key.split(1).split(done).words)
      try EpisodeMonitor.add(records.ended, records.returns, records.lengths, to: &episodes)
      done += isWhole ? Self.pieceSteps : steps % Self.pieceSteps
    }
    return (state.weights, episodes)
  }

  private func begin(_ key: RandomKey) throws -> State {
    let environments = try batch.reset(key: key.split(0))
    let weights = table.filled(with: learning.initialValue)
    let size = table.runs * table.cells * table.actions
    let first = table.chosen(
      table.values(weights, try places(try batch.observations(of: environments))), Tensor(learning.exploration),
      key.split(1))
    var state = State(environments: environments, weights: weights, action: first, steps: Tensor(0))
    switch learning.method {
    case .sarsaLambda: state.traces = Tensor(zeros: [size])
    case .dynaQ:
      state.memories = Memories(
        next: Tensor(zeros: [size], .int32), rewards: Tensor(zeros: [size]), ends: Tensor(zeros: [size], .bool),
        known: Tensor(zeros: [size], .int32), isKnown: Tensor(zeros: [size], .bool),
        count: Tensor(zeros: [table.runs], .int32))
    default: break
    }
    return state
  }

  private func places(_ observations: Tensor) throws -> Tensor {
    table.places(TabularPolicy.cells(observations, batch.observationSpace, learning.coding))
  }

  private func stepped(_ state: State, _ key: RandomKey, of steps: Int) throws -> (State, Record) {
    var next = state
    let exploration = learning.exploration(after: state.steps / Double(steps))
    let here = try places(try batch.observations(of: state.environments))
    let values = table.values(state.weights, here)
    let action = isOnPolicy ? state.action : table.chosen(values, exploration, key.split(0))
    let step = try batch.step(state.environments, action, key: key.split(1))
    let there = try places(step.finalObservations)
    let later = table.values(state.weights, there)
    let planned = table.chosen(later, exploration, key.split(2))
    let going = (1 - step.terminated.converted(to: .float32)) * learning.discount
    let target = step.rewards.converted(to: .float32) + going * expected(later, planned, exploration)
    let error = target - column(values, action)
    let own = table.places(here, of: action)
    let share = learning.stepSize / Double(table.rows)
    if var traces = state.traces, case .sarsaLambda(let lambda) = learning.method {
      traces = (traces * (learning.discount * lambda)).scattered(Tensor(1), at: own, combining: .set)
      next.weights = state.weights + share * traces * perPlace(error)
      next.traces = `where`(perPlace(step.ended), 0, traces)
    } else {
      next.weights = state.weights.scattered((share * error).expanded(axis: 1).broadcast(to: own.shape), at: own)
    }
    if case .dynaQ(let planning) = learning.method, let memories = state.memories {
      try remember(memories, &next, own, there, step.rewards, step.terminated)
      if planning > 0 { try plan(&next, planning, key.split(3)) }
    }
    (next.environments, next.steps) = (step.state, state.steps + 1)
    if isOnPolicy {
      // After the end of an episode another state is seen than the one that was learned from.
      let fresh = table.values(next.weights, try places(step.observations))
      next.action = `where`(step.ended, table.chosen(fresh, exploration, key.split(4)), planned)
    }
    return (next, Record(ended: step.ended, returns: step.returns, lengths: step.lengths))
  }

  private var isOnPolicy: Bool {
    switch learning.method {
    case .sarsa, .sarsaLambda: true
    default: false
    }
  }

  /// What is expected of the next state.
  private func expected(_ values: Tensor, _ planned: Tensor, _ exploration: Tensor) -> Tensor {
    switch learning.method {
    case .sarsa, .sarsaLambda, .monteCarlo: column(values, planned)
    case .expectedSARSA: (1 - exploration) * values.max(axes: [1]) + exploration * values.mean(axes: [1])
    case .qLearning, .dynaQ: values.max(axes: [1])
    }
  }

  /// One value of each row.
  private func column(_ values: Tensor, _ action: Tensor) -> Tensor {
    values.takenAlong(action.expanded(axis: 1), axis: 1).squeezed(axes: [1])
  }

  /// A number of each run at all places of its table.
  private func perPlace(_ numbers: Tensor) -> Tensor {
    numbers.expanded(axis: 1).broadcast(to: [table.runs, table.cells * table.actions])
      .reshaped([table.runs * table.cells * table.actions])
  }

  // MARK: Dyna

  private func remember(
    _ memories: Memories, _ next: inout State, _ own: Tensor, _ there: Tensor, _ rewards: Tensor, _ ends: Tensor
  ) throws {
    let place = own.squeezed(axes: [1])
    let isNew = .!memories.isKnown.taken(place)
    let size = table.cells * table.actions
    // What is known already goes to a place that does not exist.
    let slot = `where`(
      isNew, Tensor(rangeTo: table.runs) * Double(size) + memories.count,
      Tensor(integers: [table.runs * size], shape: []))
    next.memories = Memories(
      next: memories.next.scattered(there.squeezed(axes: [1]), at: place, combining: .set),
      rewards: memories.rewards.scattered(rewards.converted(to: .float32), at: place, combining: .set),
      ends: memories.ends.scattered(ends, at: place, combining: .set),
      known: memories.known.scattered(place, at: slot, combining: .set),
      isKnown: memories.isKnown.scattered(Tensor(true), at: place, combining: .set),
      count: memories.count + isNew.converted(to: .int32))
  }

  private func plan(_ next: inout State, _ count: Int, _ key: RandomKey) throws {
    guard let memories = next.memories else { return }
    let size = table.cells * table.actions
    let draws = key.uniform([count, table.runs])
    next.weights = try scan(over: draws, from: next.weights) { weights, draw in
      let slot = (draw * memories.count.converted(to: .float32)).converted(to: .int32)
      let place = memories.known.taken(Tensor(rangeTo: table.runs) * Double(size) + minimum(slot, memories.count - 1))
      let later = table.values(weights, memories.next.taken(place).expanded(axis: 1)).max(axes: [1])
      let going = (1 - memories.ends.taken(place).converted(to: .float32)) * learning.discount
      let error = memories.rewards.taken(place) + going * later - weights.taken(place)
      return (weights.scattered(learning.stepSize * error, at: place), [Tensor]())
    }.state
  }
}

extension EpisodeMonitor {
  /// Adds what ended in steps `[steps, runs]`, each run to its own monitor.
  static func add(
    _ ended: Tensor, _ returns: Tensor, _ lengths: Tensor, to monitors: inout [EpisodeMonitor]
  ) throws {
    for run in monitors.indices {
      func own(_ tensor: Tensor) -> Tensor { tensor.sliced(run..<run + 1, axis: 1) }
      try monitors[run].add(ended: own(ended), returns: own(returns), lengths: own(lengths))
    }
  }
}
