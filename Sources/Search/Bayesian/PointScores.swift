import Foundation

/// What the models of all results at a place say, one entry for each result; the objectives come first.
struct Outlook {
  /// For each result the means of its members.
  var means: [[Double]]
  /// For each result the standard deviation.
  var deviations: [Double]
}

/// What a place is worth, from what models say of it.
protocol PointScore: Sendable {
  /// Whether values are logarithms.
  var isLogarithm: Bool { get }
  /// The value, with its derivatives with respect to each mean and each deviation.
  func score(_ outlook: Outlook) -> OutlookScore
}

/// A value and its derivatives with respect to an outlook.
struct OutlookScore {
  var value: Double
  var meanSlopes: [[Double]]
  var deviationSlopes: [Double]

  init(value: Double, like outlook: Outlook) {
    self.value = value
    meanSlopes = outlook.means.map { $0.map { _ in 0 } }
    deviationSlopes = outlook.deviations.map { _ in 0 }
  }
}

/// An acquisition function of one objective, the mean over several possible pasts.
struct ImprovementScore: PointScore {
  let acquisition: Acquisition
  /// The least value in each of the possible pasts.
  let best: [Double]
  var isLogarithm: Bool { acquisition.isLogarithm }

  func score(_ outlook: Outlook) -> OutlookScore {
    var result = OutlookScore(value: 0, like: outlook)
    let deviation = outlook.deviations[0]
    let scores = zip(outlook.means[0], best).map { acquisition.score(mean: $0, deviation: deviation, best: $1) }
    let count = Double(scores.count)
    var shares = [Double](repeating: 1 / count, count: scores.count)
    if acquisition.isLogarithm {
      // The logarithm of the mean of exponentials.
      let most = scores.map(\.value).max() ?? 0
      let powers = scores.map { exp($0.value - most) }
      let total = powers.reduce(0, +)
      result.value = most + log(total / count)
      shares = powers.map { $0 / total }
    } else {
      result.value = scores.reduce(0) { $0 + $1.value } / count
    }
    for (place, score) in scores.enumerated() {
      result.meanSlopes[0][place] = shares[place] * score.meanSlope
      result.deviationSlopes[0] += shares[place] * score.deviationSlope
    }
    return result
  }
}

/// The logarithm of the probability that results are at most zero, added to what another score says of the objectives.
struct FeasibilityScore: PointScore {
  /// The other score; where there is none, the probability alone counts.
  let objective: (any PointScore)?
  /// Where the constraints begin among the results.
  let first: Int
  var isLogarithm: Bool { objective?.isLogarithm ?? true }

  func score(_ outlook: Outlook) -> OutlookScore {
    var result: OutlookScore
    if let objective { result = objective.score(outlook) } else { result = OutlookScore(value: 0, like: outlook) }
    for place in first..<outlook.means.count {
      let (mean, deviation) = (outlook.means[place][0], outlook.deviations[place])
      let z = -mean / deviation
      let value = Normal.logDistribution(z)
      let slope = exp(Normal.logDensity(z) - value)
      result.value += value
      result.meanSlopes[place][0] -= slope / deviation
      result.deviationSlopes[place] -= slope * z / deviation
    }
    return result
  }
}
