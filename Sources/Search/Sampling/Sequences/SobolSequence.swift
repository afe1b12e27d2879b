/// Points that fill the unit cube more evenly than random ones: each block of 2ᵐ points has one in each of 2ᵐ equal slices,
/// along every axis.
///
/// The points are those of Sobol, 1967, in Gray-code order with the direction numbers of Joe and Kuo, 2008. Scrambled ones
/// have the same evenness, and each is uniformly distributed (Owen, *Randomly permuted (t,m,s)-nets*, 1995).
///
/// ```swift
/// let points = try SobolSequence(dimensions: 3, seed: 1)
/// let first = (0..<64).map { points[$0] }
/// ```
public struct SobolSequence: Sendable {
  /// The most dimensions: 1,111.
  public static var mostDimensions: Int { SobolNumbers.dimensions }

  /// How many coordinates a point has.
  public let dimensions: Int
  /// What sets these points apart from others; `nil` where they are not scrambled, and the first is the origin.
  public let seed: UInt64?

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - dimensions: How many coordinates a point has, up to `mostDimensions`.
  ///   - seed: What sets these points apart from others; `nil` for points that are not scrambled.
  /// - Throws: `SearchError` where there are no such dimensions.
  public init(dimensions: Int, seed: UInt64? = 0) throws {
    guard (1...Self.mostDimensions).contains(dimensions) else {
      throw SearchError(
        "SobolSequence",
        "\(dimensions) dimensions, where 1 to \(Self.mostDimensions) are possible; "
          + "HaltonSequence and random numbers have any number")
    }
    (self.dimensions, self.seed) = (dimensions, seed)
  }

  /// A point, by its place from 0; places count modulo 2³².
  public subscript(place: Int) -> [Double] {
    (0..<dimensions).map { Self.coordinate($0, at: place, seed: seed) }
  }

  /// One coordinate of a point.
  static func coordinate(_ dimension: Int, at place: Int, seed: UInt64?) -> Double {
    let place = UInt32(truncatingIfNeeded: place)
    let directions = SobolNumbers.directions[dimension]
    var (code, bits, index) = (place ^ (place >> 1), UInt32(0), 0)
    while code > 0 {
      if code & 1 == 1 { bits ^= directions[index] }
      (code, index) = (code >> 1, index + 1)
    }
    guard let seed else { return Double(bits) * 0x1p-32 }
    return scrambled(bits, seed: seed, dimension: dimension)
  }

  /// Every bit is flipped or not, depending on all those before it; what lies beyond the bits is drawn.
  private static func scrambled(_ bits: UInt32, seed: UInt64, dimension: Int) -> Double {
    var result = bits
    let key = mix(seed ^ mix(UInt64(dimension) &+ 0x9e37_79b9_7f4a_7c15))
    for place in 0..<32 {
      let before = place == 0 ? 0 : UInt64(bits >> (32 - UInt32(place)))
      let flip = UInt32(truncatingIfNeeded: mix(key ^ (before << 6 | UInt64(place))) >> 63)
      result ^= flip << (31 - UInt32(place))
    }
    let rest = Double(mix(key ^ (UInt64(bits) << 6 | 63)) >> 43) * 0x1p-21
    return (Double(result) + rest) * 0x1p-32
  }

  /// The finalizer of SplitMix64, under which every bit depends on all.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
