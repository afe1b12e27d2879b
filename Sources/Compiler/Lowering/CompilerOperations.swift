import DescentGraph

/// The same value, packed densely in memory of its own.
///
/// The compiler writes it where a kernel cannot read a view; fused into the kernel that makes the value it costs
/// nothing.
struct Copy: CompilerOperation {
  /// Keeps copies for different outputs apart.
  var output: Int?

  var name: String { "copy" }
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}

/// The first operand, shown where it lies, after a barrier: the others must be known before it is read.
struct Passed: CompilerOperation {
  var name: String { "barrier" }
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { [operands[0]] }
}

/// The same value, written into its part of the result of an `Assemble`. A second operand is a value that must have
/// been written before.
struct Place: CompilerOperation {
  /// Which assembly it belongs to.
  let assembly: Int
  /// Which part of the assembly it is.
  let part: Int

  var name: String { "place" }
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { [operands[0]] }
}

/// A tensor put together from its `Place` operands, later ones lying over earlier ones. It computes nothing: its
/// operands are written where they belong.
struct Assemble: CompilerOperation {
  /// The result's type.
  let type: TensorType
  /// Where each operand lies in the result.
  let layouts: [Layout]

  var name: String { "assemble" }
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [type] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var result = ReferenceArray(type, repeating: 0)
    for (operand, layout) in zip(operands, layouts) { result.assign(operand, at: layout.places(operand.type.shape)) }
    return [result]
  }
}

extension Node {
  /// Whether the node writes a part of an assembly.
  var isPlace: Bool { kind == .internal && operation is Place }
  /// The operation of an assembly.
  var assembly: Assemble? { kind == .internal ? operation as? Assemble : nil }
}

extension Layout {
  /// The places of all elements in row-major order. - Complexity: O(elements · rank).
  package func places(_ shape: Shape) -> [Int] {
    var places = [offset]
    for (size, stride) in zip(shape, strides) {
      places = places.flatMap { place in (0..<size).map { place + $0 * stride } }
    }
    return places
  }
}

/// An operation that only the compiler writes, after differentiation and batching are done.
protocol CompilerOperation: Operation {}

extension CompilerOperation {
  static var kind: OperationKind { .internal }
  func tangents(_ context: ForwardContext) -> [Symbol?] {
    context.results.first?.builder.fail(OperationError(name, "has no derivative: it belongs to a compiled plan"))
    return context.results.map { _ in nil }
  }
  func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.fail(OperationError(name, "has no batching rule: it belongs to a compiled plan"))
    return context.operands
  }
}
