import Foundation

/// Wilcoxon's signed-rank test.
enum SignedRanks {
  /// Up to so many differences the distribution is counted out; the normal one stands for it beyond.
  private static let mostCounted = 50

  /// The probability that ranks of positive differences add up to as much as they do, or more, where each difference is as
  /// likely to be positive as negative.
  ///
  /// Equal sizes share the mean of their ranks. Zeros have ranks, half of which counts as positive (Pratt's zeros, split).
  static func probability(ofLarger differences: [Double]) -> Double {
    guard !differences.isEmpty else { return 1 }
    let sizes = differences.map(abs)
    let order = sizes.indices.sorted { sizes[$0] < sizes[$1] }
    // Twice the ranks, which are whole numbers then.
    var ranks = [Int](repeating: 0, count: sizes.count)
    var (first, ties) = (0, 0.0)
    while first < order.count {
      var last = first
      while last + 1 < order.count, sizes[order[last + 1]] == sizes[order[first]] { last += 1 }
      for place in first...last { ranks[order[place]] = first + last + 2 }
      let count = Double(last - first + 1)
      if sizes[order[first]] > 0 { ties += count * count * count - count }
      first = last + 1
    }
    let moving = differences.indices.filter { differences[$0] != 0 }
    let positive = moving.filter { differences[$0] > 0 }.reduce(0) { $0 + ranks[$1] }
    guard moving.count > mostCounted else { return counted(moving.map { ranks[$0] }, positive) }
    let (count, zeros) = (Double(differences.count), Double(differences.count - moving.count))
    let half = differences.indices.filter { differences[$0] == 0 }.reduce(0.0) { $0 + Double(ranks[$1]) } / 4
    let mean = count * (count + 1) / 4
    var variance = count * (count + 1) * (2 * count + 1) - zeros * (zeros + 1) * (2 * zeros + 1)
    variance = (variance - ties / 2) / 24
    let score = (Double(positive) / 2 + half - mean) / variance.squareRoot()
    return erfc(score / 2.0.squareRoot()) / 2
  }

  /// The share of all signs whose sum of positive ranks is at least so large.
  private static func counted(_ ranks: [Int], _ sum: Int) -> Double {
    let total = ranks.reduce(0, +)
    var ways = [Double](repeating: 0, count: total + 1)
    ways[0] = 1
    var reached = 0
    for rank in ranks {
      reached += rank
      for sum in stride(from: reached, through: rank, by: -1) { ways[sum] += ways[sum - rank] }
    }
    return ways[min(sum, total)...].reduce(0, +) * pow(0.5, Double(ranks.count))
  }
}
