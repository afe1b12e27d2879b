import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// Networks that judge an action in an observation, each by itself.
struct Critics: Model {
  var networks: [Perceptron]

  init(count: Int, hidden: [Int]) {
    networks = (0..<count).map { _ in Perceptron(hidden: hidden, outputs: 1) }
  }

  /// The values of actions, `[batch]` of each network.
  ///
  /// - Parameters:
  ///   - features: The observations as rows of numbers.
  ///   - actions: The actions, scaled to −1…1, `[batch, components]`.
  func values(_ features: Tensor, _ actions: Tensor) -> [Tensor] {
    let input = concatenated([features, actions], axis: -1)
    return networks.map { network in
      let values = network(input)
      return values.error == nil ? values[.all, 0] : values
    }
  }

  /// Networks with initial values.
  func initialized(_ spaces: PolicySpaces, seed: UInt64) throws -> Critics {
    let actions = Tensor(zeros: Shape([1] + spaces.actions.shape.sizes))
    return try initialized(seed: seed) { $0.values(spaces.features(spaces.example()), actions) }
  }

  /// The smallest of several values.
  static func smallest(_ values: [Tensor]) -> Tensor {
    values.dropFirst().reduce(values.first ?? Tensor(error: TensorError("critics", "there are none"))) {
      minimum($0, $1)
    }
  }

  /// The sum of the mean squared distances of each network's values from targets.
  static func loss(_ values: [Tensor], _ targets: Tensor) -> Tensor {
    values.dropFirst().reduce(values.first.map { square($0 - targets).mean() } ?? Tensor(0)) {
      $0 + square($1 - targets).mean()
    }
  }
}

/// What methods that act by numbers and learn from a replay have in common.
struct ContinuousSettings: Sendable {
  var batchSize: Int
  /// The number of updates after each rollout.
  var updates: Int
  /// How far target networks follow after each update.
  var targetRate: Double
  /// The number of critics, of which the smallest value counts.
  var criticCount: Int

  func validate(_ name: String) throws {
    guard updates >= 1 else {
      throw TensorError(name, "updates \(updates) times after a rollout; at least once is needed")
    }
    guard targetRate > 0, targetRate <= 1 else {
      throw TensorError(name, "its target networks follow by \(targetRate), not more than 0 up to 1")
    }
  }
}

/// What is learned from, with actions scaled to −1…1 and observations as rows of numbers.
struct ContinuousBatch {
  let seen: Tensor
  let features: Tensor
  let actions: Tensor
  let rewards: Tensor
  let next: Tensor
  let nextFeatures: Tensor
  let discounts: Tensor

  init(_ items: ReplayedSteps, _ spaces: PolicySpaces) throws {
    let (low, high) = try spaces.actions.finiteBounds("replay")
    (seen, features) = (items.observations, spaces.features(items.observations))
    actions = ActionDistribution.normalized(items.actions, low, high)
    (rewards, discounts) = (items.rewards, items.discounts)
    (next, nextFeatures) = (items.nextObservations, spaces.features(items.nextObservations))
  }
}
