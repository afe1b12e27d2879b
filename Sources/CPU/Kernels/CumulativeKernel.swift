import CNative
import DescentCompiler
import DescentGraph

extension Cumulative: KernelOperation {
  var isWidened: Bool { true }
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    CumulativeKernel(self, site.operands[0], site.addresses)
  }
}

/// A kernel that combines each element with those before or after it along an axis.
final class CumulativeKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var type: dn_type
    var kind: dn_cumulative_kind
    var isReversed: Bool
    var extents: AxisExtents
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the combination for a tensor of the given type.
  init(_ operation: Cumulative, _ type: TensorType, _ addresses: [Address]) {
    call = Parameters(
      Call(
        type: type.elementType.native, kind: operation.combination.native, isReversed: operation.isReversed,
        extents: AxisExtents(type.shape, axis: operation.axis)))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(type.shape)", bytes: Double(type.byteCount), flops: Double(type.count))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, _ in
      let call = parameters.assumingMemoryBound(to: Call.self).pointee
      let extents = call.extents
      let isDone = dn_cumulative(
        addresses[0], call.type, call.kind, call.isReversed, extents.outer, extents.count, extents.inner, addresses[1])
      return isDone ? 0 : 1
    }
  }
}

extension Cumulative.Kind {
  /// The combination as the C floor knows it.
  fileprivate var native: dn_cumulative_kind {
    switch self {
    case .sum: DN_CUMULATIVE_SUM
    case .product: DN_CUMULATIVE_PRODUCT
    case .maximum: DN_CUMULATIVE_MAX
    case .minimum: DN_CUMULATIVE_MIN
    case .logSumExp: DN_CUMULATIVE_LOG_SUM_EXP
    }
  }
}
