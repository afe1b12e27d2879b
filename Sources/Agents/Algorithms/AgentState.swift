import DescentGraph
import DescentTensors

/// All that the next iteration of an algorithm depends on.
struct AgentState<Method: LearningMethod, Batch: EnvironmentBatch>: Codable, Sendable {
  var networks: Method.Networks
  var store: Method.Store
  /// Where the environments are, and what the policy remembers of them.
  var end: RolloutEnd<Batch.State, Method.Memory>
  /// The key of what is random from here on, `uint32[2]`.
  var key: Tensor
  /// The number of steps in all environments so far, a Float64 scalar.
  var steps: Tensor

  /// The beginning.
  init(_ method: Method, _ batch: Batch) throws {
    let spaces = PolicySpaces(observations: batch.observationSpace, actions: batch.actionSpace)
    (networks, store) = try method.begin(in: spaces)
    let keys = RandomKey(seed: method.seed)
    end = RolloutEnd(
      state: try batch.reset(key: keys.split("environments")),
      memory: method.policy(in: networks).initialMemory(batch: batch.count), count: batch.count)
    key = keys.split("learning").words
    steps = Tensor(0, .float64)
  }

  /// Acts, and learns from it: one turn.
  ///
  /// - Returns: Numbers by name, sums over the episodes that ended among them.
  mutating func turn(
    _ method: Method, _ batch: Batch, total: Tensor, isLearning: Bool
  ) throws -> [String: Tensor] {
    let words = RandomKey(words: key).bits([4, 2])
    key = words[0]
    let clock = LearningClock(
      steps: steps, progress: minimum(steps / total, 1), key: RandomKey(words: words[3]), isLearning: isLearning)
    let (begin, networks) = (end, networks)
    let rollout = try batch.rollout(from: begin, steps: method.pace.steps, key: RandomKey(words: words[1])) {
      moment, memory in
      let initial = method.policy(in: networks).initialMemory(batch: batch.count)
      return try method.decide(moment, try forgetting(memory, initial, where: moment.isFirst), networks, clock)
    }
    return try learn(method, batch, from: rollout, RandomKey(words: words[2]), clock)
  }

  /// Learns from what happened since the last update.
  mutating func learn(
    _ method: Method, _ batch: Batch, from rollout: Rollout<Batch.State, Method.Memory, Method.Notes>, _ key: RandomKey,
    _ clock: LearningClock
  ) throws -> [String: Tensor] {
    let (trajectory, begin) = (rollout.trajectory, end)
    end = rollout.end
    steps = steps + Double(method.pace.steps * batch.count)
    let ended = trajectory.ended
    let later = ended.sliced(0..<max(0, method.pace.steps - 1))
    let isSound = Self.areFinite(trajectory.rewards) .& Self.areFinite(trajectory.finalObservations)
    let experience = Experience(
      trajectory: trajectory, memory: begin.memory,
      isFirst: concatenated([begin.isFirst.expanded(axis: 0), later]), isSound: isSound)
    let before = networks
    var numbers = try method.learn(&networks, &store, from: experience, key, clock)
    // Nothing is learned from what is not finite, nor kept of what has become so.
    let isFit = isSound .& isFinite(numbers["loss"] ?? Tensor(0))
    networks = try chosen(isFit, networks, before)
    numbers[AgentSums.unsoundRewards] = (.!Self.areFinite(trajectory.rewards)).converted(to: .float32)
    numbers[AgentSums.unsoundObservations] = (.!Self.areFinite(trajectory.finalObservations)).converted(to: .float32)
    let mask = ended.converted(to: .float32)
    numbers[AgentSums.episodes] = mask.sum()
    numbers[AgentSums.returns] = `where`(ended, trajectory.returns, 0).sum()
    numbers[AgentSums.lengths] = (mask * trajectory.lengths.converted(to: .float32)).sum()
    return numbers
  }

  private static func areFinite(_ tensor: Tensor) -> Tensor {
    tensor.elementType.isFloatingPoint ? isFinite(tensor).all() : Tensor(true)
  }
}

/// What sums are called, which are put together over the turns of an iteration.
enum AgentSums {
  static let episodes = "\u{0}episodes"
  static let returns = "\u{0}returns"
  static let lengths = "\u{0}lengths"
  static let unsoundRewards = "\u{0}rewards"
  static let unsoundObservations = "\u{0}observations"
  static let all = [episodes, returns, lengths, unsoundRewards, unsoundObservations]
}
