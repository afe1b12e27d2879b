import Descent
import DescentGraph
import Dispatch

/// Generated letters as batches for training: lines `[batch, 32, 160, 1]` and their symbols `[batch, 7]`, −1 after the
/// last.
///
/// Letters serve for a few epochs, each time a little changed, before new ones are made.
public final class LineBatches: BatchSource {
  /// The most symbols of a letter.
  static let longest = 7

  /// A letter as the network sees it.
  private struct Line: Sendable {
    var ink: [UInt8]
    var symbols: [Symbol]

    /// A letter prepared; one that cannot be (blank paper) is an empty line of no symbols.
    init(_ letter: GeneratedLetter) {
      guard let image = try? LinePreparation.prepare(letter.image) else {
        (ink, symbols) = ([UInt8](repeating: 0, count: LineImage.count), [])
        return
      }
      ink = image.levels
      symbols = letter.truth
    }
  }

  private let generator: LetterGenerator
  private let size: Int
  private let uses: Int
  private let made = Guarded<(generation: Int, lines: [Line])>((-1, []))
  /// The number of batches in an epoch.
  public let batchCount: Int

  /// Letters of a generator.
  ///
  /// - Parameters:
  ///   - generator: Makes the letters; letter numbers go on from epoch to epoch.
  ///   - count: The number of letters in an epoch.
  ///   - size: The number of letters in a batch.
  ///   - uses: For how many epochs a letter serves.
  public init(_ generator: LetterGenerator, count: Int, size: Int, uses: Int) {
    self.generator = generator
    self.size = size
    self.uses = max(1, uses)
    batchCount = count / size
  }

  public var exampleCount: Int { batchCount * size }

  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    let lines = lines(ofGeneration: epoch / uses)
    let order = RandomPermutation(count: exampleCount, seed: UInt64(epoch))
    var ink = [Float](repeating: 0, count: size * LineImage.count)
    var labels = [Int](repeating: -1, count: size * Self.longest)
    for row in 0..<size {
      let number = order[UInt64(index * size + row)]
      var random = RandomStream(seed: UInt64(epoch) &+ 0xD15B, index: UInt64(number))
      let variation = LineVariation(&random)
      ink.withUnsafeMutableBufferPointer { ink in
        guard let first = ink.baseAddress else { return }
        variation.draw(lines[number].ink, into: first + row * LineImage.count)
      }
      for (position, symbol) in lines[number].symbols.prefix(Self.longest).enumerated() {
        labels[row * Self.longest + position] = symbol.classIndex
      }
    }
    return Batch(
      input: Tensor(floats: ink, shape: [size, LineImage.height, LineImage.width, 1]),
      target: Tensor(integers: labels, shape: [size, Self.longest]))
  }

  /// All letters of a generation, made at once on all cores before its first batch: making them alongside the steps
  /// would take cores from kernels that divide their work evenly, and each would wait for its slower half.
  private func lines(ofGeneration generation: Int) -> [Line] {
    made.withLock { made in
      if made.generation != generation { made = (generation, makeLines(generation)) }
      return made.lines
    }
  }

  private func makeLines(_ generation: Int) -> [Line] {
    let (count, part) = (exampleCount, 64)
    let parts = Guarded<[Int: [Line]]>([:])
    DispatchQueue.concurrentPerform(iterations: (count + part - 1) / part) { [generator] position in
      let numbers = position * part..<min(count, (position + 1) * part)
      let lines = numbers.map { Line(generator.letter(generation * count + $0)) }
      parts.withLock { $0[position] = lines }
    }
    return parts.withLock { parts in parts.sorted { $0.key < $1.key }.flatMap(\.value) }
  }
}
