import Descent

/// The numbers of the peers' workloads: output `i` of SplitMix64 under a seed, the same bits in every language.
enum SplitMix {
  /// Numbers in `[0, 1)` of 24 random bits each.
  static func unit(seed: UInt64, shape: Shape) -> Tensor {
    Tensor(floats: words(seed, shape.count) { Float($0 >> 40) * 0x1p-24 }, shape: shape)
  }

  /// Numbers in `[−bound, bound)`.
  static func symmetric(seed: UInt64, shape: Shape, bound: Double) -> Tensor {
    let scale = Float(bound)
    return Tensor(floats: words(seed, shape.count) { scale * (2 * (Float($0 >> 40) * 0x1p-24) - 1) }, shape: shape)
  }

  /// Integers in `0 ..< limit`.
  static func integers(seed: UInt64, shape: Shape, limit: UInt64) -> Tensor {
    Tensor(integers: words(seed, shape.count) { Int((($0 >> 32) * limit) >> 32) }, shape: shape)
  }

  private static func words<Element>(_ seed: UInt64, _ count: Int, _ convert: (UInt64) -> Element) -> [Element] {
    var numbers = SplitMix64(state: seed)
    return (0..<count).map { _ in convert(numbers.next()) }
  }
}

/// Deals out the workloads' parameters: parameter `k` is drawn from seed 1000 + `k`.
struct ParameterSeeds {
  private var next: UInt64 = 1000

  /// The next parameter, evenly spread over ±`bound`.
  mutating func uniform(_ shape: Shape, bound: Double) -> Tensor {
    defer { next += 1 }
    return SplitMix.symmetric(seed: next, shape: shape, bound: bound)
  }

  /// The next parameter, the same number everywhere; it still counts as one.
  mutating func constant(_ shape: Shape, _ value: Double) -> Tensor {
    defer { next += 1 }
    return Tensor(repeating: value, shape: shape)
  }
}
