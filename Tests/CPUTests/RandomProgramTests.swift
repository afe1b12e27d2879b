import DescentCompiler
import DescentGraph
import Testing

/// Small programs made at random, whose plans must agree with the reference evaluation.
@Suite struct RandomProgramTests {
  /// In Float64, because sines of large numbers and differences of near ones would part the two sides in Float32.
  @Test(arguments: 0..<400) func agree(seed: Int) throws {
    var program = RandomProgram(seed: seed, .float64)
    try check(try program.graph(steps: 3...40), seed, tolerance: 1e-7)
  }

  @Test(arguments: 0..<100) func smallOnesAgreeInFloat32(seed: Int) throws {
    var program = RandomProgram(seed: seed, .float32)
    try check(try program.graph(steps: 3...8), seed, tolerance: 1e-4)
  }

  /// Compares plans without and with donations of inputs to outputs of the same type, whatever else reads them.
  private func check(_ graph: Graph, _ seed: Int, tolerance: Double) throws {
    try expectAgreement(graph, seed: seed, tolerance: tolerance)
    var donations: [Donation] = []
    for (output, type) in graph.outputTypes.enumerated() {
      let taken = donations.map(\.input)
      guard let input = graph.inputTypes.indices.first(where: { graph.inputTypes[$0] == type && !taken.contains($0) })
      else { continue }
      donations.append(Donation(input: input, output: output))
    }
    if !donations.isEmpty { try expectAgreement(graph, seed: seed, donations: donations, tolerance: tolerance) }
  }
}

/// Makes one program.
private struct RandomProgram {
  var random: TestRandom
  let builder = GraphBuilder()
  var values: [Symbol] = []

  let elementType: ElementType

  init(seed: Int, _ elementType: ElementType) {
    random = TestRandom(seed: seed)
    self.elementType = elementType
  }

  mutating func graph(steps: ClosedRange<Int>) throws -> Graph {
    let sizes = [1, 2, 3, 4, 5, 8]
    for _ in 0..<3 {
      let shape = Shape(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in sizes.randomElement(using: &random) ?? 1 })
      values.append(builder.input(TensorType(shape, elementType)))
    }
    for _ in 0..<Int.random(in: steps, using: &random) { step() }
    let outputs = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in values.randomElement(using: &random) }
    return try builder.graph(outputs: outputs + [values[values.count - 1]])
  }

  private mutating func any() -> Symbol { values.randomElement(using: &random) ?? values[0] }

  private mutating func partner(of x: Symbol) -> Symbol {
    let alike = values.filter { $0.shape == x.shape }
    if let y = alike.randomElement(using: &random), Bool.random(using: &random) { return y }
    let smaller = values.filter { value in
      value.shape.rank < x.shape.rank && Array(x.shape.suffix(value.shape.rank)) == value.shape.sizes
    }
    if let y = smaller.randomElement(using: &random) {
      return y.broadcast(x.shape, axes: Array(x.shape.rank - y.shape.rank..<x.shape.rank))
    }
    return x.constant(Double.random(in: -1...1, using: &random))
  }

  private mutating func step() {
    let x = any()
    let rank = x.shape.rank
    switch Int.random(in: 0..<17, using: &random) {
    case 0: values.append(x.apply(Tanh()))
    case 1: values.append(x + partner(of: x))
    case 2: values.append((x * partner(of: x)).apply(Sin()))
    case 3: values.append(x - partner(of: x))
    case 4: values.append(x.apply(Maximum(), partner(of: x)))
    case 5:
      let axes = (0..<rank).filter { _ in Bool.random(using: &random) }
      values.append(
        x.apply(Reduce([.sum, .maximum, .minimum].randomElement(using: &random) ?? .sum, axes: axes)).apply(Tanh()))
    case 6: values.append(x.transposed(Array(0..<rank).shuffled(using: &random)))
    case 7 where rank > 0: values.append(x.reshaped([x.shape.count]))
    case 8 where rank > 0:
      let starts = x.shape.map { Int.random(in: 0..<max(1, $0), using: &random) }
      let limits = zip(starts, x.shape).map { Int.random(in: $0...$1, using: &random) }
      let steps = x.shape.map { _ in Int.random(in: 1...2, using: &random) }
      values.append(x.apply(Slice(starts: starts, limits: limits, steps: steps)))
    case 9 where rank > 0: values.append(x.apply(Reverse(axes: [Int.random(in: 0..<rank, using: &random)])))
    case 10 where rank > 0:
      let low = x.shape.map { _ in Int.random(in: 0...2, using: &random) }
      let high = x.shape.map { _ in Int.random(in: 0...2, using: &random) }
      let zero = builder.constant(0, TensorType([], elementType))
      values.append(x.apply(Pad(low: low, high: high), zero))
    case 11 where rank > 0:
      let axis = Int.random(in: 0..<rank, using: &random)
      values.append(builder.emit(Concatenate(axis: axis), [x, x.apply(Negate()), x.apply(Sin())])[0])
    case 12 where rank > 0 && x.shape.count < 200:
      let y = values.filter { $0.shape.rank > 0 && $0.shape[0] == x.shape[rank - 1] }.randomElement(using: &random)
      if let y, y.shape.count < 200 {
        values.append(x.apply(Dot(leftContracted: [rank - 1], rightContracted: [0]), y).apply(Tanh()))
      }
    case 13:
      let y = partner(of: x)
      values.append(x.selected(where: x.apply(Compare(.less), y), otherwise: y))
    case 14 where x.shape.count % 4 == 0 && x.shape.count > 0: values.append(x.reshaped([4, x.shape.count / 4]))
    case 15 where rank > 0 && x.shape[0] > 1:
      // The derivative of slices: a sum of pads.
      let cut = x.shape[0] / 2
      let zero = builder.constant(0, TensorType([], elementType))
      let rest = [Int](repeating: 0, count: rank - 1)
      let head = x.apply(Slice(starts: [0] + rest, limits: [cut] + x.shape.sizes[1...])).apply(Exp())
      let tail = x.apply(Slice(starts: [cut] + rest, limits: x.shape.sizes)).apply(Cos())
      values.append(
        head.apply(Pad(low: [0] + rest, high: [x.shape[0] - cut] + rest), zero)
          + tail.apply(Pad(low: [cut] + rest, high: [0] + rest), zero))
    case 16 where x.shape.count < 500:
      values.append(x.broadcast(leading: Int.random(in: 1...3, using: &random)))
    default: values.append(x.apply(Logistic()))
    }
    // Values that would overflow or grow without end lead nowhere.
    if let last = values.last, last.shape.count > 4000 { values.removeLast() }
  }
}
