import DescentGraph

/// The seed of a stream of random numbers: two 32-bit words, as a tensor `uint32[2]`.
///
/// Numbers depend on the key and on their place alone: the same key gives the same numbers, whatever the backend and
/// the number of threads. Independent streams come from `split` keys.
public struct RandomKey: Sendable, Codable {
  /// The words of the key, `uint32[2]`.
  public let words: Tensor

  /// Wraps the words of a key, `uint32[2]`.
  public init(words: Tensor) { self.words = words }

  /// The key of a seed.
  public init(seed: UInt64) {
    words = Tensor(integers: [Int(seed >> 32), Int(seed & 0xffff_ffff)], .uint32)
  }

  /// An independent key for a numbered use of this one.
  public func split(_ index: Int) -> RandomKey {
    let number = Tensor(integers: [index >> 32 & 0xffff_ffff, index & 0xffff_ffff], .uint32)
    return RandomKey(words: .calling { mixed(with: number) })
  }

  /// An independent key for a named use of this one, such as a parameter's path.
  public func split(_ name: String) -> RandomKey {
    // FNV-1a: the same on every machine, unlike Swift's seeded hashing.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return split(Int(truncatingIfNeeded: hash))
  }

  /// Words drawn under this key, drawn under again with the given ones mixed in.
  func mixed(with other: Tensor) -> Tensor {
    let drawn = Tensor.record(RandomBits(shape: [2]), [words])
    return .record(RandomBits(shape: [2]), [drawn .^ other])
  }

  /// Random 32-bit words.
  public func bits(_ shape: Shape) -> Tensor { .calling { .record(RandomBits(shape: shape), [words]) } }

  /// Uniformly distributed numbers in `[low, high)`, as float32; the bounds are finite and in order.
  public func uniform(_ shape: Shape, low: Double = 0, high: Double = 1) -> Tensor {
    .calling {
      guard Float(low).isFinite, Float(high).isFinite, low <= high else {
        return .failure("uniform", "takes finite bounds in order, not \(low) and \(high)")
      }
      // 24 random bits are what a Float32 between 0 and 1 can hold exactly.
      let whole = bits(shape) >> 8
      let unit = whole.converted(to: .float32) * .constant(0x1p-24, .float32)
      if low == 0, high == 1 { return unit }
      // The distance between bounds that Float32 holds may be larger than all that it holds.
      let type: ElementType = Float(high - low).isFinite ? .float32 : .float64
      let spread = (unit.converted(to: type) * .constant(high - low, type) + .constant(low, type)).converted(
        to: .float32)
      guard low < high else { return spread }
      // Rounding may reach the upper bound, which is to stay outside, or fall below the lower one.
      let (least, most) = (Float(low), Float(high))
      let first = Double(least) < low ? least.nextUp : least
      let last = Double(most) < high ? most : most.nextDown
      return maximum(minimum(spread, .constant(Double(last), .float32)), .constant(Double(first), .float32))
    }
  }

  /// Uniformly distributed numbers in the open interval from 0 to 1, as float32: neither end occurs, so that logarithms of
  /// them and of their distances from 1 are finite.
  func openUniform(_ shape: Shape) -> Tensor {
    let whole = bits(shape) >> 9
    return (whole.converted(to: .float32) + .constant(0.5, .float32)) * .constant(0x1p-23, .float32)
  }

  /// Normally distributed numbers, as float32, by the method of Box and Muller (1958).
  public func normal(_ shape: Shape, mean: Double = 0, standardDeviation: Double = 1) -> Tensor {
    .calling {
      guard mean.isFinite, standardDeviation.isFinite, standardDeviation >= 0 else {
        return .failure(
          "normal", "takes a finite mean and standard deviation, not negative, not \(mean) and \(standardDeviation)")
      }
      // 1 − u lies in (0, 1], where the logarithm is finite.
      let radius = sqrt(-2.0 * log(1.0 - split(0).uniform(shape)))
      let angle = split(1).uniform(shape) * (2 * Double.pi)
      return radius * cos(angle) * standardDeviation + mean
    }
  }

  /// Booleans that are true with the given probability.
  public func bernoulli(_ shape: Shape, probability: Double) -> Tensor {
    .calling {
      (0...1).contains(probability)
        ? uniform(shape) .< probability
        : .failure("bernoulli", "the probability \(probability) is not between 0 and 1")
    }
  }
}
