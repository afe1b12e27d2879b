import DescentGraph
import DescentTensors
import Foundation

/// What a policy says of the next action: a distribution over the actions of a space, one for each observation.
///
/// Axes in front of those of an action are the batch's. Discrete actions are int32, those of a box float32.
public struct ActionDistribution: Sendable, Codable {
  /// How actions are distributed.
  public enum Family: Sendable, Hashable, Codable {
    /// One of a number of actions; its logits are `[batch…, actions]`.
    case categorical
    /// Several independent choices; their logits lie side by side in `[batch…, actions in all]`.
    case multiCategorical([Int])
    /// Independent normally distributed numbers, of mean and standard deviation `[batch…, components]`. They have no bounds:
    /// an environment is given them held between those of its box.
    case gaussian
    /// Normally distributed numbers that the hyperbolic tangent brings between the bounds of a box.
    case squashedGaussian(low: [Double], high: [Double])
  }

  /// How actions are distributed.
  public let family: Family
  /// The logits of choices, or the means of numbers before they are squashed.
  public let location: Tensor
  /// The logarithms of standard deviations; `nil` of choices.
  public let logStandardDeviation: Tensor?

  /// Choices with the given logits.
  ///
  /// - Parameters:
  ///   - logits: `[batch…, actions]`.
  ///   - counts: The number of actions of each choice, where there are several; their logits lie side by side.
  public init(logits: Tensor, counts: [Int]? = nil) {
    (location, logStandardDeviation) = (logits, nil)
    family = counts.map { .multiCategorical($0) } ?? .categorical
  }

  /// Normally distributed numbers.
  ///
  /// - Parameters:
  ///   - mean: The means `[batch…, components]`.
  ///   - logStandardDeviation: The logarithms of their standard deviations, of a shape that is repeated to that of the means.
  public init(mean: Tensor, logStandardDeviation: Tensor) {
    (location, family) = (mean, .gaussian)
    self.logStandardDeviation = logStandardDeviation.broadcast(to: mean.shape)
  }

  /// Normally distributed numbers that are brought between bounds by the hyperbolic tangent.
  ///
  /// - Parameters:
  ///   - mean: The means before that, `[batch…, components]`.
  ///   - logStandardDeviation: The logarithms of their standard deviations.
  ///   - low: The lower bounds, finite.
  ///   - high: The upper bounds, finite.
  public init(mean: Tensor, logStandardDeviation: Tensor, low: [Double], high: [Double]) {
    (location, family) = (mean, .squashedGaussian(low: low, high: high))
    self.logStandardDeviation = logStandardDeviation.broadcast(to: mean.shape)
  }

  /// The likeliest action; of numbers that are squashed, that of the likeliest number before.
  public var mode: Tensor {
    switch family {
    case .categorical: location.argMax()
    case .multiCategorical: stacked(choices.map { $0.argMax() }, axis: -1)
    case .gaussian: location
    case .squashedGaussian(let low, let high): Self.scaled(tanh(location), low, high)
    }
  }

  /// An action for each observation.
  public func sample(_ key: RandomKey) -> Tensor {
    switch family {
    case .categorical: key.categorical(logits: location)
    case .multiCategorical:
      stacked(choices.enumerated().map { key.split($0).categorical(logits: $1) }, axis: -1)
    case .gaussian: drawn(key)
    case .squashedGaussian(let low, let high): Self.scaled(tanh(drawn(key)), low, high)
    }
  }

  /// An action for each observation with the logarithm of its probability density, both with derivatives with respect to the
  /// distribution's parameters where actions are numbers.
  ///
  /// Of squashed numbers the logarithm is computed from the number before it is squashed, which is exact where the action
  /// comes close to a bound.
  public func sampleWithLogProbability(_ key: RandomKey) -> (action: Tensor, logProbability: Tensor) {
    guard case .squashedGaussian(let low, let high) = family else {
      let action = sample(key)
      return (action, logProbability(of: action))
    }
    let number = drawn(key)
    return (Self.scaled(tanh(number), low, high), squashedLogProbability(of: number, low, high))
  }

