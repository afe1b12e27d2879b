import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What DQN and QR-DQN have in common: the values of actions, or quantiles of their returns, are learned from a replay.
struct ValueLearning<ActingPolicy: Policy>: LearningMethod where ActingPolicy.Memory == NoMemory {
  typealias Rule = Clipped<Adam>

  struct Networks: Codable, Sendable {
    var policy: ActingPolicy
    /// The network whose values are followed.
    var target: ActingPolicy
    var memory: Rule.State
    /// The number of updates so far, a Float64 scalar.
    var updates: Tensor
  }

  let name: String
  let begin: ActingPolicy
  let head: PolicyHead
  let seed: UInt64
  let pace: LearningPace
  let rule: Rule
  let replay: ReplaySettings
  let settings: ValueSettings

  var optimizer: any Optimizer { rule }

  func validate() throws {
    try rule.validate()
    try replay.validate(name, batchSize: settings.batchSize)
    try settings.validate(name)
  }

  func begin(in spaces: PolicySpaces) throws -> (networks: Networks, store: ReplayStore) {
    let policy = try begin.prepared(for: spaces, head: head, seed: seed)
    let networks = Networks(
      policy: policy, target: policy, memory: try rule.initialState(of: policy), updates: Tensor(0, .float64))
    return (networks, try ReplayStore(replay, spaces, environments: pace.environments))
  }

  func policy(in networks: Networks) -> ActingPolicy { networks.policy }

  func decide(
    _ moment: Moment, _ memory: NoMemory, _ networks: Networks, _ clock: LearningClock
  ) throws -> Decision<NoMemory, NoMemory> {
    let space = try networks.policy.madeSpaces().actions
    let count = moment.observations.shape.first ?? 1
    let drawn = space.sample(moment.key.split(0), batch: [count])
    guard clock.isLearning else { return Decision(drawn, memory: memory, notes: NoMemory()) }
    let best = head.greedyActions(try networks.policy(moment.observations, memory).outputs, space)
    let explores = moment.key.split(1).uniform([count]) .< settings.exploration(clock).converted(to: .float32)
    return Decision(`where`(explores, drawn, best), memory: memory, notes: NoMemory())
  }

  func learn(
    _ networks: inout Networks, _ store: inout ReplayStore, from experience: Experience<NoMemory, NoMemory>,
    _ key: RandomKey, _ clock: LearningClock
  ) throws -> [String: Tensor] {
    let trajectory = experience.trajectory
    try store.insert(
      StepSequence(trajectory, actions: trajectory.actions, isSound: experience.isSound), replay)
    guard clock.isLearning else { return ["loss": Tensor(0)] }
    let beta = (replay.beta + (1 - replay.beta) * clock.progress).converted(to: .float32)
    let keys = key.bits([settings.updates, 2])
    let numbers: Tensor
    if store.hasPriorities {
      let (last, found) = try scan(over: keys, from: Learned(networks: networks, store: store)) { learned, words in
        var next = learned
        let numbers = try update(&next.networks, &next.store, RandomKey(words: words), beta)
        return (next, numbers)
      }
      (networks, store, numbers) = (last.networks, last.store, found)
    } else {
      var kept = store
      (networks, numbers) = try scan(over: keys, from: networks) { networks, words in
        var next = networks
        let numbers = try update(&next, &kept, RandomKey(words: words), beta)
        return (next, numbers)
      }
    }
    let means = numbers.mean(axes: 0)
    return ["loss": means[0], "Q value": means[1], "exploration": settings.exploration(clock)]
  }

  private struct Learned: Codable, Sendable {
    var networks: Networks
    var store: ReplayStore
  }

  /// One update.
  private func update(
    _ networks: inout Networks, _ store: inout ReplayStore, _ key: RandomKey, _ beta: Tensor
  ) throws -> Tensor {
    let sample = try store.sample(settings.batchSize, beta: beta, key)
    let items = sample.items
    let target = try networks.target(items.nextObservations, NoMemory()).outputs
    let judge = settings.isDouble ? try networks.policy(items.nextObservations, NoMemory()).outputs : target
    let best = head.actionValues(judge).argMax()
    let targets = settings.targets(head, target, best, items)
    let (loss, gradient, found) = try valueAndGradientWithAuxiliary(at: networks.policy) { policy in
      let outputs = try policy(items.observations, NoMemory()).outputs
      let (losses, errors) = settings.losses(head, outputs, items.actions, targets)
      let loss = sample.weights.map { ($0 * losses).mean() } ?? losses.mean()
      return (loss, [stopGradient(errors), stopGradient(head.actionValues(outputs).max(axes: -1).mean())])
    }
    networks.updates = networks.updates + 1.0
    try rule.move(
      &networks.policy, along: gradient, state: &networks.memory,
      at: StepContext(number: networks.updates, loss: loss))
    store.update(at: sample.places, errors: found[0])
    let isDue = remainder(networks.updates, Tensor(Double(settings.targetInterval), .float64)) .== 0
    networks.target = try chosen(
      isDue, try blended(networks.target, networks.policy, settings.targetRate), networks.target)
    return stacked([loss, found[1]])
  }
}

