import DescentData
import DescentGraph
import DescentTensors

/// A program over tensors of all element types, written down as choices, so that it can be recorded twice: in one go, and
/// with every intermediate value read before the next one is recorded.
///
/// Beside each value of the second way stands how far a correct evaluation may be away. Where that is 0 (whole numbers,
/// and real ones whose arithmetic is exact) both ways have to agree to the bit, also after what jumps: comparisons and
/// conversions to integers.
struct ReadingProgram {
  /// A value, what is known of it once it was read, and how it came about.
  struct Entry {
    let tensor: Tensor
    let numbers: [Double]
    let noise: Double
    let words: String
  }

  /// One step: which function, of which earlier values, and what chooses among axes, sizes and types.
  private struct Choice {
    let function: Int
    let operands: [Int]
    let numbers: [Int]
  }

  private var random: SplitMix64
  private var choices: [Choice] = []
  /// The values, each read before the next one was recorded.
  private(set) var entries: [Entry] = []
  private let inputs: [Tensor]

  /// Writes the program of a seed, reading each value.
  init(seed: Int) throws {
    random = SplitMix64(state: UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 7)
    var generator = random
    inputs = (0..<2).map { _ in Self.input(&generator) }
    random = generator
    for (index, tensor) in inputs.enumerated() {
      entries.append(
        Entry(tensor: tensor, numbers: try tensor.scalars(), noise: 0, words: "input \(index) \(tensor.type)"))
    }
    let steps = 2 + below(8)
    var tries = 0
    while choices.count < steps, tries < 200 {
      tries += 1
      let choice = Choice(
        function: below(Self.functions.count), operands: [pick(), pick()], numbers: (0..<3).map { _ in below(1000) })
      if let entry = try applied(choice) {
        choices.append(choice)
        entries.append(entry)
      }
    }
  }

  /// The values again, recorded in one go and computed together with the last one.
  func recordedInOneGo() -> [Tensor] {
    // Of other expressions, so that nothing that was read is found again.
    var values = inputs
    for choice in choices {
      let function = Self.functions[choice.function]
      values.append(function.apply(choice.operands.map { values[$0] }, choice.numbers))
    }
    return values
  }

  /// The steps, one a line.
  var listing: String { entries.enumerated().map { "\($0): \($1.words)" }.joined(separator: "\n") }

  private func applied(_ choice: Choice) throws -> Entry? {
    let function = Self.functions[choice.function]
    let operands = choice.operands.map { entries[$0] }
    guard function.takes(operands.map(\.tensor), choice.numbers),
      function.isContinuous || operands.allSatisfy({ $0.noise == 0 })
    else { return nil }
    let tensor = function.apply(operands.map(\.tensor), choice.numbers)
    if let error = tensor.error {
      throw Fault(promise: "programs have no mistakes", message: "\(function.name): \(error)")
    }
    guard tensor.count <= Self.mostElements else { return nil }
    try evaluate(tensor)
    let numbers = try tensor.scalars()
    let noise = function.noise(ReadingFunction.Context(operands: operands, result: tensor, numbers: numbers))
    let names = choice.operands.map(String.init).joined(separator: ", ")
    return Entry(
      tensor: tensor, numbers: numbers, noise: noise,
      words: "\(function.name) \(choice.numbers) of \(names): \(tensor.type)")
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
  private mutating func pick() -> Int {
    below(3) == 0 ? below(entries.count) : max(0, entries.count - 1 - below(2))
  }

  /// A tensor of any type, with numbers near the ends of types, infinities, NaN and −0 among small ones.
  private static func input(_ random: inout SplitMix64) -> Tensor {
    func below(_ limit: Int, _ random: inout SplitMix64) -> Int { Int(random.next() % UInt64(limit)) }
    let type = ElementType.allCases[below(ElementType.allCases.count, &random)]
    let shape = Shape((0..<below(3, &random)).map { _ in 1 + below(3, &random) })
    let isWild = below(3, &random) == 0
    let numbers = (0..<shape.count).map { _ in
      isWild ? wild[below(wild.count, &random)] : small[below(small.count, &random)]
    }
    let wide = Tensor(numbers, shape: shape, .float64).converted(to: type)
    // A computed tensor, as data is.
    return (try? wide.scalars()).map { Tensor($0, shape: shape, .float64).converted(to: type) }.map { tensor in
      _ = try? evaluate(tensor)
      return tensor
    } ?? wide
  }

  private static let small: [Double] = [0, 1, -1, 2, 3, -3, 0.5, -0.25, 5, 10, -7, 1.5]
  private static let wild: [Double] = [
    0, -0.0, 1, -2, 0.5, 100, -100, 127, -128, 200, 255, 256, 300, -300, 40_000, 65_504, 70_000, -70_000, 1e9, -3e9,
    5e18,
    -1e19, 1e30, .infinity, -.infinity, .nan,
  ]
  private static let mostElements = 300_000
}
