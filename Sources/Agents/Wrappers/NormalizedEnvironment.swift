import DescentGraph
import DescentTensors

/// Means and variances of what has been seen so far.
///
/// Batches are joined by the formula of Chan, Golub and LeVeque (1979), so that the numbers do not depend on how they were cut.
public struct RunningStatistics: Model {
  /// The mean of each component.
  public var mean: Tensor
  /// The mean square of the distance from the mean.
  public var variance: Tensor
  /// The number of examples.
  public var count: Tensor

  /// Statistics of nothing: a mean of 0 and a variance of 1, until the first examples come.
  public init(shape: Shape) {
    (mean, variance, count) = (Tensor(zeros: shape), Tensor(ones: shape), Tensor(0))
  }

  /// The statistics with further examples, `[count, …]`.
  public func adding(_ examples: Tensor) -> RunningStatistics {
    let values = examples.converted(to: .float32)
    let number = Double(values.shape.first ?? 1)
    let (newMean, newVariance) = (values.mean(axes: [0]), values.variance(axes: [0]))
    let total = count + number
    let distance = newMean - mean
    var next = self
    next.mean = mean + distance * (number / total)
    let squares: Tensor = variance * count + newVariance * number + square(distance) * (count * number / total)
    (next.variance, next.count) = (squares / total, total)
    return next
  }

  /// Examples less the mean, over the standard deviation, held between −limit and limit.
  public func normalized(_ examples: Tensor, limit: Double = 10) -> Tensor {
    ((examples.converted(to: .float32) - mean) / sqrt(variance + 1e-8)).clamped(-limit, limit)
  }
}

/// What an environment that normalizes has learned of its observations and rewards.
public struct NormalizationStatistics: Model {
  /// Of the observations.
  public var observations: RunningStatistics
  /// Of the discounted sums of rewards, by whose standard deviation rewards are divided.
  public var returns: RunningStatistics

  /// Statistics of nothing yet.
  public init(_ space: ObservationSpace) {
    (observations, returns) = (RunningStatistics(shape: space.shape), RunningStatistics(shape: []))
  }
}

/// An environment whose observations have a mean of 0 and a variance of 1 in each component, and whose rewards are divided by the
/// standard deviation of their discounted sum.
///
/// All environments side by side share the statistics, which are part of their state: `state.statistics`. To act with what was learned
/// of them, give them to `frozen(with:)`. Source: detail 9 and 10 of "The 37 implementation details of proximal policy optimization"
/// (Huang et al., 2022), after OpenAI's `VecNormalize`.
public struct NormalizedEnvironment<Base: EnvironmentSource>: EnvironmentSource {
  /// The environment inside.
  public let base: Base
  /// Whether observations are normalized.
  public let normalizesObservations: Bool
  /// Whether rewards are.
  public let normalizesRewards: Bool
  /// The discount of the sums of rewards.
  public let discount: Double
  /// What is known from before; `nil` where nothing is.
  public let statistics: NormalizationStatistics?
  /// Whether statistics stay as they are.
  public let isFrozen: Bool

  /// The name of the environment inside.
  public var name: String { base.name }
  /// Numbers without bounds but the limit of 10 standard deviations.
  public var observationSpace: ObservationSpace {
    normalizesObservations ? .array(shape: base.observationSpace.shape, low: -10, high: 10) : base.observationSpace
  }
  /// As inside.
  public var actionSpace: ActionSpace { base.actionSpace }
  /// As inside.
  public var stepLimit: Int? { base.stepLimit }

  /// The environment that acts with statistics learned before, and does not change them.
  ///
  /// Rewards are what they are inside, so that returns can be compared.
  public func frozen(with statistics: NormalizationStatistics) -> NormalizedEnvironment {
    NormalizedEnvironment(
      base: base, normalizesObservations: normalizesObservations, normalizesRewards: false, discount: discount,
      statistics: statistics, isFrozen: true)
  }

