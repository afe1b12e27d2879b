import DescentGraph
import DescentTensors

/// The mean over all elements of the squared difference.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func meanSquaredError(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  meanSquaredError(outputs, targets, reduction: .mean)
}

/// The squared difference of elements that count differently, or its sum.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func meanSquaredError(
  _ outputs: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.meanSquaredError(outputs, targets, weights).reduced(reduction)
}

/// The mean over all elements of the absolute difference, whose derivative is 0 where that is 0.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func meanAbsoluteError(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  meanAbsoluteError(outputs, targets, reduction: .mean)
}

/// The absolute difference of elements that count differently, or its sum.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func meanAbsoluteError(
  _ outputs: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.meanAbsoluteError(outputs, targets, weights).reduced(reduction)
}

/// The mean over all elements of half the squared difference, which becomes a straight line where the difference is larger
/// than 1.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func huberLoss(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  huberLoss(outputs, targets, reduction: .mean)
}

/// Half the squared difference, which becomes a straight line where the difference is larger than `delta`, so that outliers
/// do not dominate.
///
/// Source: Huber, "Robust estimation of a location parameter", 1964. Divided by `delta` it is PyTorch's smooth L1 loss.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
///   - delta: Where the line begins, positive.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func huberLoss(
  _ outputs: Tensor, _ targets: Tensor, delta: Double = 1, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.huberLoss(outputs, targets, delta, weights).reduced(reduction)
}

/// The mean over all elements of log cosh of the difference, which is half its square near 0 and a straight line far away,
/// and smooth everywhere.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func logCoshLoss(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  logCoshLoss(outputs, targets, reduction: .mean)
}

/// Log cosh of the difference of elements that count differently, or its sum.
///
/// - Parameters:
///   - outputs: Any shape.
///   - targets: The same shape, any element type.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func logCoshLoss(
  _ outputs: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.logCoshLoss(outputs, targets, weights).reduced(reduction)
}

extension LossTerms {
  static func meanSquaredError(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms {
    ofElements("meanSquaredError", outputs, targets, weights, predicted: .normal) { square($0 - $1) }
  }

  static func meanAbsoluteError(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms {
    ofElements("meanAbsoluteError", outputs, targets, weights) { abs($0 - $1) }
  }

  static func huberLoss(_ outputs: Tensor, _ targets: Tensor, _ delta: Double, _ weights: Tensor?) -> LossTerms {
    guard delta > 0 else {
      return LossTerms(LayerSite("huberLoss").failure("its delta must be positive, found \(delta)"))
    }
    return ofElements("huberLoss", outputs, targets, weights) { outputs, targets in
      let size = abs(outputs - targets)
      let edge = number(delta, size.elementType)
      return `where`(size .<= edge, 0.5 * square(size), edge * (size - 0.5 * edge))
    }
  }

  static func logCoshLoss(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms {
    ofElements("logCoshLoss", outputs, targets, weights) { outputs, targets in
      // |d| + log1p(e^−2|d|) − log 2, with a choice as the size, whose second derivative at 0 is then that of log cosh.
      let difference = outputs - targets
      let size = `where`(difference .> 0, difference, -difference)
      return size + log1p(exp(-2.0 * size)) - number(0.6931471805599453, size.elementType)
    }
  }
}
