/// Whether a point is better than another whatever the objectives weigh: at most as large in each, and smaller in one.
///
/// All objectives are minimized; a value that is not a number counts as +∞.
public func dominates(_ point: [Double], _ other: [Double]) -> Bool {
  guard point.count == other.count else { return false }
  return Dominance.dominates(point.map(Dominance.ordered), other.map(Dominance.ordered))
}

/// The points, by their positions, in fronts: the first holds those that no other dominates, the next those that only
/// points of the first dominate, and so on. Equal points share a front.
///
/// All objectives are minimized; a value that is not a number counts as +∞. Within a front, positions ascend. The method
/// is the efficient non-dominated sort with binary search (Zhang, Tian, Cheng, Jin, *An efficient approach to nondominated
/// sorting for evolutionary multiobjective optimization*, 2015).
///
/// - Parameter points: The objectives of each point, as many for each.
/// - Complexity: O(n log n) for two objectives; O(m · n²) for m at worst, O(m · n^1.5) as a rule.
public func nonDominatedFronts(of points: [[Double]]) -> [[Int]] {
  let points = points.map { $0.map(Dominance.ordered) }
  // Whoever dominates a point stands before it in this order, so that fronts only grow at their ends.
  let order = points.indices.sorted { Dominance.precedes(points[$0], points[$1]) ?? ($0 < $1) }
  var fronts: [[Int]] = []
  for position in order {
    let point = points[position]
    var (low, high) = (0, fronts.count)
    while low < high {
      let middle = (low + high) / 2
      if Dominance.isDominated(point, by: fronts[middle], among: points) { low = middle + 1 } else { high = middle }
    }
    if low == fronts.count { fronts.append([]) }
    fronts[low].append(position)
  }
  return fronts.map { $0.sorted() }
}

/// Comparisons of points whose objectives are numbers.
enum Dominance {
  /// A value that compares with all others.
  static func ordered(_ value: Double) -> Double { value.isNaN ? .infinity : value }

  static func dominates(_ point: [Double], _ other: [Double]) -> Bool {
    var isSmaller = false
    for (value, against) in zip(point, other) {
      if value > against { return false }
      if value < against { isSmaller = true }
    }
    return isSmaller
  }

  /// Whether a point comes first in the order of the dictionary; `nil` where the two are equal.
  static func precedes(_ point: [Double], _ other: [Double]) -> Bool? {
    for (value, against) in zip(point, other) where value != against { return value < against }
    return nil
  }

  /// Whether one of a front, whose points precede this one, dominates it.
  static func isDominated(_ point: [Double], by front: [Int], among points: [[Double]]) -> Bool {
    // With two objectives, the second falls along a front: its last point has the least.
    let candidates = point.count <= 2 ? front.suffix(1) : front[...]
    return candidates.reversed().contains { dominates(points[$0], point) }
  }
}
