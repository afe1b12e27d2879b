import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What TD3 and DDPG make of what happens.
struct DeterministicLearning<ActingPolicy: Policy>: ContinuousLearning where ActingPolicy.Memory == NoMemory {
  struct Networks: Codable, Sendable {
    var actor: Actor
    var critics: Critics
    var targetCritics: Critics
    var criticMemory: Adam.State
    /// The number of updates of the critics so far, a Float64 scalar.
    var updates: Tensor
  }

  /// What is updated only now and then.
  struct Actor: Codable, Sendable {
    var policy: ActingPolicy
    var target: ActingPolicy
    var memory: Adam.State
    var updates: Tensor
    /// The last loss.
    var loss: Tensor
  }

  let name: String
  let begin: ActingPolicy
  let seed: UInt64
  let pace: LearningPace
  let learningRate: Double
  let replay: ReplaySettings
  let settings: ContinuousSettings
  let explorationNoise: Double
  let policyInterval: Int
  let targetNoise: Double
  let targetNoiseBound: Double

  private var rule: Adam { Adam(learningRate: .constant(learningRate)) }
  var optimizer: any Optimizer { rule }
  var measures: [String] { ["loss", "policy loss", "Q value"] }

  func validate() throws {
    try rule.validate()
    try replay.validate(name, batchSize: settings.batchSize)
    try settings.validate(name)
    guard policyInterval >= 1 else {
      throw TensorError(name, "updates its policy every \(policyInterval) updates; at least 1 is needed")
    }
    for noise in [explorationNoise, targetNoise, targetNoiseBound] where !(noise >= 0 && noise.isFinite) {
      throw TensorError(name, "has a noise of \(noise), where at least 0 is needed")
    }
  }

  func begin(in spaces: PolicySpaces) throws -> (networks: Networks, store: ReplayStore) {
    _ = try spaces.actions.finiteBounds(name)
    let policy = try begin.prepared(for: spaces, head: .deterministic, seed: seed)
    let critics = try Critics(count: settings.criticCount, hidden: policy.criticSizes)
      .initialized(spaces, seed: seed &+ 1)
    let actor = Actor(
      policy: policy, target: policy, memory: try rule.initialState(of: policy), updates: Tensor(0, .float64),
      loss: Tensor(0))
    let networks = Networks(
      actor: actor, critics: critics, targetCritics: critics, criticMemory: try rule.initialState(of: critics),
      updates: Tensor(0, .float64))
    return (networks, try ReplayStore(replay, spaces, environments: pace.environments))
  }

  func policy(in networks: Networks) -> ActingPolicy { networks.actor.policy }

  func decide(
    _ moment: Moment, _ memory: NoMemory, _ networks: Networks, _ clock: LearningClock
  ) throws -> Decision<NoMemory, NoMemory> {
    let space = try networks.actor.policy.madeSpaces().actions
    let count = moment.observations.shape.first ?? 1
    guard clock.isLearning else {
      return Decision(space.sample(moment.key, batch: [count]), memory: memory, notes: NoMemory())
    }
    let (low, high) = try space.finiteBounds(name)
    let best = tanh(try networks.actor.policy(moment.observations, memory).outputs)
    let noise = explorationNoise * moment.key.normal(best.shape)
    let actions = ActionDistribution.scaled((best + noise).clamped(-1, 1), low, high)
    return Decision(space.clipped(actions), memory: memory, notes: NoMemory())
  }

  /// One update of the critics, and of the policy where it is due.
  func update(_ networks: inout Networks, _ store: ReplayStore, _ key: RandomKey) throws -> Tensor {
    let spaces = try networks.actor.policy.madeSpaces()
    let items = try store.sample(settings.batchSize, beta: Tensor(1), key.split(0)).items
    let batch = try ContinuousBatch(items, spaces)
    networks.updates = networks.updates + 1.0

    var nextActions = tanh(try networks.actor.target(batch.next, NoMemory()).outputs)
    if targetNoise > 0 {
      let noise = targetNoise * key.split(1).normal(nextActions.shape)
      nextActions = (nextActions + noise.clamped(-targetNoiseBound, targetNoiseBound)).clamped(-1, 1)
    }
    let nextValues = Critics.smallest(networks.targetCritics.values(batch.nextFeatures, nextActions))
    let targets = stopGradient(batch.rewards + batch.discounts * nextValues)
    let (loss, gradient, values) = try valueAndGradientWithAuxiliary(at: networks.critics) { critics in
      let values = critics.values(batch.features, batch.actions)
      return (Critics.loss(values, targets), stopGradient(values.first?.mean() ?? Tensor(0)))
    }
    try rule.move(
      &networks.critics, along: gradient, state: &networks.criticMemory, at: StepContext(number: networks.updates))

    let (actor, critics) = (networks.actor, networks.critics)
    func moved() throws -> Actor { try self.moved(actor, critics, batch) }
    let (before, targetsBefore) = (networks.actor, networks.targetCritics)
    guard policyInterval > 1 else {
      networks.actor = try moved()
      networks.targetCritics = try blended(targetsBefore, critics, settings.targetRate)
      return stacked([loss, networks.actor.loss, values])
    }
    let isDue = remainder(networks.updates, Tensor(Double(policyInterval), .float64)) .== 0
    (networks.actor, networks.targetCritics) = try cond(isDue) {
      (try moved(), try blended(targetsBefore, critics, settings.targetRate))
    } else: {
      (before, targetsBefore)
    }
    return stacked([loss, networks.actor.loss, values])
  }

  /// The policy after an update, and its target.
  private func moved(_ actor: Actor, _ critics: Critics, _ batch: ContinuousBatch) throws -> Actor {
    var next = actor
    next.updates = actor.updates + 1.0
    let (loss, gradient) = try valueAndGradient(at: actor.policy) { policy in
      let actions = tanh(try policy(batch.seen, NoMemory()).outputs)
      return -(critics.values(batch.features, actions).first ?? Tensor(0)).mean()
    }
    try rule.move(&next.policy, along: gradient, state: &next.memory, at: StepContext(number: next.updates))
    next.loss = loss
    next.target = try blended(actor.target, next.policy, settings.targetRate)
    return next
  }
}
