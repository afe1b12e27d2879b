import CNative
import DescentCompiler
import DescentGraph

extension Solve: KernelOperation {
  var isWidened: Bool { true }

  /// The systems of matrices and right-hand sides of the given types.
  fileprivate func system(_ operands: [TensorType]) -> dn_linear_system {
    let (matrix, right) = (operands[0], operands[1])
    let batch = Shape(Array(matrix.shape.sizes.dropLast(2))).count
    return dn_linear_system(
      type: matrix.elementType.native, transposed: isTransposed, size: Int64(matrix.shape.sizes.last ?? 0),
      others: Int64(right.shape.sizes.last ?? 0), batch: Int64(batch))
  }

  /// Whether LAPACK is there, and the systems are not too large for it.
  func hasKernel(for operands: [TensorType]) -> Bool {
    guard operands[0].elementType.isFloatOrDouble else { return false }
    return withUnsafePointer(to: system(operands)) { dn_solve_scratch($0) > 0 }
  }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    SolveKernel(self, site.operands, site.addresses)
  }
}

/// A kernel that solves systems of equations.
final class SolveKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let system: Parameters<dn_linear_system>

  /// Prepares the systems of matrices and right-hand sides of the given types.
  init(_ operation: Solve, _ types: [TensorType], _ addresses: [Address]) {
    let system = operation.system(types)
    self.system = Parameters(system)
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(types[0].shape), \(types[1].shape)",
      bytes: Double(types[0].byteCount + 2 * types[1].byteCount),
      flops: Double(types[0].count + 2 * types[1].count) * Double(system.size),
      scratchBytes: withUnsafePointer(to: system) { dn_solve_scratch($0) })
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(system.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      dn_solve(
        parameters.assumingMemoryBound(to: dn_linear_system.self), addresses[0], addresses[1], addresses[2], error,
        errorCapacity)
    }
  }
}
