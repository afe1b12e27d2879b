import DescentGraph
import DescentTensors

/// What is learned from: an observation with an action, and what came of it after one step or several.
struct ReplayedSteps: Codable, Sendable {
  var observations: Tensor
  var actions: Tensor
  /// The sums of the discounted rewards.
  var rewards: Tensor
  /// What was seen after the last of the steps.
  var nextObservations: Tensor
  /// What the value of that counts: the discount factor to the power of the steps, 0 where the episode has terminated.
  var discounts: Tensor
}

/// Which replay an algorithm keeps.
struct ReplaySettings: Sendable {
  var capacity: Int
  var discount: Double
  /// The number of steps that rewards are summed over.
  var stepCount = 1
  /// The exponent of priorities; `nil` where items are drawn evenly.
  var alpha: Double?
  /// The exponent of weights at the beginning, which rises to 1.
  var beta = 0.4

  func validate(_ name: String, batchSize: Int) throws {
    func check(_ isSound: Bool, _ what: String) throws {
      if !isSound { throw TensorError(name, what) }
    }
    try check(capacity >= 1, "keeps a replay of \(capacity) steps; it needs room for at least 1")
    try check(batchSize >= 1, "learns from batches of \(batchSize) steps; at least 1 is needed")
    try check((0...1).contains(discount), "its discount factor is \(discount), not between 0 and 1")
    try check((1...1_000).contains(stepCount), "sums rewards over \(stepCount) steps, not 1 up to 1,000")
    try check(
      alpha.map { $0 >= 0 && $0.isFinite } ?? true, "its exponent of priorities is \(alpha ?? 0), not at least 0")
    try check((0...1).contains(beta), "its exponent of weights is \(beta), not between 0 and 1")
  }
}

/// A replay, with the steps that are still waiting for what comes of them.
struct ReplayStore: Codable, Sendable {
  private var even: ReplayBuffer<ReplayedSteps>?
  private var prioritized: PrioritizedReplay<ReplayedSteps>?
  private var waiting: WaitingSteps?

  /// Items drawn from a replay.
  struct Sample {
    let items: ReplayedSteps
    let places: Tensor
    /// What their losses are multiplied by, `[items]`; `nil` where all count the same.
    let weights: Tensor?
  }

  /// An empty replay.
  ///
  /// - Parameters:
  ///   - spaces: What is seen and done.
  ///   - environments: The number of environments that fill it.
  init(_ settings: ReplaySettings, _ spaces: PolicySpaces, environments: Int) throws {
    let seen = spaces.example()[0]
    let action = Tensor(zeros: spaces.actions.shape, spaces.actions.elementType)
    let example = ReplayedSteps(
      observations: seen, actions: action, rewards: Tensor(0), nextObservations: seen, discounts: Tensor(0))
    if let alpha = settings.alpha {
      prioritized = try PrioritizedReplay(capacity: settings.capacity, like: example, alpha: alpha)
    } else {
      even = try ReplayBuffer(capacity: settings.capacity, like: example)
    }
    guard settings.stepCount > 1 else { return }
    let shape = [settings.stepCount - 1, environments]
    waiting = WaitingSteps(
      steps: StepSequence(
        observations: Tensor(zeros: Shape(shape + seen.shape.sizes), seen.elementType),
        actions: Tensor(zeros: Shape(shape + action.shape.sizes), action.elementType),
        rewards: Tensor(zeros: Shape(shape)),
        finalObservations: Tensor(zeros: Shape(shape + seen.shape.sizes), seen.elementType),
        terminated: Tensor(zeros: Shape(shape), .bool), ended: Tensor(zeros: Shape(shape), .bool)),
      isThere: Tensor(zeros: [settings.stepCount - 1], .bool))
  }

  /// Keeps what happened, in the order of time.
  ///
  /// - Parameters:
  ///   - steps: What happened, `[steps, environments, …]`.
  ///   - settings: The settings of the replay.
  mutating func insert(_ steps: StepSequence, _ settings: ReplaySettings) throws {
    guard steps.rewards.rank == 2 else {
      throw steps.rewards.error ?? TensorError("replay", "takes rewards [steps, environments]")
    }
    let (length, environments) = (steps.rewards.shape[0], steps.rewards.shape[1])
    var (whole, mask) = (steps, Tensor?.none)
    if let before = waiting {
      whole = try StepSequence(joining: before.steps, steps)
      let isThere = concatenated([before.isThere, Tensor(ones: [length], .bool)])
      mask = isThere.sliced(0..<length).expanded(axis: 1).broadcast(to: [length, environments]).reshaped([
        length * environments
      ])
      waiting = WaitingSteps(
        steps: try mappingTensors(whole) { $0.sliced(length..<length + settings.stepCount - 1) },
        isThere: isThere.sliced(length..<length + settings.stepCount - 1))
    }
    let items = try mappingTensors(whole.summed(over: settings.stepCount, length, settings.discount)) { tensor in
      tensor.reshaped(Shape([length * environments] + tensor.shape.sizes.dropFirst(2)))
    }
    try even?.insert(items, where: mask)
    try prioritized?.insert(items, where: mask)
  }

