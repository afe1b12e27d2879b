import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What PPO, A2C and REINFORCE have in common: each is a choice of these settings.
struct OnPolicyLearning<ActingPolicy: Policy, Rule: Optimizer>: LearningMethod {
  struct Networks: Codable, Sendable {
    var policy: ActingPolicy
    var memory: Rule.State
    /// The number of updates so far, a Float64 scalar.
    var updates: Tensor
  }

  /// Nothing is kept.
  struct Store: Codable, Sendable {}

  struct Notes: Codable, Sendable {
    /// The actions before they were held within bounds.
    var actions: Tensor
    var logProbabilities: Tensor
    var values: Tensor
    /// What the policy remembers after the step.
    var memory: ActingPolicy.Memory
  }

  let name: String
  let begin: ActingPolicy
  let seed: UInt64
  let pace: LearningPace
  let rule: Rule
  let settings: OnPolicySettings

  var optimizer: any Optimizer { rule }

  func validate() throws {
    try rule.validate()
    try settings.validate(name, pace)
  }

  func begin(in spaces: PolicySpaces) throws -> (networks: Networks, store: Store) {
    let policy = try begin.prepared(for: spaces, head: .distribution, seed: seed)
    let output = try policy(spaces.example(), policy.initialMemory(batch: 1))
    if settings.valueWeight > 0, output.values == nil {
      throw TensorError(
        name, "needs a policy that estimates values of observations, and \(ActingPolicy.self) gives none")
    }
    let memory = try rule.initialState(of: policy)
    return (Networks(policy: policy, memory: memory, updates: Tensor(0, .float64)), Store())
  }

  func policy(in networks: Networks) -> ActingPolicy { networks.policy }

  func decide(
    _ moment: Moment, _ memory: Memory, _ networks: Networks, _ clock: LearningClock
  ) throws -> Decision<Memory, Notes> {
    let space = try networks.policy.madeSpaces().actions
    let output = try networks.policy(moment.observations, memory)
    let distribution = networks.policy.head.distribution(output.outputs, space)
    let (actions, logProbabilities) = distribution.sampleWithLogProbability(moment.key)
    let notes = Notes(
      actions: actions, logProbabilities: logProbabilities, values: values(of: output, like: logProbabilities),
      memory: output.memory)
    return Decision(space.clipped(actions), memory: output.memory, notes: notes)
  }

  /// The values of observations; zeros where the policy estimates none.
  private func values(of output: PolicyOutput<Memory>, like other: Tensor) -> Tensor {
    settings.hasBaseline ? output.values ?? Tensor(zerosLike: other) : Tensor(zerosLike: other)
  }

  func learn(
    _ networks: inout Networks, _ store: inout Store, from experience: Experience<Memory, Notes>, _ key: RandomKey,
    _ clock: LearningClock
  ) throws -> [String: Tensor] {
    let (trajectory, policy) = (experience.trajectory, networks.policy)
    let notes = trajectory.notes
    let steps = RewardSequence(
      rewards: trajectory.rewards.converted(to: .float32), values: notes.values,
      nextValues: try nextValues(trajectory, policy), terminated: trajectory.terminated,
      truncated: trajectory.truncated)
    let (advantages, returns) = try steps.generalizedAdvantages(discount: settings.discount, lambda: settings.lambda)
    let sample = OnPolicySample(
      observations: trajectory.observations, actions: notes.actions, logProbabilities: notes.logProbabilities,
      values: notes.values, advantages: advantages, returns: returns,
      weights: settings.hasBaseline ? Tensor(ones: returns.shape) : Self.beforeLastEnd(trajectory.ended))
    let numbers = try update(&networks, sample, experience, key)
    var named: [String: Tensor] = [:]
    for (place, name) in OnPolicySettings.numbers.enumerated() { named[name] = numbers[place] }
    if settings.hasBaseline { named["explained variance"] = Self.explainedVariance(notes.values, returns) }
    return named
  }

  /// Where the end of the episode is still to come within the rollout, so that all of its rewards are known.
  private static func beforeLastEnd(_ ended: Tensor) -> Tensor {
    (ended.converted(to: .float32).cumulativeSum(axis: 0, reversed: true) .> 0).converted(to: .float32)
  }

