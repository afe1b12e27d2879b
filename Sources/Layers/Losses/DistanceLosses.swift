import DescentTensors

/// The mean over all elements of the absolute difference, whose derivative is 0 where that is 0.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func meanAbsoluteError(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  elementwiseLoss("meanAbsoluteError", outputs, targets) { abs($0 - $1) }
}

/// The mean over all elements of half the squared difference, which becomes a straight line where the difference is
/// larger than `delta`, so that outliers do not dominate.
///
/// Source: Huber, "Robust estimation of a location parameter", 1964. Divided by `delta` it is PyTorch's smooth L1 loss.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
///   - delta: Where the line begins, positive.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func huberLoss(_ outputs: Tensor, _ targets: Tensor, delta: Double = 1) -> Tensor {
  guard delta > 0 else { return LayerSite("huberLoss").failure("its delta must be positive, found \(delta)") }
  return elementwiseLoss("huberLoss", outputs, targets) { outputs, targets in
    let size = abs(outputs - targets)
    let edge = number(delta, size.elementType)
    return `where`(size .<= edge, 0.5 * square(size), edge * (size - 0.5 * edge))
  }
}
