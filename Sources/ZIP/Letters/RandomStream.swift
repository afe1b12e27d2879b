import DescentData

/// A stream of random numbers that is a pure function of a seed and an index.
///
/// Letters are numbered, and letter *i* of a seed is the same letter on any thread and in any order. The generator is
/// xoshiro256** (Blackman and Vigna, 2018), whose state is filled by SplitMix64 from the two numbers.
struct RandomStream: RandomNumberGenerator, Sendable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  init(seed: UInt64, index: UInt64 = 0) {
    var mixer = SplitMix64(state: seed)
    // The index is mixed on its own before it meets the seed: (1, 2) and (2, 1) must not meet.
    var indexMixer = SplitMix64(state: index ^ 0xD1B5_4A32_D192_ED03)
    mixer.state ^= indexMixer.next().byteSwapped
    s0 = mixer.next()
    s1 = mixer.next()
    s2 = mixer.next()
    s3 = mixer.next() | 1
  }

  mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A number in 0 ..< 1 with 24 random bits.
  mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A number from roughly the standard normal distribution.
  ///
  /// The sum of four 16-bit uniforms (Irwin–Hall): bounded at ±3.46, which keeps every deformation bounded as well, and
  /// cheap enough for one per pixel.
  mutating func normal() -> Float {
    let bits = next()
    let sum = (bits & 0xFFFF) &+ ((bits >> 16) & 0xFFFF) &+ ((bits >> 32) & 0xFFFF) &+ (bits >> 48)
    return (Float(sum) - 131_070) * (1.732_050_8 / 65_536)
  }

  mutating func chance(_ probability: Float) -> Bool {
    uniform() < probability
  }

  /// A number in 0 ..< bound; 0 where the bound is not positive.
  mutating func integer(below bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.upperBound - range.lowerBound + 1)
  }

  /// An index drawn with the probabilities that the weights are in proportion to.
  mutating func index(weights: [Float]) -> Int {
    var remaining = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      remaining -= weight
      if remaining < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