  /// Items to learn from.
  ///
  /// - Parameters:
  ///   - number: The number of items.
  ///   - beta: The exponent of weights, where items have priorities.
  func sample(_ number: Int, beta: Tensor, _ key: RandomKey) throws -> Sample {
    if let prioritized {
      let found = try prioritized.sample(number, beta: beta, key)
      return Sample(items: found.items, places: found.places, weights: found.weights)
    }
    guard let even else { throw TensorError("replay", "has no items") }
    let places = even.places(number, key)
    return Sample(items: try even.items(at: places), places: places, weights: nil)
  }

  /// Sets the priorities of items, where there are such.
  mutating func update(at places: Tensor, errors: Tensor) { prioritized?.update(at: places, errors: errors) }

  /// Whether items have priorities, which updates change.
  var hasPriorities: Bool { prioritized != nil }
}

/// The last steps, which wait for those that follow, and whether there were such.
private struct WaitingSteps: Codable, Sendable {
  var steps: StepSequence
  var isThere: Tensor
}

/// Steps in the order of time, `[steps, environments, …]`.
struct StepSequence: Codable, Sendable {
  var observations: Tensor
  var actions: Tensor
  var rewards: Tensor
  var finalObservations: Tensor
  var terminated: Tensor
  var ended: Tensor

  init(
    observations: Tensor, actions: Tensor, rewards: Tensor, finalObservations: Tensor, terminated: Tensor, ended: Tensor
  ) {
    (self.observations, self.actions, self.rewards) = (observations, actions, rewards)
    (self.finalObservations, self.terminated, self.ended) = (finalObservations, terminated, ended)
  }

  /// What happened in a rollout. Of one that is not sound nothing is kept that is not finite.
  ///
  /// - Parameter actions: The actions in the form in which they are learned from.
  init<Notes>(_ trajectory: Trajectory<Notes>, actions: Tensor, isSound: Tensor) {
    func kept(_ tensor: Tensor) -> Tensor {
      tensor.elementType.isFloatingPoint ? `where`(isSound, tensor.converted(to: .float32), 0) : tensor
    }
    self.init(
      observations: kept(trajectory.observations), actions: actions,
      rewards: kept(trajectory.rewards.converted(to: .float32)),
      finalObservations: kept(trajectory.finalObservations), terminated: trajectory.terminated, ended: trajectory.ended)
  }

  fileprivate init(joining first: StepSequence, _ second: StepSequence) throws {
    let (own, other) = (try ModelTree(first), try ModelTree(second))
    self = try own.rebuilt(
      StepSequence.self,
      with: zip(own.leaves, other.leaves).map { one, two in
        if let a = one.tensor, let b = two.tensor { concatenated([a, b]) } else { nil }
      })
  }

  /// Each of the first `length` steps with the discounted rewards up to the end of the episode or over `count` steps.
  func summed(over count: Int, _ length: Int, _ discount: Double) -> ReplayedSteps {
    func part(_ tensor: Tensor, _ place: Int) -> Tensor { tensor.sliced(place..<place + length) }
    var sums = part(rewards, 0)
    var next = part(finalObservations, 0)
    var factor = discount
    var discounts = (.!part(terminated, 0)).converted(to: .float32) * factor
    var isAlive = .!part(ended, 0)
    for place in 1..<max(1, count) {
      sums = sums + factor * (isAlive.converted(to: .float32) * part(rewards, place))
      factor *= discount
      let mask = isAlive.reshaped(Shape(isAlive.shape.sizes + next.shape.dropFirst(2).map { _ in 1 }))
      next = `where`(mask, part(finalObservations, place), next)
      let continued = (.!part(terminated, place)).converted(to: .float32) * factor
      discounts = `where`(isAlive, continued, discounts)
      isAlive = isAlive .& .!part(ended, place)
    }
    return ReplayedSteps(
      observations: part(observations, 0), actions: part(actions, 0), rewards: sums, nextObservations: next,
      discounts: discounts)
  }
}
