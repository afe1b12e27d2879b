import DescentGraph
import DescentTensors

/// Applies a program to tensors, and writes down in words what it did.
final class ProgramRunner {
  let float: ElementType
  /// What was computed, a line a step, functions of transforms indented below them.
  private(set) var lines: [String] = []
  private var depth = 0
  private var isSilent = false

  init(_ float: ElementType) { self.float = float }

  /// The results of a program, on stand-ins for its arguments.
  ///
  /// - Throws: `TensorError` of the first tensor that carries one; programs have no mistakes of their own.
  static func record(_ program: Program, _ float: ElementType) throws -> (trace: Trace, listing: String) {
    let runner = ProgramRunner(float)
    let arguments = program.inputs.enumerated().map { index, sizes in
      Tensor.placeholder(TensorType(Shape(sizes), float), name: letters(index))
    }
    let scope = Dictionary(uniqueKeysWithValues: arguments.enumerated().map { ($0, $1) })
    let header = arguments.enumerated().map { "\(letters($0)): \($1.shape)" }.joined(separator: ", ")
    let results = try runner.run(program.body, [], scope)
    let trace = try Trace(arguments: arguments, outputs: results)
    return (trace, (["program(\(header))"] + runner.lines).joined(separator: "\n"))
  }

  /// The results of a block for arguments, where it sees an outer scope.
  func run(_ block: Block, _ arguments: [Tensor], _ outer: [Int: Tensor]) throws -> [Tensor] {
    var scope = outer
    for (name, argument) in zip(block.parameters, arguments) { scope[name] = argument }
    depth += 1
    defer { depth -= 1 }
    for step in block.steps {
      let place = lines.count
      if !isSilent { lines.append("") }
      let operands = step.operands.map { Self.letters($0) }.joined(separator: ", ")
      let (value, words) = try apply(step, step.operands.map { scope[$0] ?? number }, scope)
      if let error = value.error { throw error }
      let bounded = value.count > Self.mostElements ? tanh(value.sum()) : value
      scope[step.name] = bounded
      let note = value.count > Self.mostElements ? ", summed, tanh" : ""
      if !isSilent {
        lines[place] = indent + "\(Self.letters(step.name)) = \(words) of \(operands)\(note)  // \(bounded.shape)"
      }
    }
    if !isSilent { lines.append(indent + "return " + block.results.map(Self.letters).joined(separator: ", ")) }
    return block.results.map { scope[$0] ?? number }
  }

  /// Writes down what a function's parameters stand for.
  func note(_ block: Block, _ words: String) {
    guard !isSilent, !block.parameters.isEmpty else { return }
    lines.append(indent + "  (" + block.parameters.map(Self.letters).joined(separator: ", ") + ") " + words)
  }

  /// Does something again that was written down before.
  func silently<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = isSilent
    isSilent = true
    defer { isSilent = before }
    return try body()
  }

  private var indent: String { String(repeating: "  ", count: depth) }
  private var number: Tensor { Tensor(0.5, float) }
  private static let mostElements = 120

  /// a, b, …, z, ba, bb, …
  static func letters(_ name: Int) -> String {
    let last = String(UnicodeScalar(UInt8(97 + name % 26)))
    return name < 26 ? last : letters(name / 26) + last
  }
}

extension Tensor {
  /// A tensor of the given shape that depends on this one.
  func fitted(to shape: Shape) -> Tensor {
    if self.shape == shape { return self }
    if count == shape.count { return reshaped(shape) }
    if let wide = broadcastable(to: shape) { return wide }
    return tanh(sum()).broadcast(to: shape)
  }

  private func broadcastable(to shape: Shape) -> Tensor? {
    guard rank <= shape.rank, zip(self.shape.reversed(), shape.reversed()).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      return nil
    }
    return broadcast(to: shape)
  }

  /// The tensor with at least one axis, and at least one element along it.
  var listed: Tensor {
    guard rank > 0, shape[0] > 0 else { return tanh(sum()).reshaped([1]) }
    return self
  }

  /// At most so many of the elements, in a row.
  func first(_ limit: Int) -> Tensor {
    let row = reshaped([count])
    return count > limit ? row.sliced(0..<limit) : row
  }

  /// One number that depends on all elements.
  var scalar: Tensor { (sin(self) * 0.7).sum() }
}
