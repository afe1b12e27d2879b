import DescentGraph

extension Tensor {
  /// The norm (Σ |x|ᵖ)^(1/p) over the given axes, over all where none are given, without overflow on the way.
  ///
  /// The derivative of the norm of zeros is 0.
  ///
  /// - Parameter order: p, a number above 0; `.infinity` gives the largest size, 0 counts the elements other than 0.
  public func norm(_ order: Double = 2, axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .accumulated("norm", self) { x in
      guard order >= 0 else { return .failure("norm", "the order must be 0 or more, not \(order)") }
      switch order {
      case 0: return x.countNonzero(axes: axes, keepingAxes: keepingAxes).converted(to: x.elementType)
      case 1: return abs(x).sum(axes: axes, keepingAxes: keepingAxes)
      case .infinity:
        // Nothing has the size 0, where the largest of nothing is −∞.
        let largest = abs(x).max(axes: axes, keepingAxes: keepingAxes)
        return x.count == 0 ? maximum(largest, 0) : largest
      default: break
      }
      let largest = unitOfSize(abs(x).max(axes: axes, keepingAxes: true))
      if largest.error != nil { return largest }
      let scaled = x / largest
      let total = order == 2 ? square(scaled) : powers(scaled, order)
      let sum = total.sum(axes: axes, keepingAxes: true)
      let norm = largest * (order == 2 ? rootOrZero(sum) : rootOrZero(sum, order))
      return keepingAxes ? norm : norm.resolved(axes, "norm") { norm.reshaped(shape.removing(axes: $0)) }
    }
  }

  /// The tensor divided by its norm over the given axes, over all where none are given; zeros stay zeros.
  public func normalized(_ order: Double = 2, axes: (any AxisList)? = nil) -> Tensor {
    .accumulated("normalized", self) { x in
      let norm = x.norm(order, axes: axes, keepingAxes: true)
      return norm.error != nil ? norm : x / `where`(norm .== norm.number(0), norm.number(1), norm)
    }
  }
}

/// The cosine of the angle between two tensors along an axis, which disappears; 0 where one of them is all zeros.
public func cosineSimilarity(_ x: Tensor, _ y: Tensor, axis: Int = -1) -> Tensor {
  .accumulated("cosineSimilarity", x, y) { x, y in
    .composed("cosineSimilarity", x, y) { x, y in
      (x.normalized(axes: [axis]) * y.normalized(axes: [axis])).sum(axes: [axis])
    }
  }
}

/// The distances of the vectors `[…, n, features]` from the vectors `[…, m, features]`, `[…, n, m]`.
///
/// The derivative of the distance of equal vectors is 0.
/// - Parameter order: Of the norm that measures; see `norm`.
/// - Complexity: O(n · m · features), in memory too where a derivative is asked for.
public func distances(_ x: Tensor, _ y: Tensor, order: Double = 2) -> Tensor {
  .accumulated("distances", x, y) { x, y in
    guard x.rank >= 2, y.rank >= 2, x.shape.last == y.shape.last else {
      return .failure("distances", "takes vectors […, n, features] of one length, not \(x.shape) and \(y.shape)")
    }
    return (x.expanded(axis: -2) - y.expanded(axis: -3)).norm(order, axes: [-1])
  }
}

/// |x|ᵖ, with the derivative 0 at 0.
private func powers(_ x: Tensor, _ order: Double) -> Tensor {
  let isZero = x .== x.number(0)
  return `where`(isZero, x.number(0), pow(`where`(isZero, x.number(1), abs(x)), x.number(order)))
}

/// The root of an order, with the derivative 0 at 0.
private func rootOrZero(_ x: Tensor, _ order: Double) -> Tensor {
  let isZero = x .== x.number(0)
  return `where`(isZero, x.number(0), pow(`where`(isZero, x.number(1), x), x.number(1 / order)))
}
