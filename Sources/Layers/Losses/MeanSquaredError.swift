import DescentTensors

/// The mean over all elements of the squared difference.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func meanSquaredError(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  elementwiseLoss("meanSquaredError", outputs, targets) { square($0 - $1) }
}
