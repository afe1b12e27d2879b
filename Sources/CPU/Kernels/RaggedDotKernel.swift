import CNative
import DescentCompiler
import DescentGraph

extension RaggedDot: KernelOperation {
  var isWidened: Bool { true }
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    RaggedDotKernel(self, site.operands, site.results[0], site.addresses)
  }
}

/// A kernel of products by groups of rows.
final class RaggedDotKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let products: Parameters<dn_ragged_products>

  /// Prepares the products of operands of the given types.
  init(_ operation: RaggedDot, _ types: [TensorType], _ result: TensorType, _ addresses: [Address]) {
    let extents = operation.extents(types)
    products = Parameters(
      dn_ragged_products(
        factors: operation.factors.native, type: result.elementType.native, size_type: types[2].elementType.native,
        batches: Int64(extents.batches), sharing: Int64(extents.sharing), groups: Int64(extents.groups),
        rows: Int64(extents.rows), height: Int64(extents.height), width: Int64(extents.width)))
    self.addresses = addresses
    let rows = extents.batches * extents.sharing * extents.rows
    cost = KernelCost(
      name: operation.name, shapes: "\(types[0].shape)·\(types[1].shape) by \(types[2].shape)",
      bytes: types.reduce(Double(result.byteCount)) { $0 + Double($1.byteCount) },
      flops: 2 * Double(rows) * Double(extents.height) * Double(extents.width),
      scratchBytes: (types[2].count + extents.batches * extents.sharing) * 8)
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(products.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      dn_ragged_dot(
        parameters.assumingMemoryBound(to: dn_ragged_products.self), addresses[0], addresses[1], addresses[2],
        addresses[3], error, errorCapacity)
    }
  }
}

extension RaggedDot.Factors {
  /// The factors as the C floor knows them.
  fileprivate var native: dn_ragged_factors {
    switch self {
    case .rowsWithMatrices: DN_ROWS_WITH_MATRICES
    case .rowsWithTransposes: DN_ROWS_WITH_TRANSPOSES
    case .rowsWithRows: DN_ROWS_WITH_ROWS
    }
  }
}
