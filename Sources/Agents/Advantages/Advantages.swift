import DescentGraph
import DescentTensors

/// Estimates of how much better an action was than what a policy does on average, and of what it leads to.
///
/// Arguments are `[time]` or `[time, environments…]`, in the order of time. Where an episode was truncated, the value of its last
/// observation stands for what would have come; where it has terminated, nothing comes.
///
/// ```swift
/// let steps = RewardSequence(rewards: rewards, values: values, nextValues: next, terminated: terminated, truncated: truncated)
/// let (advantages, returns) = try steps.generalizedAdvantages(discount: 0.99, lambda: 0.95)
/// ```
public struct RewardSequence: Sendable, Codable {
  /// The rewards of the steps.
  public var rewards: Tensor
  /// The estimated values of the observations that the steps began with.
  public var values: Tensor
  /// The estimated values of the observations that the steps led to: of an episode that ended, of its last one.
  public var nextValues: Tensor
  /// Whether the episode has terminated by the step, booleans.
  public var terminated: Tensor
  /// Whether the episode was cut off after the step, booleans.
  public var truncated: Tensor

  /// Steps in the order of time.
  public init(rewards: Tensor, values: Tensor, nextValues: Tensor, terminated: Tensor, truncated: Tensor) {
    (self.rewards, self.values, self.nextValues) = (rewards, values, nextValues)
    (self.terminated, self.truncated) = (terminated, truncated)
  }

  /// Generalized advantage estimates: sums of the steps' errors of prediction, δ = r + γ V′ − V, weighted by (γλ)ᵏ.
  ///
  /// Source: Schulman et al., "High-dimensional continuous control using generalized advantage estimation", 2016.
  /// - Parameters:
  ///   - discount: The discount factor γ.
  ///   - lambda: λ; 0 looks one step ahead, 1 to the end of the episode.
  /// - Returns: The advantages, and the returns, which are advantages plus values.
  /// - Throws: `TensorError` where the shapes differ or the sequence has no steps.
  public func generalizedAdvantages(discount: Double, lambda: Double) throws -> (advantages: Tensor, returns: Tensor) {
    let (following, lasting) = try masks()
    let errors = rewards + discount * following * nextValues - values
    let advantages = try Self.accumulated(errors, (discount * lambda) * lasting)
    return (advantages, advantages + values)
  }

  /// λ-returns: G = r + γ ((1 − λ) V′ + λ G′), with V′ in place of G′ where the sequence or an episode ends.
  ///
  /// Source: Sutton and Barto, "Reinforcement Learning", 2018, section 12.1.
  /// - Parameters:
  ///   - discount: The discount factor γ.
  ///   - lambda: λ; 0 looks one step ahead, 1 to the end of the episode.
  /// - Throws: `TensorError` where the shapes differ or the sequence has no steps.
  public func lambdaReturns(discount: Double, lambda: Double) throws -> Tensor {
    let (following, lasting) = try masks()
    // Of the last step nothing is known beyond its next value.
    let weights = lambda * lasting.with(last: 0)
    let rest = discount * following * (1.0 - weights) * nextValues
    return try Self.accumulated(rewards + rest, discount * weights)
  }

  /// V-trace: values of a policy from steps that another one has taken, and the advantages that go with them.
  ///
  /// vₜ = Vₜ + δₜ + γ cₜ (vₜ₊₁ − Vₜ₊₁) with δ = ρ (r + γ V′ − V), where ρ and c are the ratios of the policies' probabilities,
  /// held below bounds. Source: Espeholt et al., "IMPALA", 2018.
  /// - Parameters:
  ///   - logRatios: The logarithms of the ratios, those of the policy that learns over those of the one that acted.
  ///   - discount: The discount factor γ.
  ///   - lambda: What c is multiplied by.
  ///   - ratioBound: The bound of ρ, which settles which policy's values are learned.
  ///   - traceBound: The bound of c, which settles how fast.
  /// - Returns: The values, and the advantages ρ (r + γ v′ − V).
  /// - Throws: `TensorError` where the shapes differ or the sequence has no steps.
  public func vTrace(
    logRatios: Tensor, discount: Double, lambda: Double = 1, ratioBound: Double = 1, traceBound: Double = 1
  ) throws -> (values: Tensor, advantages: Tensor) {
    let (following, lasting) = try masks()
    let ratios = exp(logRatios)
    let (weights, traces) = (minimum(ratios, ratioBound), lambda * minimum(ratios, traceBound))
    let errors = weights * (rewards + discount * following * nextValues - values)
    let targets = values + (try Self.accumulated(errors, discount * traces * lasting))
    let length = rewards.shape[0]
    let later = concatenated([targets.sliced(1..<length), nextValues.sliced(length - 1..<length)])
    let next = `where`(lasting.with(last: 0) .> 0, later, nextValues)
    return (targets, weights * (rewards + discount * following * next - values))
  }

  /// Where something follows a step, 0 where the episode has terminated; and where the next step is of the same episode.
  private func masks() throws -> (following: Tensor, lasting: Tensor) {
    for (name, tensor) in [
      ("values", values), ("next values", nextValues), ("terminated", terminated), ("truncated", truncated),
    ] {
      if let error = tensor.error ?? rewards.error { throw error }
      guard tensor.shape == rewards.shape else {
        throw TensorError("advantages", "the rewards are \(rewards.shape), but \(name) \(tensor.shape)")
      }
    }
    guard let length = rewards.shape.first, length > 0 else {
      throw TensorError("advantages", "take rewards [time, …] of at least one step, not \(rewards.shape)")
    }
    let type = rewards.elementType
    return ((.!terminated).converted(to: type), (.!(terminated .| truncated)).converted(to: type))
  }

  /// sₜ = xₜ + wₜ sₜ₊₁, from the end on.
  private static func accumulated(_ terms: Tensor, _ weights: Tensor) throws -> Tensor {
    try scan(over: [terms, weights], from: Tensor(zerosLike: terms[0]), reversed: true) { sum, step in
      let next = step[0] + step[1] * sum
      return (next, next)
    }.outputs
  }
}

extension Tensor {
  /// The tensor with a number in place of the last part along the first axis.
  fileprivate func with(last value: Double) -> Tensor {
    guard error == nil, let length = shape.first, length > 0 else { return self }
    let places = Tensor(rangeTo: length).reshaped(Shape([length] + shape.dropFirst().map { _ in 1 }))
    return `where`(places .< Double(length - 1), self, value)
  }
}
