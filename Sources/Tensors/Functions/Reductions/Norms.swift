import DescentGraph

extension Tensor {
  /// The norm (Σ |x|ᵖ)^(1/p) over the given axes, over all where none are given, without overflow on the way.
  ///
  /// The derivative of the norm of zeros is 0.
  ///
  /// - Parameter order: p; `.infinity` gives the largest size, `-.infinity` the smallest, 0 counts the elements other than
  ///   0, and a number below 0 gives 0 where an element is 0.
  public func norm(_ order: Double = 2, axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .accumulated("norm", self) { x in
      guard !order.isNaN else { return .failure("norm", "the order is not a number") }
      switch order {
      case 0: return x.countNonzero(axes: axes, keepingAxes: keepingAxes).converted(to: x.elementType)
      case 1: return abs(x).sum(axes: axes, keepingAxes: keepingAxes)
      case .infinity:
        // Nothing has the size 0, where the largest of nothing is −∞.
        let largest = abs(x).max(axes: axes, keepingAxes: keepingAxes)
        return x.count == 0 ? maximum(largest, 0) : largest
      case -.infinity: return abs(x).min(axes: axes, keepingAxes: keepingAxes)
      default: break
      }
      if order < 0 { return x.harmonicNorm(order, axes, keepingAxes) }
      let largest = unitOfSize(abs(x).max(axes: axes, keepingAxes: true))
      if largest.error != nil { return largest }
      let scaled = x / largest
      let total = order == 2 ? square(scaled) : powers(scaled, order)
      let sum = total.sum(axes: axes, keepingAxes: true)
      let norm = largest * (order == 2 ? rootOrZero(sum) : rootOrZero(sum, order))
      return keepingAxes ? norm : norm.resolved(axes, "norm") { norm.reshaped(shape.removing(axes: $0)) }
    }
  }

  /// The norm of an order below 0: relative to the smallest size, no power overflows.
  private func harmonicNorm(_ order: Double, _ axes: (any AxisList)?, _ keepingAxes: Bool) -> Tensor {
    let smallest = abs(self).min(axes: axes, keepingAxes: true)
    if smallest.error != nil { return smallest }
    let isZero = smallest .== number(0)
    let unit = `where`(isZero .| .!isFinite(smallest), number(1), smallest)
    let ratios = abs(`where`(isZero, number(1), self)) / stopGradient(unit)
    let sum = pow(ratios, number(order)).sum(axes: axes, keepingAxes: true)
    let norm = `where`(isZero, number(0), stopGradient(unit) * pow(sum, number(1 / order)))
    return keepingAxes ? norm : norm.resolved(axes, "norm") { norm.reshaped(shape.removing(axes: $0)) }
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

/// The distances of each pair of different vectors `[n, features]`, of the first from all later ones, then of the second, and
/// so on: `[n · (n − 1) / 2]`.
///
/// The derivative of the distance of equal vectors is 0.
/// - Parameter order: Of the norm that measures; see `norm`.
/// - Complexity: O(n² · features).
public func pairwiseDistances(_ x: Tensor, order: Double = 2) -> Tensor {
  .accumulated("pairwiseDistances", x) { x in
    guard x.rank == 2 else { return .failure("pairwiseDistances", "takes vectors [n, features], not \(x.shape)") }
    let pairs = (0..<x.shape[0]).flatMap { first in (first + 1..<Swift.max(first + 1, x.shape[0])).map { (first, $0) } }
    guard !pairs.isEmpty else { return Tensor(zeros: [0], x.elementType) }
    let (first, second) = (x.taken(Tensor(integers: pairs.map(\.0))), x.taken(Tensor(integers: pairs.map(\.1))))
    return (first - second).norm(order, axes: [-1])
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
