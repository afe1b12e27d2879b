import DescentData
import DescentGraph
import DescentTensors

/// Pieces of a text to learn from: tokens `[batch, length]`, and as targets the token that follows each.
///
/// Each batch has pieces from places of its own, drawn by the seed and the batch's number alone; an epoch has as many batches as
/// one says, since a text has no natural number of pieces.
public struct TextBatches: BatchSource {
  private let tokens: [Int32]
  /// The number of tokens of a piece.
  public let length: Int
  /// The number of pieces of a batch.
  public let size: Int
  public let batchCount: Int
  private let seed: UInt64

  /// Pieces of a text.
  ///
  /// - Parameters:
  ///   - tokens: The text.
  ///   - length: The number of tokens of a piece.
  ///   - size: The number of pieces of a batch.
  ///   - batchCount: The number of batches of an epoch.
  ///   - seed: The seed of their places.
  /// - Throws: `TextError` where the text is shorter than a piece and the token after it, or a number is not positive.
  public init(_ tokens: [Int], length: Int, size: Int, batchCount: Int, seed: UInt64 = 0) throws {
    self.tokens = try Self.stored(tokens, length: length, size: size)
    guard batchCount >= 1, size <= Int.max / batchCount else {
      throw TextError("TextBatches", "an epoch of \(batchCount) batches of \(size) pieces cannot be counted")
    }
    (self.length, self.size, self.batchCount, self.seed) = (length, size, batchCount, seed)
  }

  public var exampleCount: Int { batchCount * size }

  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    var epochs = SplitMix64(state: seed &+ UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15)
    var random = SplitMix64(state: epochs.next() ^ UInt64(index) &* 0xD6E8_FEB8_6659_FD93)
    let places = UInt64(tokens.count - length)
    let starts = (0..<size).map { _ in Int(random.next().multipliedFullWidth(by: places).high) }
    return Self.batch(tokens, starts, length)
  }

  fileprivate static func batch(_ tokens: [Int32], _ starts: [Int], _ length: Int) -> Batch {
    var (inputs, targets) = ([Int](), [Int]())
    inputs.reserveCapacity(starts.count * length)
    targets.reserveCapacity(starts.count * length)
    for start in starts {
      for token in tokens[start..<start + length] { inputs.append(Int(token)) }
      for token in tokens[start + 1...start + length] { targets.append(Int(token)) }
    }
    let shape: Shape = [starts.count, length]
    return Batch(input: Tensor(integers: inputs, shape: shape), target: Tensor(integers: targets, shape: shape))
  }

  fileprivate static func stored(_ tokens: [Int], length: Int, size: Int) throws -> [Int32] {
    guard length >= 1, size >= 1, length <= Int.max / size else {
      throw TextError("TextBatches", "takes pieces of at least 1 token, found \(size) of \(length)")
    }
    guard tokens.count > length else {
      throw TextError(
        "TextBatches",
        tokens.isEmpty
          ? "the text is empty"
          : "the text has \(tokens.count) tokens, fewer than a piece of \(length) and the token after it; take a longer text"
            + " or shorter pieces")
    }
    return try tokens.map { token in
      guard let stored = Int32(exactly: token) else { throw TextError("TextBatches", "found the token \(token)") }
      return stored
    }
  }
}

/// A text in pieces one after the other, to judge a model by: each token but the first is a target once, but for what is left
/// over at the end.
public struct TextPieces: BatchSource {
  private let tokens: [Int32]
  /// The number of tokens of a piece.
  public let length: Int
  /// The number of pieces of a batch but perhaps the last.
  public let size: Int
  public let exampleCount: Int

  /// A text in pieces.
  ///
  /// - Parameters:
  ///   - tokens: The text.
  ///   - length: The number of tokens of a piece.
  ///   - size: The number of pieces of a batch.
  /// - Throws: `TextError` where the text is shorter than a piece and the token after it, or a number is not positive.
  public init(_ tokens: [Int], length: Int, size: Int = 32) throws {
    self.tokens = try TextBatches.stored(tokens, length: length, size: size)
    (self.length, self.size, exampleCount) = (length, size, (tokens.count - 1) / length)
  }

  public var batchCount: Int { (exampleCount - 1) / size + 1 }

  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    let pieces = index * size..<min(exampleCount, (index + 1) * size)
    return TextBatches.batch(tokens, pieces.map { $0 * length }, length)
  }
}
