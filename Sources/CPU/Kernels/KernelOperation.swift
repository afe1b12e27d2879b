import DescentCompiler
import DescentGraph

/// An operation that the CPU has a kernel of its own for. What there is to know of the kernel is said in the conformance,
/// which stands in the kernel's file.
///
/// What neither conforms nor is part of a fused kernel (see `FusedOperation`) is computed by its reference evaluation.
protocol KernelOperation: Operation {
  /// Whether the kernel takes packed operands of these types; for `Dot`, matrices.
  func hasKernel(for operands: [TensorType]) -> Bool
  /// Whether floating-point numbers of 16 bits are computed in float32 and rounded once.
  var isWidened: Bool { get }
  /// Which operand's memory the first result may take, because the kernel reads nothing of it at any other place than the
  /// one that it writes.
  var overwrittenOperand: Int? { get }
  /// Whether the kernel takes an operand that is one element everywhere from that one element.
  func readsRepeated(_ operand: Int) -> Bool
  /// The kernel that computes the operation at a place of a plan.
  ///
  /// - Throws: `OperationError` where the C floor refuses it.
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel
}

extension KernelOperation {
  /// All types but those that are widened.
  func hasKernel(for operands: [TensorType]) -> Bool { !(isWidened && operands[0].elementType.isHalf) }
  /// Each type is computed as it is.
  var isWidened: Bool { false }
  /// Results have memory of their own.
  var overwrittenOperand: Int? { nil }
  /// Operands are packed.
  func readsRepeated(_ operand: Int) -> Bool { false }
}

/// A place of a plan at which an operation is computed: what its operands and results are, and where they lie.
struct KernelSite {
  let operands: [TensorType]
  let results: [TensorType]
  /// The addresses of the operands, followed by those of the results.
  let addresses: [Address]
  /// How the operands lie from their addresses on, followed by how the results do.
  let layouts: [Layout]
  /// The products of matrices that a `Dot` is.
  let product: MatrixProduct?
  /// What was prepared of the functions that the operation holds, and where its working memory begins.
  let bodies: (any PreparedBodies)?
  let workingMemory: Address?
}

extension ElementType {
  /// Whether the elements are floating-point numbers of 16 bits.
  var isHalf: Bool { isFloatingPoint && byteCount == 2 }

  /// Whether the elements are those that the C floor's loops over real numbers are written for.
  var isFloatOrDouble: Bool { self == .float32 || self == .float64 }
}
