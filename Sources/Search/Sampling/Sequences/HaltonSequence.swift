import DescentGraph

/// Points that fill the unit cube more evenly than random ones, in any number of dimensions: along each axis the numbers
/// 0, 1, 2, … with the digits of their place in a prime base, mirrored at the point.
///
/// The points are those of Halton, 1960. Scrambled ones have each digit's values permuted at random (Owen, *A randomized
/// Halton algorithm in R*, 2017), without which neighboring axes of large primes are alike for a long time.
public struct HaltonSequence: Sendable {
  /// How many coordinates a point has.
  public let dimensions: Int
  /// What sets these points apart from others; `nil` where they are not scrambled, and the first is the origin.
  public let seed: UInt64?
  private let bases: [Int]

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - dimensions: How many coordinates a point has.
  ///   - seed: What sets these points apart from others; `nil` for points that are not scrambled.
  /// - Throws: `SearchError` where there are no dimensions, or more than 100,000.
  public init(dimensions: Int, seed: UInt64? = 0) throws {
    guard (1...100_000).contains(dimensions) else {
      throw SearchError("HaltonSequence", "\(dimensions) dimensions, where 1 to 100,000 are possible")
    }
    (self.dimensions, self.seed) = (dimensions, seed)
    bases = Primes.first(dimensions)
  }

  /// A point, by its place from 0.
  public subscript(place: Int) -> [Double] {
    bases.enumerated().map { Self.coordinate(base: $1, dimension: $0, at: max(place, 0), seed: seed) }
  }

  static func coordinate(base: Int, dimension: Int, at place: Int, seed: UInt64?) -> Double {
    var (left, value, scale, digit) = (place, 0.0, 1.0 / Double(base), 0)
    // Scrambled, the zeros beyond the last digit are other digits as well.
    while left > 0 || (seed != nil && scale > 0x1p-54) {
      var found = left % base
      if let seed { found = permuted(found, base, seed, dimension, digit) }
      value += Double(found) * scale
      (left, scale, digit) = (left / base, scale / Double(base), digit + 1)
    }
    return min(value, 1 - 0x1p-53)
  }

  /// Where a random permutation of a digit's values takes one of them.
  private static func permuted(_ value: Int, _ base: Int, _ seed: UInt64, _ dimension: Int, _ digit: Int) -> Int {
    var random = TrialRandom(seed: seed, trial: dimension, purpose: "halton", index: digit)
    var place = value
    // Fisher and Yates, following one value alone.
    for last in stride(from: base - 1, to: 0, by: -1) {
      let other = random.place(below: last + 1)
      if place == last { place = other } else if place == other { place = last }
    }
    return place
  }
}

/// Prime numbers.
enum Primes {
  private static let found = Guarded<[Int]>([2, 3, 5, 7, 11, 13])

  /// The first so many.
  static func first(_ count: Int) -> [Int] {
    found.withLock { found in
      var candidate = (found.last ?? 1) + 2
      while found.count < count {
        let isPrime = found.prefix { $0 * $0 <= candidate }.allSatisfy { candidate % $0 != 0 }
        if isPrime { found.append(candidate) }
        candidate += 2
      }
      return Array(found.prefix(count))
    }
  }
}
