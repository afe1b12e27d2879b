import CNative
import DescentCompiler
import DescentGraph

/// An operation that puts updates into windows of a tensor; operands are the tensor, the indices and the updates.
protocol ScatterKernelOperation: KernelOperation {
  /// What an update does to the element that it meets.
  var nativeKind: dn_scatter_kind { get }
  /// What is written, by updates of the given shape.
  func geometry(of updates: Shape) -> IndexGeometry
}

extension ScatterKernelOperation {
  func hasKernel(for operands: [TensorType]) -> Bool {
    operands[0].rank <= Int(DN_INDEX_RANK) && !(isWidened && operands[0].elementType.isHalf)
  }

  var overwrittenOperand: Int? { 0 }

  func readsRepeated(_ operand: Int) -> Bool { operand == 0 }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    ScatterKernel(self, site.operands, tensor: site.layouts[0], site.addresses)
  }
}

extension Scatter: ScatterKernelOperation {
  var isWidened: Bool { combination != .set }
  var nativeKind: dn_scatter_kind {
    switch combination {
    case .add: DN_SCATTER_ADD
    case .set: DN_SCATTER_SET
    case .maximum: DN_SCATTER_MAX
    case .minimum: DN_SCATTER_MIN
    case .multiply: DN_SCATTER_MULTIPLY
    }
  }
  func geometry(of updates: Shape) -> IndexGeometry { geometry }
}

extension DynamicUpdateSlice: ScatterKernelOperation {
  var nativeKind: dn_scatter_kind { DN_SCATTER_SET }
}

/// A kernel that puts updates into windows of a tensor.
final class ScatterKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var geometry: dn_index_geometry
    var kind: dn_scatter_kind
    var type: dn_type
    var isRepeated: Bool
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the writing of windows; `layout` is how the tensor lies in memory: packed, or one element for all.
  init(
    _ operation: some ScatterKernelOperation, _ operands: [TensorType], tensor layout: Layout, _ addresses: [Address]
  ) {
    let (tensor, indices, updates) = (operands[0], operands[1], operands[2])
    let isRepeated = layout.isRepeated(tensor.shape)
    call = Parameters(
      Call(
        geometry: operation.geometry(of: updates.shape).native(tensor.shape, indices), kind: operation.nativeKind,
        type: tensor.elementType.native, isRepeated: isRepeated))
    var addresses = addresses
    if isRepeated { addresses[0].offset += layout.offset * tensor.elementType.byteCount }
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(updates.shape) at \(indices.shape) → \(tensor.shape)",
      bytes: Double((isRepeated ? 1 : 2) * tensor.byteCount + updates.byteCount + indices.byteCount),
      flops: Double(updates.count))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let call = parameters.assumingMemoryBound(to: Call.self)
      return withUnsafePointer(to: call.pointee.geometry) { geometry in
        dn_scatter(
          geometry, call.pointee.kind, call.pointee.type, addresses[0], call.pointee.isRepeated, addresses[1],
          addresses[2], addresses[3], error, errorCapacity)
      }
    }
  }
}
