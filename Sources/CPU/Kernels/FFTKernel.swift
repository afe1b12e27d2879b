import CNative
import DescentCompiler
import DescentGraph

extension FFT: KernelOperation {
  var isWidened: Bool { true }
  func hasKernel(for operands: [TensorType]) -> Bool { operands[0].elementType.isFloatOrDouble }
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    try FFTKernel(self, site.operands[0], site.addresses)
  }
}

/// A kernel of Fourier transforms along an axis.
final class FFTKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let transform: OpaquePointer

  /// Prepares the transform of tensors of a type.
  ///
  /// - Throws: `OperationError` where there is no memory for its tables.
  init(_ operation: FFT, _ type: TensorType, _ addresses: [Address]) throws(OperationError) {
    let extents = AxisExtents(type.shape, axis: operation.axis)
    guard
      let transform = dn_fft_create(
        type.elementType.native, extents.outer, extents.count, extents.inner, operation.isInverse)
    else {
      throw OperationError(
        operation.name, "there is no memory for the tables of a transform of \(extents.count) numbers")
    }
    self.transform = transform
    self.addresses = addresses
    let depth = Int64.bitWidth - max(1, extents.count).leadingZeroBitCount
    cost = KernelCost(
      name: operation.name, shapes: "\(type.shape)", bytes: 4 * Double(type.byteCount),
      flops: 5 * Double(type.count) * Double(depth),
      scratchBytes: dn_fft_scratch(transform))
  }

  deinit { dn_fft_destroy(transform) }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(transform) }

  var function: KernelFunction {
    { parameters, addresses, error in
      dn_fft_run(
        OpaquePointer(parameters), addresses[0], addresses[1], addresses[2], addresses[3], error, errorCapacity)
    }
  }
}
