import DescentGraph

/// Where the first tensor's elements lie within a tolerance of the second's: |a − b| ≤ absolute + relative · |b|.
///
/// Infinities are close to themselves; NaN is close to nothing, or to NaN where `nanIsClose`.
public func isClose(
  _ a: Tensor, _ b: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, nanIsClose: Bool = false
) -> Tensor {
  .composed("isClose", a, b) { a, b in
    guard a.elementType.isFloatingPoint else { return a .== b }
    let isNear = abs(a - b) .<= a.number(absoluteTolerance) + b.number(relativeTolerance) * abs(b)
    let result = (a .== b) .| (isNear .& isFinite(b))
    return nanIsClose ? result .| ((a .!= a) .& (b .!= b)) : result
  }
}

/// Whether all elements of two tensors lie within a tolerance of each other, as one boolean; see `isClose`.
public func allClose(
  _ a: Tensor, _ b: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, nanIsClose: Bool = false
) -> Tensor {
  .calling {
    isClose(
      a, b, relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, nanIsClose: nanIsClose
    ).all()
  }
}

/// Where elements occur among those of another tensor of the same type; NaN occurs nowhere.
///
/// - Complexity: O((elements + candidates) · log candidates).
public func isIn(_ x: Tensor, _ candidates: Tensor) -> Tensor {
  x.unlessFailed(candidates) {
    guard x.elementType == candidates.elementType, x.elementType != .bool else {
      return .failure("isIn", "takes numbers of one type, not \(x.type) and \(candidates.type)")
    }
    guard candidates.count > 0 else { return Tensor(zeros: x.shape, .bool) }
    let sorted = candidates.reshaped([candidates.count]).sorted()
    let places = sorted.searchSorted(x)
    if places.error != nil { return places }
    // Beyond the last candidate nothing occurs, and what is taken there is the last.
    return sorted.taken(minimum(places, Double(candidates.count - 1))) .== x
  }
}