  private static func explainedVariance(_ values: Tensor, _ returns: Tensor) -> Tensor {
    1.0 - (returns - values).variance() / maximum(returns.variance(), 1e-12)
  }

  /// The values of the observations that the steps led to, all in one pass.
  private func nextValues(_ trajectory: Trajectory<Notes>, _ policy: ActingPolicy) throws -> Tensor {
    let shape = trajectory.notes.values.shape
    guard settings.hasBaseline else { return Tensor(zerosLike: trajectory.notes.values) }
    let count = shape[0] * shape[1]
    func rows(_ tensor: Tensor) -> Tensor { tensor.reshaped(Shape([count] + tensor.shape.sizes.dropFirst(2))) }
    let output = try policy(
      rows(trajectory.finalObservations), try mappingTensors(trajectory.notes.memory) { rows($0) })
    return stopGradient((output.values ?? Tensor(zeros: [count])).reshaped(shape))
  }

  /// All epochs of updates.
  ///
  /// - Returns: The means of `OnPolicySettings.numbers` over the updates.
  private func update(
    _ networks: inout Networks, _ sample: OnPolicySample, _ experience: Experience<Memory, Notes>, _ key: RandomKey
  ) throws -> Tensor {
    let (length, environments) = (pace.steps, pace.environments)
    let isRecurrent = try !ModelTree(experience.memory).leaves.isEmpty
    // Steps of a policy that remembers stay in their order: environments are dealt out, rather than steps.
    let whole = isRecurrent ? environments : length * environments
    let size = max(1, whole / settings.minibatches)
    let order =
      settings.minibatches == 1 && settings.epochs == 1
      ? Tensor(rangeTo: whole).expanded(axis: 0)
      : concatenated(
        (0..<settings.epochs).map { epoch in
          key.split(epoch).permutation(whole).sliced(0..<settings.minibatches * size)
            .reshaped([settings.minibatches, size])
        })
    let all =
      try isRecurrent
      ? sample
      : mappingTensors(sample) { tensor in
        tensor.reshaped(Shape([whole] + tensor.shape.sizes.dropFirst(2)))
      }
    let axis = isRecurrent ? 1 : 0
    let (last, numbers) = try scan(over: order, from: networks) { networks, rows in
      var next = networks
      let part = try mappingTensors(all) { $0.taken(rows, axis: axis) }
      let memory = try mappingTensors(experience.memory) { $0.taken(rows) }
      let isFirst = experience.isFirst.taken(rows, axis: 1)
      let (loss, gradient, numbers) = try valueAndGradientWithAuxiliary(at: networks.policy) { policy in
        let outputs =
          try isRecurrent
          ? Self.replayed(policy, part.observations, memory, isFirst)
          : policy(part.observations, experience.memory).withoutMemory
        let space = try policy.madeSpaces().actions
        let distribution = policy.head.distribution(outputs.outputs, space)
        return settings.loss(distribution, outputs.values, part)
      }
      next.updates = networks.updates + 1.0
      try rule.move(
        &next.policy, along: gradient, state: &next.memory, at: StepContext(number: next.updates, loss: loss))
      return (next, numbers)
    }
    networks = last
    return numbers.mean(axes: 0)
  }

  /// What a policy gives that remembers, step after step: `[steps, environments, …]`.
  private static func replayed(
    _ policy: ActingPolicy, _ observations: Tensor, _ memory: Memory, _ isFirst: Tensor
  ) throws -> OnPolicyOutputs {
    let initial = policy.initialMemory(batch: observations.rank > 1 ? observations.shape[1] : 1)
    return try scan(over: [observations, isFirst], from: memory) { memory, step in
      let output = try policy(step[0], try forgetting(memory, initial, where: step[1]))
      return (output.memory, output.withoutMemory)
    }.outputs
  }
}

/// What a policy's network gives, without what it remembers.
struct OnPolicyOutputs: Codable {
  let outputs: Tensor
  let values: Tensor?
}

extension PolicyOutput {
  var withoutMemory: OnPolicyOutputs { OnPolicyOutputs(outputs: outputs, values: values) }
}

