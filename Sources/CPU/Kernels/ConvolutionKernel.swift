import CNative
import DescentCompiler
import DescentGraph

/// An operation that is one of the three directions of a convolution.
protocol ConvolutionKernelOperation: KernelOperation {
  /// Kernel size, strides, padding, dilation and groups.
  var geometry: ConvolutionGeometry { get }
  /// Which of the three it is.
  var direction: dn_convolution_direction { get }
  /// The types of the convolution's input, weights and output.
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, weights: Shape, output: Shape)
}

extension ConvolutionKernelOperation {
  var isWidened: Bool { true }

  /// Up to three spatial axes.
  func hasKernel(for operands: [TensorType]) -> Bool {
    operands[0].rank - 2 <= 3 && operands[0].elementType.isFloatOrDouble
  }

  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    try ConvolutionKernel(self, site.operands, site.results[0], site.addresses)
  }
}

extension Convolution: ConvolutionKernelOperation {
  var direction: dn_convolution_direction { DN_CONV_FORWARD }
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, weights: Shape, output: Shape) {
    (operands[0].shape, operands[1].shape, result.shape)
  }
}

extension ConvolutionInputGradient: ConvolutionKernelOperation {
  var direction: dn_convolution_direction { DN_CONV_BACKWARD_INPUT }
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, weights: Shape, output: Shape) {
    (result.shape, operands[1].shape, operands[0].shape)
  }
}

extension ConvolutionWeightGradient: ConvolutionKernelOperation {
  var direction: dn_convolution_direction { DN_CONV_BACKWARD_WEIGHTS }
  func roles(_ operands: [TensorType], _ result: TensorType) -> (input: Shape, weights: Shape, output: Shape) {
    (operands[0].shape, result.shape, operands[1].shape)
  }
}

/// A kernel of one direction of a convolution.
final class ConvolutionKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let convolution: OpaquePointer

  /// Prepares a convolution.
  ///
  /// - Throws: `OperationError` where the C floor refuses the shape.
  init(
    _ operation: some ConvolutionKernelOperation, _ operands: [TensorType], _ result: TensorType, _ addresses: [Address]
  ) throws(OperationError) {
    let geometry = operation.geometry
    let (input, weights, output) = operation.roles(operands, result)
    let rank = geometry.windows.rank
    var shape = dn_convolution_shape()
    shape.type = result.elementType.native
    shape.rank = Int32(rank)
    shape.batch = Int64(input[0])
    shape.groups = Int64(geometry.groups)
    shape.input_channels = Int64(input[rank + 1])
    shape.output_channels = Int64(output[rank + 1])
    shape.input = triple(input[1...rank])
    shape.kernel = triple(geometry.windows.size)
    shape.output = triple(output[1...rank])
    shape.stride = triple(geometry.windows.strides.map(reachable))
    shape.dilation = triple(geometry.windows.dilation.map(reachable))
    shape.pad_low = triple(geometry.windows.low)
    shape.pad_high = triple(geometry.windows.high)
    var error = [CChar](repeating: 0, count: errorCapacity)
    guard let convolution = dn_convolution_create(operation.direction, &shape, &error, errorCapacity) else {
      throw OperationError(operation.name, message(error))
    }
    self.convolution = convolution
    self.addresses = addresses
    cost = KernelCost(
      name: operation.name, shapes: "\(input) * \(weights)",
      bytes: (operands + [result]).reduce(0) { $0 + Double($1.byteCount) },
      flops: 2 * Double(output.count) * Double(weights.count / max(1, output[rank + 1])),
      scratchBytes: dn_convolution_scratch_bytes(convolution))
  }

  deinit { dn_convolution_destroy(convolution) }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(convolution) }

  var function: KernelFunction {
    { parameters, addresses, error in
      dn_convolution_run(
        OpaquePointer(parameters), addresses[0], addresses[1], addresses[2], error, errorCapacity)
    }
  }
}

/// A stride or dilation that the C floor takes: none that is taken at all is longer than an axis may be there.
func reachable(_ distance: Int) -> Int { min(distance, 1 << 30) }

/// Up to three numbers as a fixed array of the C floor.
func triple(_ values: some Collection<Int>) -> (Int64, Int64, Int64) {
  let values = values.map { Int64($0) } + [0, 0, 0]
  return (values[0], values[1], values[2])
}
