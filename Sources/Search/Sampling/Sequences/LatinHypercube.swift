/// Random points of which, along every axis, each of as many equal slices as there are points holds one.
///
/// Source: McKay, Beckman and Conover, 1979.
public struct LatinHypercube: Sendable {
  /// How many points belong together; further ones form a hypercube of their own.
  public let count: Int
  /// How many coordinates a point has.
  public let dimensions: Int
  /// What sets these points apart from others.
  public let seed: UInt64

  /// Makes points.
  ///
  /// - Throws: `SearchError` where there are no points or no dimensions.
  public init(count: Int, dimensions: Int, seed: UInt64 = 0) throws {
    guard count >= 1, dimensions >= 1 else {
      throw SearchError("LatinHypercube", "\(count) points of \(dimensions) dimensions, where 1 or more are needed")
    }
    (self.count, self.dimensions, self.seed) = (count, dimensions, seed)
  }

  /// A point, by its place from 0.
  ///
  /// - Complexity: O(count · dimensions).
  public subscript(place: Int) -> [Double] {
    (0..<dimensions).map { Self.coordinate("\($0)", at: place, count: count, seed: seed) }
  }

  static func coordinate(_ axis: String, at place: Int, count: Int, seed: UInt64) -> Double {
    let (block, within) = max(place, 0).quotientAndRemainder(dividingBy: count)
    var random = TrialRandom(seed: seed, trial: block, purpose: "slices of " + axis)
    var slice = within
    // Fisher and Yates, following one value alone.
    for last in stride(from: count - 1, to: 0, by: -1) {
      let other = random.place(below: last + 1)
      if slice == last { slice = other } else if slice == other { slice = last }
    }
    var inside = TrialRandom(seed: seed, trial: block, purpose: "places of " + axis, index: within)
    return (Double(slice) + inside.unit()) / Double(count)
  }
}
