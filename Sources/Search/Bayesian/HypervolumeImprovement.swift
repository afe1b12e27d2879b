import Foundation

/// By how much a front is expected to grow: the logarithm of the expected hypervolume improvement, for objectives whose
/// values are independent and normally distributed.
///
/// What no point of the front dominates is cut into boxes. In a box a new point dominates the product of its sides' parts
/// that are above it, whose expectation is a product of differences of mean shortfalls: exact for any number of objectives.
/// Source: Yang, Emmerich, Deutz and Bäck, "Efficient computation of expected hypervolume improvement using box
/// decomposition algorithms", 2019.
struct HypervolumeScore: PointScore {
  /// Lower and upper corners; a lower one may be −∞.
  let boxes: [(lower: [Double], upper: [Double])]
  var isLogarithm: Bool { true }

  /// - Parameters:
  ///   - front: The objectives of points that do not dominate each other, all below the reference.
  ///   - reference: The worst values that count.
  init(front: [[Double]], reference: [Double]) {
    boxes = Self.boxes(front, reference)
  }

  /// The boxes of what is below the reference and not dominated, by slices along the last objective.
  private static func boxes(_ front: [[Double]], _ reference: [Double]) -> [(lower: [Double], upper: [Double])] {
    let last = reference.count - 1
    if last == 0 {
      let best = front.map { $0[0] }.min() ?? reference[0]
      return [([-.infinity], [min(best, reference[0])])]
    }
    let sorted = front.sorted { $0[last] < $1[last] }
    let ends = Array(Set(sorted.map { $0[last] })).sorted().filter { $0 < reference[last] } + [reference[last]]
    var result: [(lower: [Double], upper: [Double])] = []
    var low = -Double.infinity
    let shadow = Array(reference.dropLast())
    for high in ends {
      // Between these two values those points count that are at most at the lower one.
      let below = sorted.prefix { $0[last] <= low }.map { Array($0.dropLast()) }
      for box in boxes(nonDominatedOnes(below), shadow) {
        result.append((box.lower + [low], box.upper + [high]))
      }
      low = high
    }
    return result
  }

  private static func nonDominatedOnes(_ points: [[Double]]) -> [[Double]] {
    nonDominatedFronts(of: points).first.map { front in front.map { points[$0] } } ?? []
  }

  func score(_ outlook: Outlook) -> OutlookScore {
    var result = OutlookScore(value: -.infinity, like: outlook)
    let count = boxes.first?.lower.count ?? 0
    var terms: [(value: Double, means: [Double], deviations: [Double])] = []
    terms.reserveCapacity(boxes.count)
    for box in boxes {
      var term = (
        value: 0.0, means: [Double](repeating: 0, count: count), deviations: [Double](repeating: 0, count: count)
      )
      for place in 0..<count {
        let side = Self.side(
          box.lower[place], box.upper[place], outlook.means[place][0], outlook.deviations[place])
        term.value += side.value
        term.means[place] = side.meanSlope
        term.deviations[place] = side.deviationSlope
      }
      if term.value > -.infinity { terms.append(term) }
    }
    guard let most = terms.map(\.value).max() else { return result }
    var total = 0.0
    for term in terms {
      let power = exp(term.value - most)
      total += power
      for place in 0..<count {
        result.meanSlopes[place][0] += power * term.means[place]
        result.deviationSlopes[place] += power * term.deviations[place]
      }
    }
    result.value = most + log(total)
    for place in 0..<count {
      result.meanSlopes[place][0] /= total
      result.deviationSlopes[place] /= total
    }
    return result
  }

  /// The logarithm of the expected length of [low, high] that is above a normal number.
  private static func side(_ low: Double, _ high: Double, _ mean: Double, _ deviation: Double) -> Acquisition.Score {
    let upper = Acquisition.logExpectedImprovement.score(mean: mean, deviation: deviation, best: high)
    guard low > -.infinity else { return upper }
    let lower = Acquisition.logExpectedImprovement.score(mean: mean, deviation: deviation, best: low)
    // log(e^u − e^l).
    let ratio = exp(lower.value - upper.value)
    let rest = -expm1(lower.value - upper.value)
    guard rest > 0 else { return Acquisition.Score(value: -.infinity, meanSlope: 0, deviationSlope: 0) }
    return Acquisition.Score(
      value: upper.value + log(rest), meanSlope: (upper.meanSlope - ratio * lower.meanSlope) / rest,
      deviationSlope: (upper.deviationSlope - ratio * lower.deviationSlope) / rest)
  }
}
