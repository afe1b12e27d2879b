import DescentGraph

/// A graph in which every operation can be a kernel, or part of one, where its operands lie.
package struct LoweredGraph: Sendable {
  /// The nodes, those that copy values into another layout included.
  package let graph: Graph
  /// For each node that is a view: the value it shows and how.
  let views: [(base: Value, layout: Layout)?]
  /// For each view of a value after a barrier: what must be known before it is read, by node.
  let waits: [Int: [Int]]
  /// For each `Dot`: its matrices.
  package let products: [Int: MatrixProduct]
  /// How each node is computed.
  package let means: [KernelMeans]

  /// The value in whose memory a value lies.
  func base(of value: Value) -> Value { views[value.node]?.base ?? value }

  /// The value in whose memory a value lies, and where in it.
  package func place(of value: Value) -> (base: Value, layout: Layout) {
    views[value.node] ?? (value, Layout(dense: graph.type(of: value).shape))
  }
}

extension LoweredGraph {
  /// The nodes in whose memory lies what a node reads, or what must be known before it reads it.
  func sources(of operand: Value) -> [Int] { [base(of: operand).node] + (waits[operand.node] ?? []) }
}

/// How a backend computes a node.
package enum KernelMeans: Sendable, Hashable {
  /// Given from outside: inputs and constants.
  case given
  /// Not at all: a view, or a value that its operands write.
  case none
  /// Element by element, in one kernel with its neighbors.
  case fused
  /// In a kernel of its own, from packed operands.
  case kernel
  /// By its reference evaluation.
  case reference
}

/// What a backend has kernels for.
package protocol KernelSupport: Sendable {
  /// Whether an operation on elements of these types can be part of one of the backend's fused kernels.
  func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool
  /// Whether there is a kernel for an operation on packed operands of these types; for `Dot`, on matrices.
  func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool
  /// The element type to compute an operation in, where there is no kernel for its own.
  func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType?
  /// Whether the kernel for an operation takes an operand that is one element everywhere from that one element.
  func readsRepeated(_ operation: any Operation, operand: Int) -> Bool
  /// Which operand's memory an operation's first result may take, because the kernel reads nothing of it at any other
  /// place than the one that it writes.
  func overwrittenOperand(_ operation: any Operation) -> Int?
  /// Prepares the functions that an operation holds, whose plans are given, to be run by its kernel.
  ///
  /// - Throws: `OperationError` where the backend refuses one of their kernels.
  func prepare(
    _ operation: any GraphOperation, _ bodies: [Plan]
  ) throws(OperationError) -> (any PreparedBodies)?
}

extension KernelSupport {
  /// Kernels read packed operands.
  package func readsRepeated(_ operation: any Operation, operand: Int) -> Bool { false }

  /// Kernels write into memory of their own.
  package func overwrittenOperand(_ operation: any Operation) -> Int? { nil }

  /// No kernel that runs functions.
  package func prepare(
    _ operation: any GraphOperation, _ bodies: [Plan]
  ) throws(OperationError) -> (any PreparedBodies)? { nil }
}

/// The functions of one node, ready to be run by its kernel.
package protocol PreparedBodies: Sendable {
  /// The working memory that a run of the kernel needs, which becomes part of the arena.
  var workingBytes: Int { get }
  /// For each result that may be written into the memory of an operand: that operand.
  var overwrittenOperands: [Int: Int] { get }
}
