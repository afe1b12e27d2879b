import CNative
import DescentCompiler
import DescentGraph

/// An operation that reads windows of a tensor where index vectors say; operands are the tensor and the indices.
protocol GatherKernelOperation: KernelOperation {
  /// What is read.
  var geometry: IndexGeometry { get }
}

extension GatherKernelOperation {
  func hasKernel(for operands: [TensorType]) -> Bool { operands[0].rank <= Int(DN_INDEX_RANK) }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    GatherKernel(self, site.operands, site.results[0], site.addresses)
  }
}

extension Gather: GatherKernelOperation {}
extension DynamicSlice: GatherKernelOperation {}

/// A kernel that reads windows of a tensor.
final class GatherKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var geometry: dn_index_geometry
    var type: dn_type
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the reading of windows.
  init(_ operation: some GatherKernelOperation, _ operands: [TensorType], _ result: TensorType, _ addresses: [Address])
  {
    call = Parameters(
      Call(geometry: operation.geometry.native(operands[0].shape, operands[1]), type: result.elementType.native))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(operands[0].shape) at \(operands[1].shape) → \(result.shape)",
      bytes: Double(2 * result.byteCount + operands[1].byteCount))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, _ in
      let call = parameters.assumingMemoryBound(to: Call.self)
      withUnsafePointer(to: call.pointee.geometry) {
        dn_gather($0, call.pointee.type, addresses[0], addresses[1], addresses[2])
      }
      return 0
    }
  }
}
