import DescentGraph

extension Tensor {
  /// The mean of squared distances from the mean over the given axes, over all where none are given.
  ///
  /// Two passes, the second of which takes the rounding of the mean out again (Chan et al., 1983): numbers near 10⁸ that
  /// differ by a few keep a variance with all digits.
  ///
  /// - Parameter correction: The correction subtracted from the number of elements in the divisor: 0 for the variance of the elements
  ///   themselves, 1 for the unbiased estimate of what they are a sample of. NaN where nothing is left of the number.
  public func variance(axes: (any AxisList)? = nil, correction: Double = 0, keepingAxes: Bool = false) -> Tensor {
    .accumulated("variance", self) { $0.accumulatedVariance(axes, correction, keepingAxes) }
  }

  /// The square root of `variance` over the given axes, over all where none are given; where it is 0 its derivative
  /// is 0.
  public func standardDeviation(axes: (any AxisList)? = nil, correction: Double = 0, keepingAxes: Bool = false)
    -> Tensor
  {
    .accumulated("standardDeviation", self) { x in
      let variance = x.accumulatedVariance(axes, correction, keepingAxes)
      return variance.error == nil ? rootOrZero(variance) : variance
    }
  }

  private func accumulatedVariance(_ axes: (any AxisList)?, _ correction: Double, _ keepingAxes: Bool) -> Tensor {
    // The result does not depend on what is subtracted first, so no derivative passes through it.
    let distance = self - stopGradient(mean(axes: axes, keepingAxes: true))
    return distance.resolved(axes, "variance") { axes in
      let count = axes.reduce(1) { $0 * Double(shape[$1]) }
      let squares = square(distance).sum(axes: axes, keepingAxes: keepingAxes)
      let rest = square(distance.sum(axes: axes, keepingAxes: keepingAxes)) * distance.number(1 / count)
      // Of equal numbers the difference may round to less than 0; a sum that overflows is ∞, whatever its rounding.
      let total = `where`(squares .== squares.number(.infinity), squares, squares - rest)
      let positive = `where`(total .< total.number(0), total.number(0), total)
      return positive * distance.number(1 / Swift.max(0, count - correction))
    }
  }
}

/// The covariances of variables `[variables, observations]` with each other, `[variables, variables]`; of one variable
/// `[observations]` its variance.
///
/// - Parameter correction: What is subtracted from the number of observations in the divisor.
public func covariance(_ x: Tensor, correction: Double = 1) -> Tensor {
  centered("covariance", x) { centered, count in
    products(centered) * centered.number(1 / Swift.max(0, count - correction))
  }
}

/// The covariance of two variables of as many observations each, a scalar.
public func covariance(_ x: Tensor, _ y: Tensor, correction: Double = 1) -> Tensor {
  pair("covariance", x, y) { covariance($0, correction: correction) }
}

/// Pearson's correlations of variables `[variables, observations]` with each other, `[variables, variables]`; NaN of a
/// variable that does not vary.
public func correlation(_ x: Tensor) -> Tensor {
  centered("correlation", x) { centered, _ in
    let unit = centered / centered.norm(axes: [-1], keepingAxes: true)
    return products(unit)
  }
}

/// Pearson's correlation of two variables of as many observations each, a scalar.
public func correlation(_ x: Tensor, _ y: Tensor) -> Tensor { pair("correlation", x, y) { correlation($0) } }

/// The inner products of rows; of one row alone its own.
private func products(_ rows: Tensor) -> Tensor {
  rows.rank == 1 ? square(rows).sum() : matmul(rows, rows.transposed())
}

/// Variables less their means, and the number of observations.
private func centered(_ name: String, _ x: Tensor, _ body: (Tensor, Double) -> Tensor) -> Tensor {
  .accumulated(name, x) { x in
    guard let count = x.shape.last, x.rank <= 2 else {
      return .failure(name, "takes [observations] or [variables, observations], not \(x.shape)")
    }
    return body(x - x.mean(axes: [-1], keepingAxes: true), Double(count))
  }
}

/// What a table of covariances or correlations of two variables says of the two.
private func pair(_ name: String, _ x: Tensor, _ y: Tensor, _ table: (Tensor) -> Tensor) -> Tensor {
  if x.error != nil { return x }
  if y.error != nil { return y }
  guard x.rank == 1, x.shape == y.shape else {
    return .failure(name, "takes two vectors of one length, not \(x.shape) and \(y.shape)")
  }
  return .calling(name) {
    let whole = table(stacked([x, y]))
    return whole.error == nil ? whole.sliced(0..<1, axis: 0).sliced(1..<2, axis: 1).reshaped([]) : whole
  }
}