/// Steps to learn from, side by side.
struct OnPolicySample: Codable, Sendable {
  var observations: Tensor
  var actions: Tensor
  var logProbabilities: Tensor
  var values: Tensor
  var advantages: Tensor
  var returns: Tensor
  /// 1 where the step counts, 0 where what follows it is not known.
  var weights: Tensor
}

/// What distinguishes the methods that learn from the actions of the policy itself.
struct OnPolicySettings: Sendable {
  var discount: Double
  var lambda: Double
  var epochs = 1
  var minibatches = 1
  /// The bound of ratios' distances from 1; `nil` for none.
  var clip: Double?
  /// The bound of values' changes; `nil` for none.
  var valueClip: Double?
  var valueWeight: Double
  var entropyWeight: Double
  var normalizesAdvantages: Bool
  /// Whether values of observations are estimated.
  var hasBaseline = true

  func validate(_ name: String, _ pace: LearningPace) throws {
    func check(_ isSound: Bool, _ what: String) throws {
      if !isSound { throw TensorError(name, what) }
    }
    try check((0...1).contains(discount), "its discount factor is \(discount), not between 0 and 1")
    try check((0...1).contains(lambda), "its λ is \(lambda), not between 0 and 1")
    try check(epochs >= 1 && minibatches >= 1, "takes \(epochs) epochs of \(minibatches) minibatches; at least 1 each")
    try check(
      minibatches <= pace.environments * pace.steps,
      "deals \(pace.environments * pace.steps) steps out to \(minibatches) minibatches; take fewer")
    try check(clip.map { $0 > 0 } ?? true, "its clipping bound is \(clip ?? 0), not positive")
    try check(valueClip.map { $0 > 0 } ?? true, "its bound of value changes is \(valueClip ?? 0), not positive")
    try check(valueWeight >= 0 && entropyWeight >= 0, "its weights of losses are not all at least 0")
  }

  /// What the numbers of an update are called, in their order.
  static let numbers = [
    "loss", "policy loss", "value loss", "entropy", "approximate KL", "first-order KL", "clip fraction",
  ]

  /// The loss of a policy on some steps, and the numbers of the update.
  func loss(_ distribution: ActionDistribution, _ values: Tensor?, _ sample: OnPolicySample) -> (Tensor, Tensor) {
    let count = maximum(sample.weights.sum(), 1)
    func mean(_ tensor: Tensor) -> Tensor { hasBaseline ? tensor.mean() : (tensor * sample.weights).sum() / count }
    let logRatio = distribution.logProbability(of: sample.actions) - sample.logProbabilities
    let ratio = exp(logRatio)
    var advantages = sample.advantages
    if normalizesAdvantages {
      let center = mean(advantages)
      let spread = sqrt(mean(square(advantages - center)))
      advantages = (advantages - center) / (spread + 1e-8)
    }
    let plain = advantages * ratio
    let gains = clip.map { minimum(plain, advantages * ratio.clamped(1 - $0, 1 + $0)) } ?? plain
    let policyLoss = -mean(gains)
    let entropy = mean(distribution.entropy)
    let valueLoss = values.map { mean(errors($0, sample)) } ?? Tensor(0)
    let loss = policyLoss + valueWeight * valueLoss - entropyWeight * entropy
    let outside = clip.map { (abs(ratio - 1.0) .> $0).converted(to: ratio.elementType) } ?? Tensor(zerosLike: ratio)
    let numbers = [
      loss, policyLoss, valueLoss, entropy, mean(ratio - 1.0 - logRatio), mean(-logRatio), mean(outside),
    ]
    return (loss, stopGradient(stacked(numbers)))
  }

  /// The squared errors of values; the larger one of those with and without clipping.
  private func errors(_ values: Tensor, _ sample: OnPolicySample) -> Tensor {
    let plain = square(values - sample.returns)
    guard let valueClip else { return plain }
    let near = sample.values + (values - sample.values).clamped(-valueClip, valueClip)
    return maximum(plain, square(near - sample.returns))
  }
}

/// A value with a function of each tensor in its place.
func mappingTensors<Value: Codable>(_ value: Value, _ transform: (Tensor) throws -> Tensor) throws -> Value {
  let tree = try ModelTree(value)
  return try tree.rebuilt(
    Value.self, with: try tree.leaves.map { try $0.tensor.map(transform) }, identities: tree.leaves.map(\.identity))
}
