import CNative
import DescentCompiler
import DescentGraph

extension ArgReduce: KernelOperation {
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    ArgReduceKernel(self, site.operands[0], site.addresses)
  }
}

/// A kernel that finds the index of an extreme along an axis.
final class ArgReduceKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var type: dn_type
    var isMinimum: Bool
    var extents: AxisExtents
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares a search in a tensor of the given type.
  init(_ operation: ArgReduce, _ type: TensorType, _ addresses: [Address]) {
    call = Parameters(
      Call(
        type: type.elementType.native, isMinimum: operation.extreme == .argMinimum,
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
      let isDone = dn_arg_reduce(
        addresses[0], call.type, call.isMinimum, extents.outer, extents.count, extents.inner, DN_I32, addresses[1])
      return isDone ? 0 : 1
    }
  }
}
