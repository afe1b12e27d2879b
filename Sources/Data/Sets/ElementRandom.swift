/// The random numbers for one element of one pass: the same for the same seed, pass and place, on every machine.
///
/// Those of different elements have nothing to do with each other.
public struct ElementRandom: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64

  /// The numbers for an element.
  ///
  /// - Parameters:
  ///   - seed: What sets these numbers apart from others for the same element.
  ///   - epoch: Which pass.
  ///   - index: Which element.
  public init(seed: UInt64, epoch: Int, index: Int) {
    var mixed = SplitMix64(state: seed)
    for number in [epoch, index] { mixed = SplitMix64(state: mixed.next() ^ UInt64(bitPattern: Int64(number))) }
    generator = SplitMix64(state: mixed.next())
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { generator.next() }

  /// A number from 0 up to 1, of 53 random bits.
  ///
  /// Not the standard library's, like those below: how that one spends its random numbers may change with its version.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in a range.
  public mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// A place among so many, from 0; 0 where there are none.
  public mutating func place(below count: Int) -> Int {
    // The high half of the product is uniform up to a bias of count / 2⁶⁴.
    Int(next().multipliedFullWidth(by: UInt64(max(0, count))).high)
  }
}