  /// The logarithms of the actions' probabilities, or of their densities, `[batch…]`.
  ///
  /// - Parameter action: An action for each observation.
  public func logProbability(of action: Tensor) -> Tensor {
    switch family {
    case .categorical: Self.logProbability(of: action, location)
    case .multiCategorical:
      choices.enumerated().map { Self.logProbability(of: action[.ellipsis, $0], $1) }
        .reduce(nil as Tensor?) { sum, one in sum.map { $0 + one } ?? one } ?? location.sum(axes: -1)
    case .gaussian: gaussianLogProbability(of: action).sum(axes: -1)
    case .squashedGaussian(let low, let high):
      squashedLogProbability(of: Self.unsquashed(action, low, high), low, high)
    }
  }

  /// The entropy, `[batch…]`; of squashed numbers, which have no closed form, that of the numbers before they are squashed.
  public var entropy: Tensor {
    guard let logStandardDeviation else {
      return choices.map { logits in
        let logarithms = logSoftmax(logits)
        return -(exp(logarithms) * logarithms).sum(axes: -1)
      }.reduce(nil as Tensor?) { sum, one in sum.map { $0 + one } ?? one } ?? location.sum(axes: -1)
    }
    // ½ log 2πe for each component.
    return (logStandardDeviation + 0.5 * (1 + Foundation.log(2 * Double.pi))).sum(axes: -1)
  }

  /// The logits of each choice.
  private var choices: [Tensor] {
    if case .multiCategorical(let counts) = family { return location.split(counts, axis: -1) }
    return [location]
  }

  private static func logProbability(of action: Tensor, _ logits: Tensor) -> Tensor {
    guard logits.error == nil, let count = logits.shape.last else { return logits }
    // By a product with one-hot rows, whose derivative is another product; that of a gather is a scatter.
    return (logSoftmax(logits) * action.oneHot(count: count, logits.elementType)).sum(axes: -1)
  }

  private func drawn(_ key: RandomKey) -> Tensor {
    guard let logStandardDeviation, location.error == nil else { return location }
    return location + exp(logStandardDeviation) * key.normal(location.shape).converted(to: location.elementType)
  }

  private func gaussianLogProbability(of number: Tensor) -> Tensor {
    guard let logStandardDeviation else { return location }
    let distance = (number - location) * exp(-logStandardDeviation)
    return -0.5 * square(distance) - logStandardDeviation - 0.5 * Foundation.log(2 * Double.pi)
  }

  private func squashedLogProbability(of number: Tensor, _ low: [Double], _ high: [Double]) -> Tensor {
    // log(1 − tanh²u) = 2 (log 2 − u − softplus(−2u)), which loses nothing where tanh rounds to 1.
    let volume = 2.0 * (Foundation.log(2.0) - number - softplus(-2.0 * number))
    return (gaussianLogProbability(of: number) - volume).sum(axes: -1) - Self.logVolume(low, high)
  }

  /// The logarithm of what the volume between −1 and 1 is stretched by.
  static func logVolume(_ low: [Double], _ high: [Double]) -> Double {
    zip(low, high).reduce(0) { $0 + Foundation.log(($1.1 - $1.0) / 2) }
  }

  /// Numbers between −1 and 1 between bounds.
  static func scaled(_ number: Tensor, _ low: [Double], _ high: [Double]) -> Tensor {
    let type = number.elementType
    let half = Tensor(zip(low, high).map { ($1 - $0) / 2 }, type)
    let center = Tensor(zip(low, high).map { ($0 + $1) / 2 }, type)
    return number * half + center
  }

  /// Numbers between bounds between −1 and 1.
  static func normalized(_ action: Tensor, _ low: [Double], _ high: [Double]) -> Tensor {
    let type = action.elementType
    let half = Tensor(zip(low, high).map { ($1 - $0) / 2 }, type)
    let center = Tensor(zip(low, high).map { ($0 + $1) / 2 }, type)
    return (action - center) / half
  }

  /// The number that is squashed to an action, held off the bounds by what Float32 can tell.
  private static func unsquashed(_ action: Tensor, _ low: [Double], _ high: [Double]) -> Tensor {
    let limit = action.elementType == .float64 ? 1 - 1e-15 : 1 - 1e-6
    return atanh(normalized(action, low, high).clamped(-limit, limit))
  }
}
