import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What soft actor-critic makes of what happens.
struct SoftLearning<ActingPolicy: Policy>: ContinuousLearning where ActingPolicy.Memory == NoMemory {
  struct Networks: Codable, Sendable {
    var policy: ActingPolicy
    var critics: Critics
    var targets: Critics
    var logTemperature: Tensor
    var policyMemory: Adam.State
    var criticMemory: Adam.State
    var temperatureMemory: Adam.State
    /// The number of updates so far, a Float64 scalar.
    var updates: Tensor
  }

  let name = "SAC"
  let begin: ActingPolicy
  let seed: UInt64
  let pace: LearningPace
  let learningRate: Double
  let replay: ReplaySettings
  let settings: ContinuousSettings
  let temperature: Double?
  let targetEntropy: Double?
  let holdsNoise: Bool

  private var rule: Adam { Adam(learningRate: .constant(learningRate)) }
  var optimizer: any Optimizer { rule }
  var measures: [String] { ["loss", "policy loss", "entropy", "Q value", "temperature"] }

  func validate() throws {
    try rule.validate()
    try replay.validate(name, batchSize: settings.batchSize)
    try settings.validate(name)
  }

  func begin(in spaces: PolicySpaces) throws -> (networks: Networks, store: ReplayStore) {
    _ = try spaces.actions.finiteBounds(name)
    let policy = try begin.prepared(for: spaces, head: .squashed, seed: seed)
    let critics = try Critics(count: settings.criticCount, hidden: policy.criticSizes)
      .initialized(spaces, seed: seed &+ 1)
    let logTemperature = log(Tensor(temperature ?? 1))
    let networks = Networks(
      policy: policy, critics: critics, targets: critics, logTemperature: logTemperature,
      policyMemory: try rule.initialState(of: policy), criticMemory: try rule.initialState(of: critics),
      temperatureMemory: try rule.initialState(of: logTemperature), updates: Tensor(0, .float64))
    return (networks, try ReplayStore(replay, spaces, environments: pace.environments))
  }

  func policy(in networks: Networks) -> ActingPolicy { networks.policy }

  func decide(
    _ moment: Moment, _ memory: NoMemory, _ networks: Networks, _ clock: LearningClock
  ) throws -> Decision<NoMemory, NoMemory> {
    let space = try networks.policy.madeSpaces().actions
    let count = moment.observations.shape.first ?? 1
    let key = holdsNoise ? clock.key : moment.key
    let actions =
      try clock.isLearning
      ? networks.policy.actions(for: moment.observations, drawnWith: key)
      : space.sample(key, batch: [count])
    return Decision(actions, memory: memory, notes: NoMemory())
  }

  /// The policy's actions, scaled to −1…1, and the logarithms of their densities on that scale.
  private func drawn(_ policy: ActingPolicy, _ seen: Tensor, _ key: RandomKey) throws -> (Tensor, Tensor) {
    let (low, high) = try policy.madeSpaces().actions.finiteBounds(name)
    let output = try policy(seen, NoMemory()).outputs
    let distribution = PolicyHead.squashed.distribution(
      output, .box(low: low.map { _ in -1 }, high: high.map { _ in 1 }))
    return distribution.sampleWithLogProbability(key)
  }

  /// One update of critics, policy and temperature.
  func update(_ networks: inout Networks, _ store: ReplayStore, _ key: RandomKey) throws -> Tensor {
    let spaces = try networks.policy.madeSpaces()
    let items = try store.sample(settings.batchSize, beta: Tensor(1), key.split(0)).items
    let batch = try ContinuousBatch(items, spaces)
    let weight = exp(networks.logTemperature)
    networks.updates = networks.updates + 1.0
    let step = StepContext(number: networks.updates)

    let (nextActions, nextDensities) = try drawn(networks.policy, batch.next, key.split(1))
    let nextValues = Critics.smallest(networks.targets.values(batch.nextFeatures, nextActions))
    let targets = stopGradient(batch.rewards + batch.discounts * (nextValues - weight * nextDensities))
    let (criticLoss, criticGradient) = try valueAndGradient(at: networks.critics) { critics in
      Critics.loss(critics.values(batch.features, batch.actions), targets)
    }
    try rule.move(&networks.critics, along: criticGradient, state: &networks.criticMemory, at: step)

    let critics = networks.critics
    let (policyLoss, policyGradient, found) = try valueAndGradientWithAuxiliary(at: networks.policy) { policy in
      let (actions, densities) = try drawn(policy, batch.seen, key.split(2))
      let values = Critics.smallest(critics.values(batch.features, actions))
      return ((weight * densities - values).mean(), stopGradient(stacked([densities.mean(), values.mean()])))
    }
    try rule.move(&networks.policy, along: policyGradient, state: &networks.policyMemory, at: step)

    if temperature == nil {
      let target = targetEntropy ?? -Double(max(1, spaces.actions.shape.first ?? 1))
      let slope = -(found[0] + target)
      try rule.move(
        &networks.logTemperature, along: slope, state: &networks.temperatureMemory, at: step)
    }
    networks.targets = try blended(networks.targets, networks.critics, settings.targetRate)
    return stacked([criticLoss, policyLoss, -found[0], found[1], weight])
  }
}
