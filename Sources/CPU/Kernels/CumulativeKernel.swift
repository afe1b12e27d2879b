import CNative
import DescentCompiler
import DescentGraph

/// A kernel that combines each element with those before or behind it along an axis.
final class CumulativeKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var type: dn_type
    var kind: dn_cumulative_kind
    var isReversed: Bool
    var outer: Int64
    var count: Int64
    var inner: Int64
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the combination for a tensor of the given type.
  init(_ operation: Cumulative, _ type: TensorType, _ addresses: [Address]) {
    let sizes = type.shape.sizes
    func product(_ sizes: some Sequence<Int>) -> Int64 { sizes.reduce(1) { $0 * Int64($1) } }
    call = Parameters(
      Call(
        type: type.elementType.native, kind: operation.combination.native, isReversed: operation.isReversed,
        outer: product(sizes[..<operation.axis]), count: Int64(sizes[operation.axis]),
        inner: product(sizes[(operation.axis + 1)...])))
    self.addresses = addresses
    cost = KernelCost(name: operation.name, shapes: "\(type.shape)", bytes: type.byteCount, flops: type.count)
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, _ in
      let call = parameters.assumingMemoryBound(to: Call.self).pointee
      let isDone = dn_cumulative(
        addresses[0], call.type, call.kind, call.isReversed, call.outer, call.count, call.inner, addresses[1])
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
