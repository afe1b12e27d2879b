import DescentGraph
import DescentTensors

/// A method that acts by numbers and learns from a replay: several updates after each rollout, once there is enough to learn
/// from.
protocol ContinuousLearning: LearningMethod
where Store == ReplayStore, ActingPolicy.Memory == NoMemory, Notes == NoMemory {
  var replay: ReplaySettings { get }
  var settings: ContinuousSettings { get }
  /// What the numbers of an update are called, in order; the first is the loss.
  var measures: [String] { get }

  /// One update of all networks.
  ///
  /// - Returns: A number for each of `measures`, `[measures]`.
  func update(_ networks: inout Networks, _ store: ReplayStore, _ key: RandomKey) throws -> Tensor
}

extension ContinuousLearning {
  func learn(
    _ networks: inout Networks, _ store: inout ReplayStore, from experience: Experience<NoMemory, NoMemory>,
    _ key: RandomKey, _ clock: LearningClock
  ) throws -> [String: Tensor] {
    let trajectory = experience.trajectory
    try store.insert(StepSequence(trajectory, actions: trajectory.actions, isSound: experience.isSound), replay)
    guard clock.isLearning else { return ["loss": Tensor(0)] }
    let kept = store
    let (last, numbers) = try scan(over: key.bits([settings.updates, 2]), from: networks) { networks, words in
      var next = networks
      let numbers = try update(&next, kept, RandomKey(words: words))
      return (next, numbers)
    }
    networks = last
    let means = numbers.mean(axes: 0)
    return Dictionary(uniqueKeysWithValues: measures.enumerated().map { ($1, means[$0]) })
  }
}
