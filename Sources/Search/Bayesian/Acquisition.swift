import Foundation

/// What a point is worth that is not measured yet: how the next trial is chosen from what a model thinks of it.
///
/// All look for small values; a study that looks for the largest turns its sign.
public enum Acquisition: Sendable, Hashable, Codable {
  /// How far below the best value the point is expected to be (Jones, Schonlau and Welch, 1998).
  case expectedImprovement
  /// The logarithm of the expected improvement, which has a slope also where the improvement is too small to be told from
  /// zero (Ament and others, 2023).
  case logExpectedImprovement
  /// How likely the point is below the best value (Kushner, 1964).
  case probabilityOfImprovement
  /// The negative of the mean less so many standard deviations: the lower end of what is likely (Srinivas and others, 2010).
  case confidenceBound(Double = 2)
  /// The logarithm of the expected improvement over the best of the function's values, which are only known up to the noise:
  /// the mean over so many functions that fit the values (Letham, Karrer, Ottoni and Bakshy, 2019).
  case noisyExpectedImprovement(samples: Int = 16)
  /// The negative of one function that the model thinks possible (Thompson, 1933), drawn by Fourier features and corrected
  /// by what was measured (Wilson and others, 2020).
  case thompsonSampling

  /// What a point is worth whose value is normally distributed.
  ///
  /// - Parameters:
  ///   - mean: The mean of its value; for Thompson sampling the drawn value itself.
  ///   - deviation: The standard deviation of its value, above 0.
  ///   - best: The least value that is known.
  public func value(mean: Double, deviation: Double, best: Double) -> Double {
    score(mean: mean, deviation: deviation, best: best).value
  }

  /// A value with its derivatives.
  struct Score: Sendable {
    var value: Double
    var meanSlope: Double
    var deviationSlope: Double
  }

  func score(mean: Double, deviation: Double, best: Double) -> Score {
    let z = (best - mean) / deviation
    switch self {
    case .expectedImprovement:
      let density = Normal.density(z)
      let below = Normal.distribution(z)
      // Far below zero density and z·Φ cancel.
      let value = z > -1 ? deviation * (density + z * below) : deviation * exp(Normal.logMeanShortfall(z).value)
      return Score(value: value, meanSlope: -below, deviationSlope: density)
    case .logExpectedImprovement, .noisyExpectedImprovement:
      let (value, slope) = Normal.logMeanShortfall(z)
      return Score(
        value: value + log(deviation), meanSlope: -slope / deviation, deviationSlope: (1 - z * slope) / deviation)
    case .probabilityOfImprovement:
      let slope = Normal.density(z) / deviation
      return Score(value: Normal.distribution(z), meanSlope: -slope, deviationSlope: -z * slope)
    case .confidenceBound(let width):
      return Score(value: width * deviation - mean, meanSlope: -1, deviationSlope: width)
    case .thompsonSampling: return Score(value: -mean, meanSlope: -1, deviationSlope: 0)
    }
  }

  /// Whether values are logarithms, to which that of a probability is added where they count under a condition.
  var isLogarithm: Bool {
    switch self {
    case .logExpectedImprovement, .noisyExpectedImprovement: true
    case .expectedImprovement, .probabilityOfImprovement, .confidenceBound, .thompsonSampling: false
    }
  }

  /// The same under conditions: products with probabilities are sums of logarithms.
  var underConditions: Acquisition {
    switch self {
    case .expectedImprovement: .logExpectedImprovement
    default: self
    }
  }
}

extension Acquisition: CustomStringConvertible {
  /// The name, with its settings.
  public var description: String {
    switch self {
    case .expectedImprovement: "expected improvement"
    case .logExpectedImprovement: "log expected improvement"
    case .probabilityOfImprovement: "probability of improvement"
    case .confidenceBound(let width): "confidence bound of \(width) standard deviations"
    case .noisyExpectedImprovement(let samples): "noisy expected improvement, \(samples) samples"
    case .thompsonSampling: "Thompson sampling"
    }
  }
}
