import CNative
import DescentCompiler
import DescentGraph

extension Sort: KernelOperation {
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    SortKernel(self, site.operands, site.addresses)
  }
}

/// A kernel that puts tensors into the order of the first of them.
final class SortKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var shape: dn_sort_shape
    var tensors: Int
    var elementBytes: UnsafeMutablePointer<Int>
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares a sort; the addresses are those of the operands, the sorted tensors and the order.
  init(_ operation: Sort, _ operands: [TensorType], _ addresses: [Address]) {
    let sizes = UnsafeMutablePointer<Int>.allocate(capacity: operands.count)
    for (index, type) in operands.enumerated() { (sizes + index).initialize(to: type.elementType.byteCount) }
    call = Parameters(
      Call(
        shape: dn_sort_shape(operands[0], axis: operation.axis, isDescending: operation.isDescending),
        tensors: operands.count, elementBytes: sizes))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(operands[0].shape)",
      bytes: operands.reduce(4 * Double(operands[0].count)) { $0 + 2 * Double($1.byteCount) })
  }

  deinit { call.pointer.pointee.elementBytes.deallocate() }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let call = parameters.assumingMemoryBound(to: Call.self)
      let count = call.pointee.tensors
      return withUnsafePointer(to: call.pointee.shape) { shape in
        dn_sort(
          shape, Int32(count), call.pointee.elementBytes, addresses, addresses + count,
          addresses[2 * count]?.assumingMemoryBound(to: Int32.self), error, errorCapacity)
      }
    }
  }
}

extension TopK: KernelOperation {
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    TopKernel(self, site.operands[0], site.addresses)
  }
}

/// A kernel that takes the first few in sorted order.
final class TopKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var shape: dn_sort_shape
    var taken: Int64
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares a choice; the addresses are those of the operand, the values and the indices.
  init(_ operation: TopK, _ operand: TensorType, _ addresses: [Address]) {
    call = Parameters(
      Call(
        shape: dn_sort_shape(operand, axis: operation.axis, isDescending: !operation.isSmallest),
        taken: Int64(operation.count)))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(operand.shape), \(operation.count)", bytes: Double(operand.byteCount))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let call = parameters.assumingMemoryBound(to: Call.self)
      return withUnsafePointer(to: call.pointee.shape) { shape in
        dn_top(
          shape, call.pointee.taken, addresses[0], addresses[1], addresses[2]?.assumingMemoryBound(to: Int32.self),
          error, errorCapacity)
      }
    }
  }
}

extension dn_sort_shape {
  fileprivate init(_ type: TensorType, axis: Int, isDescending: Bool) {
    self.init()
    key_type = type.elementType.native
    is_descending = isDescending
    let extents = AxisExtents(type.shape, axis: axis)
    (outer, count, inner) = (extents.outer, extents.count, extents.inner)
  }
}
