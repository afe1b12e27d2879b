import DescentGraph
import DescentTensors

/// What the numbers mean that a policy's network gives for an observation.
public enum PolicyHead: Hashable, Sendable, Codable {
  /// The logits of choices, or means followed by logarithms of standard deviations, which are the same for all observations: for PPO,
  /// A2C, REINFORCE and evolution strategies.
  case distribution
  /// Means followed by logarithms of standard deviations, both computed from the observation, of numbers that are squashed into the
  /// bounds of a box: for SAC.
  case squashed
  /// Numbers that the hyperbolic tangent brings into the bounds of a box: for TD3 and DDPG.
  case deterministic
  /// The values of the actions; with dueling streams, computed from the value of the observation and the advantages of the actions: for DQN.
  case actionValues(isDueling: Bool = false)
  /// Quantiles of the returns of the actions, `[actions, quantiles]`: for QR-DQN.
  case quantiles(Int)

  /// How many numbers the network gives for an action space.
  ///
  /// - Throws: `TensorError` where the head does not fit the space.
  func outputCount(_ space: ActionSpace) throws -> Int {
    switch (self, space) {
    case (.distribution, .discrete(let count)): return count
    case (.distribution, .multiDiscrete(let counts)): return counts.reduce(0, +)
    case (.distribution, .box(let low, _)): return low.count
    case (.squashed, _): return try 2 * space.finiteBounds("SAC").low.count
    case (.deterministic, _): return try space.finiteBounds("TD3").low.count
    case (.actionValues(let isDueling), .discrete(let count)): return isDueling ? count + 1 : count
    case (.quantiles(let number), .discrete(let count)): return number * count
    case (.actionValues, _), (.quantiles, _):
      throw TensorError("DQN", "acts by one choice among several, not by \(space.text); take PPO, SAC or TD3")
    }
  }

  /// The distribution of actions.
  ///
  /// - Parameters:
  ///   - outputs: What the network gives, `[batch…, numbers]`; of numbers without a squashing their means followed by the
  ///     logarithms of their standard deviations.
  ///   - space: The action space.
  func distribution(_ outputs: Tensor, _ space: ActionSpace) -> ActionDistribution {
    switch (self, space) {
    case (.squashed, .box(let low, let high)):
      let parts = outputs.split([low.count, low.count], axis: -1)
      // The bounds of Stable-Baselines3 and of the authors' code.
      return ActionDistribution(mean: parts[0], logStandardDeviation: parts[1].clamped(-20, 2), low: low, high: high)
    case (_, .box(let low, _)):
      let parts = outputs.split([low.count, low.count], axis: -1)
      return ActionDistribution(mean: parts[0], logStandardDeviation: parts[1])
    case (_, .multiDiscrete(let counts)): return ActionDistribution(logits: outputs, counts: counts)
    case (_, .discrete): return ActionDistribution(logits: outputs)
    }
  }

  /// The values of the actions `[batch…, actions]`, of a head that gives such.
  func actionValues(_ outputs: Tensor) -> Tensor {
    switch self {
    case .actionValues(isDueling: true):
      let count = max(1, (outputs.shape.last ?? 1) - 1)
      let parts = outputs.split([1, count], axis: -1)
      return parts[0] + parts[1] - parts[1].mean(axes: -1, keepingAxes: true)
    case .quantiles(let number): return quantiles(outputs, number).mean(axes: -1)
    default: return outputs
    }
  }

  /// Quantiles `[batch…, actions, quantiles]`.
  func quantiles(_ outputs: Tensor, _ number: Int) -> Tensor {
    guard outputs.error == nil, let all = outputs.shape.last else { return outputs }
    return outputs.reshaped(Shape(outputs.shape.sizes.dropLast() + [all / max(1, number), number]))
  }

  /// The best action that the policy knows for each observation, within its space.
  func greedyActions(_ outputs: Tensor, _ space: ActionSpace) -> Tensor {
    switch (self, space) {
    case (.actionValues, _), (.quantiles, _): actionValues(outputs).argMax()
    case (.deterministic, .box(let low, let high)): ActionDistribution.scaled(tanh(outputs), low, high)
    default: space.clipped(distribution(outputs, space).mode)
    }
  }

  /// Actions drawn as the policy acts while it learns; the best ones of heads that give no distribution.
  func sampledActions(_ outputs: Tensor, _ space: ActionSpace, _ key: RandomKey) -> Tensor {
    switch self {
    case .distribution, .squashed: space.clipped(distribution(outputs, space).sample(key))
    default: greedyActions(outputs, space)
    }
  }
}