/// What distinguishes methods that learn values of actions.
struct ValueSettings: Sendable {
  var batchSize: Int
  /// The number of updates after each rollout.
  var updates: Int
  /// The number of updates after which the target network follows.
  var targetInterval: Int
  /// How far the target network follows then, 1 for all the way.
  var targetRate = 1.0
  var isDouble: Bool
  /// The probabilities of actions drawn evenly at the beginning and at the end.
  var initialExploration: Double
  var finalExploration: Double
  /// The share of training after which the final probability is reached.
  var explorationShare: Double

  func validate(_ name: String) throws {
    func check(_ isSound: Bool, _ what: String) throws {
      if !isSound { throw TensorError(name, what) }
    }
    try check(updates >= 1, "updates \(updates) times after a rollout; at least once is needed")
    try check(targetInterval >= 1, "its target network follows every \(targetInterval) updates; at least 1 is needed")
    try check(targetRate > 0 && targetRate <= 1, "its target network follows by \(targetRate), not more than 0 up to 1")
    for share in [initialExploration, finalExploration, explorationShare] where !(0...1).contains(share) {
      throw TensorError(name, "its exploration has \(share), which is not between 0 and 1")
    }
  }

  /// The probability of an action drawn evenly, a Float64 scalar.
  func exploration(_ clock: LearningClock) -> Tensor {
    let done = minimum(clock.progress / Swift.max(explorationShare, 1e-9), 1)
    return initialExploration + (finalExploration - initialExploration) * done
  }

  /// What outputs for the actions taken are to become: `[batch]`, or `[batch, quantiles]`.
  func targets(_ head: PolicyHead, _ outputs: Tensor, _ actions: Tensor, _ items: ReplayedSteps) -> Tensor {
    let next = Self.ofActions(head, outputs, actions)
    guard case .quantiles = head else { return stopGradient(items.rewards + items.discounts * next) }
    return stopGradient(items.rewards.expanded(axis: 1) + items.discounts.expanded(axis: 1) * next)
  }

  /// The losses of outputs, `[batch]`, and by how much they miss their targets.
  func losses(
    _ head: PolicyHead, _ outputs: Tensor, _ actions: Tensor, _ targets: Tensor
  ) -> (losses: Tensor, errors: Tensor) {
    let own = Self.ofActions(head, outputs, actions)
    guard case .quantiles(let number) = head else {
      let errors = targets - own
      return (Self.huber(errors), errors)
    }
    // [batch, own quantiles, targets' quantiles]
    let errors = targets.expanded(axis: 1) - own.expanded(axis: 2)
    let places = Tensor((0..<number).map { (Double($0) + 0.5) / Double(number) }, own.elementType)
    let isBelow = stopGradient((errors .< 0).converted(to: own.elementType))
    let weights = abs(places.reshaped([1, number, 1]) - isBelow)
    return ((weights * Self.huber(errors)).mean(axes: 2).sum(axes: 1), errors.mean(axes: [1, 2]))
  }

  /// Half the square up to 1, and beyond that a line.
  private static func huber(_ errors: Tensor) -> Tensor {
    let size = abs(errors)
    let near = minimum(size, 1)
    return near * (size - 0.5 * near)
  }

  /// The outputs of the actions: their values `[batch]`, or quantiles `[batch, quantiles]`.
  private static func ofActions(_ head: PolicyHead, _ outputs: Tensor, _ actions: Tensor) -> Tensor {
    guard case .quantiles(let number) = head else {
      let values = head.actionValues(outputs)
      guard values.error == nil, let count = values.shape.last else { return values }
      return (values * actions.oneHot(count: count, values.elementType)).sum(axes: -1)
    }
    let all = head.quantiles(outputs, number)
    guard all.error == nil else { return all }
    return (all * actions.oneHot(count: all.shape[1], all.elementType).expanded(axis: 2)).sum(axes: 1)
  }
}

/// A network moved toward another one: (1 − rate) · first + rate · second.
func blended<Network: Codable>(_ first: Network, _ second: Network, _ rate: Double) throws -> Network {
  if rate == 1 { return second }
  let (own, other) = (try ModelTree(first), try ModelTree(second))
  return try own.rebuilt(
    Network.self,
    with: zip(own.leaves, other.leaves).map { one, two in
      guard let a = one.tensor, let b = two.tensor, a.elementType.isFloatingPoint else { return one.tensor }
      return a + rate * (b - a)
    }, identities: own.leaves.map(\.identity))
}
