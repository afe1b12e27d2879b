import Foundation

/// How the loss goes while the learning rate grows from step to step; made by `findLearningRate`.
public struct LearningRateCurve: Sendable, Hashable, Codable {
  /// One step.
  public struct Point: Sendable, Hashable, Codable {
    /// The step's learning rate.
    public var rate: Double
    /// The loss of the step's batch, before the step.
    public var loss: Double
    /// The loss smoothed over the neighboring steps.
    public var smoothed: Double
  }

  /// The steps up to the last one whose loss was finite and not far above the best.
  public let points: [Point]

  /// Smooths the losses of some rates.
  ///
  /// - Parameters:
  ///   - rates: The rates, each larger than the last.
  ///   - losses: The losses, of which those up to the first that is not finite count.
  ///   - smoothing: What a neighbor's weight is multiplied by with each step of distance, at least 0 and less than 1.
  public init(rates: [Double], losses: [Double], smoothing: Double = 0.8) {
    let count = min(rates.count, losses.firstIndex { !$0.isFinite } ?? losses.count)
    let weight = max(0, min(smoothing, 0.999))
    /// For each place, the weighted sum of the losses up to it, and the sum of the weights.
    func sums(_ losses: some Sequence<Double>) -> [(sum: Double, weight: Double)] {
      var found: [(sum: Double, weight: Double)] = []
      for loss in losses {
        let last = found.last ?? (0, 0)
        found.append((last.sum * weight + loss, last.weight * weight + 1))
      }
      return found
    }
    // From both sides, so that the curve is not late.
    let (before, after) = (sums(losses[..<count]), Array(sums(losses[..<count].reversed()).reversed()))
    points = (0..<count).map { index in
      let sum = before[index].sum + after[index].sum - losses[index]
      let total = before[index].weight + after[index].weight - 1
      return Point(rate: rates[index], loss: losses[index], smoothed: sum / total)
    }
  }

  /// The rate at which the smoothed loss is least.
  public var minimum: Point? { points.min { $0.smoothed < $1.smoothed } }

  /// The rate at which the smoothed loss falls fastest, by the logarithm of the rate, before it is least: a good rate to
  /// begin with. `nil` where the loss never falls.
  public var suggestion: Double? {
    guard let best = points.indices.min(by: { points[$0].smoothed < points[$1].smoothed }), best > 1 else { return nil }
    let slopes = (1..<best).map { index in
      let (a, b) = (points[index - 1], points[index + 1])
      return (b.smoothed - a.smoothed) / log(b.rate / a.rate)
    }
    guard let steepest = slopes.indices.min(by: { slopes[$0] < slopes[$1] }), slopes[steepest] < 0 else { return nil }
    return points[steepest + 1].rate
  }
}

extension LearningRateCurve: CustomStringConvertible {
  /// What is suggested, and over which rates the loss went how far.
  public var description: String {
    guard let first = points.first, let last = points.last, let minimum else { return "no learning rate was tried" }
    func text(_ number: Double) -> String { String(format: "%.3g", number) }
    let advice = suggestion.map { "take \(text($0))" } ?? "no rate to take: the loss did not fall"
    return "\(advice); tried \(text(first.rate)) to \(text(last.rate)) in \(points.count) steps, the loss was"
      + " \(text(first.smoothed)) at first and least, \(text(minimum.smoothed)), at \(text(minimum.rate))"
  }
}
