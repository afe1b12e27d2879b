import DescentGraph

/// The larger of each pair of elements; where one is NaN, the other.
public func fmax(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("fmax", x, y) { x, y in `where`(x .!= x, y, `where`(y .!= y, x, maximum(x, y))) }
}

/// The smaller of each pair of elements; where one is NaN, the other.
public func fmin(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("fmin", x, y) { x, y in `where`(x .!= x, y, `where`(y .!= y, x, minimum(x, y))) }
}

/// 0 where x is negative, 1 where it is positive, and y where it is 0, of each pair of elements; NaN stays NaN. No
/// derivative passes to x.
public func heaviside(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("heaviside", x, y) { x, y in
    let zero = x.number(0)
    let side = `where`(x .> zero, x.number(1), zero)
    return `where`(x .== zero, y, `where`(x .== x, side, x.number(.nan)))
  }
}

/// The numbers a part of the way from x to y, of each triple of elements: x where the weight is 0, y where it is 1.
///
/// - Parameters:
///   - x: Where the weight is 0.
///   - y: Where the weight is 1.
///   - weight: The parts of the way, of the others' element type; outside 0…1 the straight line goes on.
public func lerp(_ x: Tensor, _ y: Tensor, _ weight: Tensor) -> Tensor {
  .calling {
    if let failed = [x, y, weight].first(where: { $0.error != nil }) { return failed }
    guard x.elementType.isFloatingPoint, x.elementType == y.elementType, x.elementType == weight.elementType else {
      return .failure(
        "lerp",
        "takes floating-point numbers of one type, not \(x.elementType), \(y.elementType) and \(weight.elementType)"
      )
    }
    // From the nearer end, so that both ends are exact.
    let isNear = weight .< weight.number(0.5)
    return `where`(isNear, x + weight * (y - x), y - (y - x) * (weight.number(1) - weight))
  }
}

/// The numbers a part of the way from x to y, of each pair of elements.
public func lerp(_ x: Tensor, _ y: Tensor, _ weight: Double) -> Tensor {
  .calling { lerp(x, y, x.error == nil ? .constant(weight, x.elementType) : x) }
}

/// Whether both elements of each pair are other than 0: NaN is.
public func logicalAnd(_ x: Tensor, _ y: Tensor) -> Tensor { logical("logicalAnd", x, y) { $0 .& $1 } }

/// Whether an element of each pair is other than 0: NaN is.
public func logicalOr(_ x: Tensor, _ y: Tensor) -> Tensor { logical("logicalOr", x, y) { $0 .| $1 } }

/// Whether one element of each pair alone is other than 0: NaN is.
public func logicalXor(_ x: Tensor, _ y: Tensor) -> Tensor { logical("logicalXor", x, y) { $0 .^ $1 } }

/// Whether each element is 0.
public func logicalNot(_ x: Tensor) -> Tensor { .calling { .!x.truths } }

private func logical(_ name: String, _ x: Tensor, _ y: Tensor, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
  if x.error != nil { return x }
  if y.error != nil { return y }
  return .calling(name) { body(x.truths, y.truths) }
}

extension Tensor {
  /// Whether each element is other than 0.
  fileprivate var truths: Tensor { error != nil || elementType == .bool ? self : self .!= number(0) }
}
