import CNative
import DescentCompiler
import DescentGraph

/// An operation over windows: sums, extremes and their transposes.
protocol WindowKernelOperation: KernelOperation {
  /// How the windows lie.
  var windows: WindowGeometry { get }
  /// What the C floor calls it, if it has it.
  var nativeOperation: dn_window_operation? { get }
  /// The shapes before and after the windows.
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, output: Shape)
}

extension WindowKernelOperation {
  /// The first operand lies before the windows.
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, output: Shape) {
    (operands[0].shape, result.shape)
  }

  var isWidened: Bool { true }

  /// Up to three spatial axes.
  func hasKernel(for operands: [TensorType]) -> Bool {
    nativeOperation != nil && operands[0].rank - 2 <= 3 && operands[0].elementType.isFloatOrDouble
  }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    guard let native = nativeOperation else { throw OperationError(name, "has no kernel") }
    return WindowKernel(self, native, site.operands, site.results[0], site.addresses)
  }
}

extension WindowedSum: WindowKernelOperation {
  var nativeOperation: dn_window_operation? { DN_WINDOW_SUM }
}

extension WindowedSumTranspose: WindowKernelOperation {
  var nativeOperation: dn_window_operation? { DN_WINDOW_SUM_TRANSPOSE }
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, output: Shape) {
    (result.shape, operands[0].shape)
  }
}

extension WindowedExtreme: WindowKernelOperation {
  var nativeOperation: dn_window_operation? { choice == .maximum ? DN_WINDOW_MAX : DN_WINDOW_MIN }
}

extension SelectAndGather: WindowKernelOperation {
  var nativeOperation: dn_window_operation? { choice == .maximum ? DN_SELECT_AND_GATHER_ADD : nil }
}

extension SelectAndScatter: WindowKernelOperation {
  var nativeOperation: dn_window_operation? { choice == .maximum ? DN_SELECT_AND_SCATTER_ADD : nil }
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, output: Shape) {
    (operands[0].shape, operands[1].shape)
  }
}

/// A kernel of an operation over windows.
final class WindowKernel: Kernel, @unchecked Sendable {
  private struct Call {
    var operation: dn_window_operation
    var shape: dn_window_shape
    var hasSecond: Bool
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares an operation, which the C floor calls `native`.
  init(
    _ operation: some WindowKernelOperation, _ native: dn_window_operation, _ operands: [TensorType],
    _ result: TensorType, _ addresses: [Address]
  ) {
    let windows = operation.windows
    let (input, output) = operation.roles(operands, result)
    let rank = windows.rank
    var shape = dn_window_shape()
    shape.type = result.elementType.native
    shape.rank = Int32(rank)
    shape.batch = Int64(input[0])
    shape.channels = Int64(input[rank + 1])
    shape.input = triple(input[1...rank])
    shape.window = triple(windows.size)
    shape.output = triple(output[1...rank])
    shape.stride = triple(windows.strides.map(reachable))
    shape.dilation = triple(windows.dilation.map(reachable))
    shape.pad_low = triple(windows.low)
    shape.pad_high = triple(windows.high)
    call = Parameters(Call(operation: native, shape: shape, hasSecond: operands.count > 1))
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(input) → \(output)",
      bytes: (operands + [result]).reduce(0) { $0 + Double($1.byteCount) },
      flops: Double(output.count) * Double(Shape(windows.size).count))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let call = parameters.assumingMemoryBound(to: Call.self)
      return withUnsafePointer(to: call.pointee.shape) { shape in
        let hasSecond = call.pointee.hasSecond
        return dn_window_run(
          call.pointee.operation, shape, addresses[0], hasSecond ? addresses[1] : nil, addresses[hasSecond ? 2 : 1],
          error, errorCapacity)
      }
    }
  }
}
