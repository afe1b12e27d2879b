import ArgumentParser
import Descent

/// Pieces of a text, each batch from places that its number gives.
struct ExpertPieces {
  private let tokens: [UInt8]
  private let length: Int
  private let size: Int
  private let seed: UInt64

  init(_ tokens: [UInt8], length: Int, size: Int, seed: UInt64) throws {
    guard tokens.count > length else {
      throw ValidationError("the text has \(tokens.count) bytes, fewer than a piece of \(length) and the one after it")
    }
    (self.tokens, self.length, self.size, self.seed) = (tokens, length, size, seed)
  }

  /// The batch of a step.
  func batch(_ number: Int) -> Batch {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(number) &* 0xd1b5_4a32_d192_ed03
    var (inputs, targets) = ([Int](), [Int]())
    for _ in 0..<size {
      // Vigna's SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      var bits = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
      bits ^= bits >> 31
      let start = Int(bits.multipliedFullWidth(by: UInt64(tokens.count - length)).high)
      inputs += tokens[start..<start + length].map { Int($0) }
      targets += tokens[start + 1...start + length].map { Int($0) }
    }
    return Batch(
      input: Tensor(integers: inputs, shape: [size, length]), target: Tensor(integers: targets, shape: [size, length]))
  }
}