  /// So many environments side by side.
  ///
  /// - Throws: `TensorError` where the environment inside refuses them, or the discount is not from 0 to 1.
  public func batch(_ count: Int) throws -> NormalizedBatch<Base> {
    guard (0...1).contains(discount) else {
      throw TensorError(name, "a discount of \(discount), which is not from 0 to 1")
    }
    return NormalizedBatch(source: self, base: try base.batch(count))
  }
}

extension EnvironmentSource {
  /// The environment with normalized observations and rewards.
  ///
  /// - Parameters:
  ///   - observations: Whether observations are normalized.
  ///   - rewards: Whether rewards are.
  ///   - discount: The discount of the sums of rewards by whose spread rewards are divided.
  ///   - statistics: What is known from before.
  public func normalized(
    observations: Bool = true, rewards: Bool = true, discount: Double = 0.99,
    from statistics: NormalizationStatistics? = nil
  ) -> NormalizedEnvironment<Self> {
    NormalizedEnvironment(
      base: self, normalizesObservations: observations, normalizesRewards: rewards, discount: discount,
      statistics: statistics, isFrozen: false)
  }
}

/// Several environments side by side that share the statistics by which they normalize.
public struct NormalizedBatch<Base: EnvironmentSource>: EnvironmentBatch {
  /// The states inside, and the statistics.
  public struct State: Codable, Sendable {
    /// The states inside.
    public var base: Base.Batch.State
    /// What is known of observations and rewards.
    public var statistics: NormalizationStatistics
    /// The discounted sums of rewards, `[count]`.
    var sums: Tensor
  }

  let source: NormalizedEnvironment<Base>
  let base: Base.Batch

  /// The name of the environment inside.
  public var name: String { base.name }
  /// The number of environments.
  public var count: Int { base.count }
  /// As the source says.
  public var observationSpace: ObservationSpace { source.observationSpace }
  /// As inside.
  public var actionSpace: ActionSpace { base.actionSpace }
  /// As inside.
  public var stepLimit: Int? { base.stepLimit }

  /// As inside.
  public var isRestorable: Bool { base.isRestorable }

  /// The first states, whose observations count for the statistics.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func reset(key: RandomKey) throws -> State {
    let state = try base.reset(key: key)
    var statistics = source.statistics ?? NormalizationStatistics(base.observationSpace)
    if source.normalizesObservations, !source.isFrozen {
      statistics.observations = statistics.observations.adding(try base.observations(of: state))
    }
    return State(base: state, statistics: statistics, sums: Tensor(zeros: [count]))
  }

  /// What is seen, normalized.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func observations(of state: State) throws -> Tensor {
    shown(try base.observations(of: state.base), state.statistics)
  }

  /// Acts inside, and counts what is seen and rewarded. Returns are those of the environment inside.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func step(_ state: State, _ actions: Tensor, key: RandomKey) throws -> BatchStep<State> {
    let inside = try base.step(state.base, actions, key: key)
    var next = State(base: inside.state, statistics: state.statistics, sums: state.sums)
    if source.normalizesObservations, !source.isFrozen {
      next.statistics.observations = next.statistics.observations.adding(inside.observations)
    }
    var rewards = inside.rewards
    if source.normalizesRewards {
      let plain = inside.rewards.converted(to: .float32)
      let sums = state.sums * source.discount + plain
      if !source.isFrozen { next.statistics.returns = next.statistics.returns.adding(sums) }
      rewards = (plain / sqrt(next.statistics.returns.variance + 1e-8)).clamped(-10, 10)
      next.sums = `where`(inside.ended, 0, sums)
    }
    return BatchStep(
      state: next, observations: shown(inside.observations, next.statistics),
      finalObservations: shown(inside.finalObservations, next.statistics), rewards: rewards,
      terminated: inside.terminated, truncated: inside.truncated, returns: inside.returns, lengths: inside.lengths)
  }

  private func shown(_ observations: Tensor, _ statistics: NormalizationStatistics) -> Tensor {
    source.normalizesObservations ? statistics.observations.normalized(observations) : observations
  }
}
