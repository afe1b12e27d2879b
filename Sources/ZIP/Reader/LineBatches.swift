import CNative
import Descent
import Synchronization

/// Generated letters as batches for training: lines `[batch, 32, 160, 1]` and their symbols `[batch, 7]`, −1 behind the
/// last.
///
/// Letters are made as they are needed and serve for a few epochs, each time at another place.
public final class LineBatches: BatchSource {
  /// The most symbols of a letter.
  static let longest = 7

  private struct Line: Sendable {
    var ink: [UInt8]
    var symbols: [Symbol]
  }

  private let generator: LetterGenerator
  private let size: Int
  private let uses: Int
  private let lines: Mutex<(generation: Int, lines: [Line?])>
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
    lines = Mutex((-1, []))
  }

  public var exampleCount: Int { batchCount * size }

  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    let generation = epoch / uses
    let order = RandomPermutation(count: exampleCount, seed: UInt64(epoch))
    let numbers = (0..<size).map { order[UInt64(index * size + $0)] }
    var ink = [Float](repeating: 0, count: size * LineImage.count)
    var labels = [Int](repeating: -1, count: size * Self.longest)
    for (row, number) in numbers.enumerated() {
      let line = self.line(number, generation)
      var random = RandomStream(seed: UInt64(epoch) &+ 0xD15B, index: UInt64(number))
      place(line.ink, at: row, shiftedBy: random.integer(in: -3...3), in: &ink)
      for (position, symbol) in line.symbols.prefix(Self.longest).enumerated() {
        labels[row * Self.longest + position] = symbol.classIndex
      }
    }
    return Batch(
      input: Tensor(floats: ink, shape: [size, LineImage.height, LineImage.width, 1]),
      target: Tensor(integers: labels, shape: [size, Self.longest]))
  }

  /// A letter's line, made on first use. Letters that cannot be prepared (blank paper) are empty lines of no symbols.
  private func line(_ number: Int, _ generation: Int) -> Line {
    let known = lines.withLock { state -> Line? in
      if state.generation != generation { state = (generation, [Line?](repeating: nil, count: exampleCount)) }
      return state.lines[number]
    }
    if let known { return known }
    let letter = generator.letter(generation * exampleCount + number)
    var line = Line(ink: [UInt8](repeating: 0, count: LineImage.count), symbols: [])
    if let image = try? LinePreparation.prepare(letter.image) {
      line = Line(ink: image.ink.map { UInt8($0 * 255) }, symbols: letter.truth)
    }
    lines.withLock { state in
      if state.generation == generation { state.lines[number] = line }
    }
    return line
  }

  private func place(_ line: [UInt8], at row: Int, shiftedBy shift: Int, in ink: inout [Float]) {
    let width = LineImage.width
    let columns = max(0, -shift)..<min(width, width - shift)
    for y in 0..<LineImage.height {
      let target = row * LineImage.count + y * width + shift
      for x in columns { ink[target + x] = Float(line[y * width + x]) * (1 / 255) }
    }
  }
}
