import DescentData

/// An endless walk through 0 ..< count, pass after pass, each pass in a new shuffled order.
///
/// It needs no memory and answers for any place at once: a four-round Feistel network permutes the next power of four,
/// and places that fall outside are permuted again until they fall inside (cycle walking; Black and Rogaway, 2002).
/// With it, letter *i* finds its digits without the letters before it having been made, and every digit of a split is
/// used once before any is used twice.
struct RandomPermutation: Sendable {
  let count: Int
  private let halfBits: UInt64
  private let seed: UInt64

  init(count: Int, seed: UInt64) {
    self.count = max(count, 1)
    self.seed = seed
    var bits: UInt64 = 1
    while (1 << (2 * bits)) < UInt64(self.count) { bits += 1 }
    halfBits = bits
  }

  /// What stands at a place of the walk.
  subscript(place: UInt64) -> Int {
    let (pass, offset) = place.quotientAndRemainder(dividingBy: UInt64(count))
    var value = offset
    repeat { value = permuted(value, pass: pass) } while value >= UInt64(count)
    return Int(value)
  }

  private func permuted(_ value: UInt64, pass: UInt64) -> UInt64 {
    let mask = (UInt64(1) << halfBits) - 1
    var left = value >> halfBits
    var right = value & mask
    var keys = SplitMix64(state: seed &+ pass &* 0x9FB2_1C65_1E98_DF25)
    for _ in 0..<4 {
      var mixer = SplitMix64(state: right ^ keys.next())
      (left, right) = (right, left ^ (mixer.next() & mask))
    }
    return (left << halfBits) | right
  }
}
