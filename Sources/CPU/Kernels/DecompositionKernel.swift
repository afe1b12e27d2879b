import CNative
import DescentCompiler
import DescentGraph

/// A decomposition of matrices that LAPACK does.
protocol DecompositionOperation: KernelOperation {
  /// What the C floor calls it.
  var nativeKind: dn_decomposition_kind { get }
  /// Whether further columns complete a basis.
  var isFull: Bool { get }
}

extension DecompositionOperation {
  var isFull: Bool { false }
  var isWidened: Bool { true }

  /// The task for matrices of a type.
  func task(_ type: TensorType) -> dn_decomposition {
    let sizes = type.shape.sizes.suffix(2).map(Int64.init)
    let batch = Int64(Shape(Array(type.shape.sizes.dropLast(2))).count)
    return dn_decomposition(
      kind: nativeKind, type: type.elementType.native, m: sizes[0], n: sizes[1], batch: batch, full: isFull)
  }

  /// Whether LAPACK is there, and the matrices are not too large for it.
  func hasKernel(for operands: [TensorType]) -> Bool {
    let type = operands[0]
    guard type.elementType.isFloatOrDouble, dn_lapack_available() else { return false }
    return withUnsafePointer(to: task(type)) { dn_decomposition_scratch($0) > 0 || type.count == 0 }
  }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    DecompositionKernel(self, site.operands[0], site.results, site.addresses)
  }
}

extension Cholesky: DecompositionOperation { var nativeKind: dn_decomposition_kind { DN_CHOLESKY } }
extension LU: DecompositionOperation { var nativeKind: dn_decomposition_kind { DN_LU } }
extension QR: DecompositionOperation { var nativeKind: dn_decomposition_kind { DN_QR } }
extension Eigh: DecompositionOperation { var nativeKind: dn_decomposition_kind { DN_EIGH } }
extension SVD: DecompositionOperation { var nativeKind: dn_decomposition_kind { DN_SVD } }

/// A kernel that decomposes matrices.
final class DecompositionKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let task: Parameters<dn_decomposition>

  /// Prepares the decomposition of matrices of a type.
  init(
    _ operation: some DecompositionOperation, _ type: TensorType, _ results: [TensorType], _ addresses: [Address]
  ) {
    let task = operation.task(type)
    self.task = Parameters(task)
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(type.shape)",
      bytes: results.reduce(Double(type.byteCount)) { $0 + Double($1.byteCount) },
      flops: Double(type.count) * Double(min(task.m, task.n)),
      scratchBytes: withUnsafePointer(to: task) { dn_decomposition_scratch($0) })
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(task.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let task = parameters.assumingMemoryBound(to: dn_decomposition.self)
      return dn_decompose(task, addresses[0], addresses + 1, error, errorCapacity)
    }
  }
}
