import DescentTensors

/// The volume of what is dominated by at least one of the points and lies below a reference: how good a front is, as one
/// number. Larger is better.
///
/// All objectives are minimized. A point that is not below the reference in every objective, or holds a value that is not a
/// number, adds nothing. The value is exact but for rounding. The method is that of the Walking Fish Group (While,
/// Bradstreet, Barone, *A fast way of calculating exact hypervolumes*, 2012), which slices along one objective after the
/// other, down to two, where it sweeps.
///
/// ```swift
/// try hypervolume(of: [[1, 3], [2, 2], [3, 1]], reference: [4, 4])      // 6
/// ```
///
/// - Parameters:
///   - points: The objectives of each point.
///   - reference: The worst values that count, one for each objective.
/// - Throws: `TensorError` where the reference is empty or not finite, or a point has another number of objectives.
/// - Complexity: O(n log n) for two objectives, O(n² log n) for three; exponential in the number of objectives at worst.
public func hypervolume(of points: [[Double]], reference: [Double]) throws -> Double {
  try checkHypervolume(points, reference, of: "hypervolume")
  return Hypervolume.volume(Hypervolume.counting(points, below: reference), below: reference)
}

/// What each of the points alone adds to `hypervolume(of:reference:)`: the volume that would be lost without it.
///
/// - Throws: `TensorError` where the reference is empty or not finite, or a point has another number of objectives.
/// - Complexity: n times that of a hypervolume of n points.
public func hypervolumeContributions(of points: [[Double]], reference: [Double]) throws -> [Double] {
  try checkHypervolume(points, reference, of: "hypervolumeContributions")
  return points.indices.map { position in
    guard let point = Hypervolume.counting([points[position]], below: reference).first else { return 0 }
    let others = points.indices.filter { $0 != position }.map { points[$0] }
    return Hypervolume.exclusive(of: point, beside: Hypervolume.counting(others, below: reference), below: reference)
  }
}

private func checkHypervolume(_ points: [[Double]], _ reference: [Double], of function: String) throws {
  guard !reference.isEmpty, reference.allSatisfy(\.isFinite) else {
    throw TensorError(function, "the reference has to be a finite number for each objective: \(reference)")
  }
  for (position, point) in points.enumerated() where point.count != reference.count {
    throw TensorError(
      function, "point \(position) has \(point.count) objectives, the reference \(reference.count)")
  }
}

/// Volumes below a reference, of points that are below it in every objective.
enum Hypervolume {
  /// The points that count.
  static func counting(_ points: [[Double]], below reference: [Double]) -> [[Double]] {
    points.filter { point in zip(point, reference).allSatisfy { $0 < $1 } }
  }

  /// The volume of all that at least one of the points dominates.
  static func volume(_ points: [[Double]], below reference: [Double]) -> Double {
    guard let last = reference.last else { return 0 }
    switch reference.count {
    case 1: return last - (points.map { $0[0] }.min() ?? last)
    case 2: return area(points, below: reference)
    default:
      // In the order of the last objective, a point and what it shares with those before it have one value there: the
      // rest is a volume with one objective less.
      let lower = Array(reference.dropLast())
      let sorted = points.sorted { a, b in
        let (height, other) = (a[lower.count], b[lower.count])
        return height == other ? Dominance.precedes(a, b) ?? false : height < other
      }
      var total = 0.0
      var before: [[Double]] = []
      for point in sorted {
        let shadow = Array(point.dropLast())
        total += (last - point[lower.count]) * exclusive(of: shadow, beside: before, below: lower)
        before = before.filter { !weaklyDominates(shadow, $0) } + [shadow]
      }
      return total
    }
  }

  /// The volume of what a point dominates and none of the others does.
  static func exclusive(of point: [Double], beside others: [[Double]], below reference: [Double]) -> Double {
    var own = 1.0
    for (value, limit) in zip(point, reference) { own *= limit - value }
    let shared = others.map { other in zip(other, point).map { max($0, $1) } }
    if shared.contains(point) { return 0 }
    // An infinite volume less another has no value; what is exclusive of it is as infinite as it.
    let common = volume(front(shared), below: reference)
    return common.isFinite ? max(0, own - common) : own == common ? 0 : own
  }

  /// The area of two objectives: a sweep along the first.
  private static func area(_ points: [[Double]], below reference: [Double]) -> Double {
    var (total, height) = (0.0, reference[1])
    for point in points.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) where point[1] < height {
      total += (reference[0] - point[0]) * (height - point[1])
      height = point[1]
    }
    return total
  }

  /// Those of the points that no other dominates, each once.
  private static func front(_ points: [[Double]]) -> [[Double]] {
    guard (points.first?.count ?? 0) > 2 else { return points }
    var kept: [[Double]] = []
    for point in points.sorted(by: { Dominance.precedes($0, $1) ?? false })
    where !kept.contains(where: { weaklyDominates($0, point) }) {
      kept.append(point)
    }
    return kept
  }

  private static func weaklyDominates(_ point: [Double], _ other: [Double]) -> Bool {
    zip(point, other).allSatisfy { $0 <= $1 }
  }
}
