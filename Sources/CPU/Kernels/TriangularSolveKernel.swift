import CNative
import DescentCompiler
import DescentGraph

extension TriangularSolve: KernelOperation {
  var isWidened: Bool { true }
  func hasKernel(for operands: [TensorType]) -> Bool {
    operands[0].elementType.isFloatOrDouble && dn_triangular_solve_available()
  }
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    TriangularSolveKernel(self, site.operands[0], site.operands[1], site.addresses)
  }
}

/// A kernel that solves triangular systems.
final class TriangularSolveKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let system: Parameters<dn_triangular_system>

  /// Prepares the systems of matrices and right-hand sides of the given types.
  init(_ operation: TriangularSolve, _ matrix: TensorType, _ right: TensorType, _ addresses: [Address]) {
    let size = matrix.shape.sizes.last ?? 0
    let sides = right.shape.sizes.suffix(2)
    let others = (operation.isLeft ? sides.last : sides.first) ?? 0
    let batch = Shape(Array(matrix.shape.sizes.dropLast(2))).count
    system = Parameters(
      dn_triangular_system(
        type: matrix.elementType.native, left: operation.isLeft, lower: operation.isLower,
        transposed: operation.isTransposed, unit_diagonal: operation.hasUnitDiagonal, size: Int64(size),
        others: Int64(others), batch: Int64(batch)))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(matrix.shape), \(right.shape)",
      bytes: Double(matrix.byteCount + 2 * right.byteCount),
      flops: Double(right.count) * Double(size))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(system.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      dn_triangular_solve(
        parameters.assumingMemoryBound(to: dn_triangular_system.self), addresses[0], addresses[1], addresses[2], error,
        errorCapacity)
    }
  }
}
