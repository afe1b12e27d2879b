import DescentGraph

// NaN counts as larger than every number, as everywhere where elements are put in order.

extension Tensor {
  /// The elements in order along an axis; equal ones keep theirs.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Tensor {
    Tensor.ordered([self], axis, descending, "sorted")[0]
  }

  /// The index, as int32, that each element of the sorted tensor had.
  public func argSorted(axis: Int = -1, descending: Bool = false) -> Tensor {
    Tensor.ordered([self], axis, descending, "argSorted").last ?? self
  }

  /// The `count` largest elements along an axis, largest first, and their indices, as int32; of equal elements those with
  /// the lower index.
  public func topK(_ count: Int, axis: Int = -1, smallest: Bool = false) -> (values: Tensor, indices: Tensor) {
    if error != nil { return (self, self) }
    guard let front = resolved(axis) else {
      let failure = Tensor.failure("topK", "axis \(axis) does not exist in shape \(shape)")
      return (failure, failure)
    }
    let results = FunctionCall()(Tensor.recordAll(TopK(count: count, axis: front, isSmallest: smallest), [self]))
    return (results[0], results[results.count - 1])
  }

  /// For each value, the index at which it would be put into this sorted vector, before equal elements or, `after` them;
  /// int32 in the shape of the values.
  ///
  /// - Complexity: O(values · log elements).
  public func searchSorted(_ values: Tensor, after: Bool = false) -> Tensor {
    .calling {
      if let failed = [self, values].first(where: { $0.error != nil }) { return failed }
      guard rank == 1, elementType == values.elementType, count <= Int(Int32.max) else {
        return .failure("searchSorted", "searches a vector for values of its own type, not \(type) for \(values.type)")
      }
      guard count > 0 else { return Tensor(zeros: values.shape, .int32) }
      var found = Tensor(zeros: values.shape, .int32)
      var step = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
      // The longest beginning that lies before each value, from its highest binary digit on.
      while step > 0 {
        let candidate = found + Tensor(integers: [step], shape: [], .int32)
        let last = candidate - Tensor(integers: [1], shape: [], .int32)
        let element = taken(last)
        let isBefore = after ? .!values.precedes(element) : element.precedes(values)
        let isInside = candidate .<= Tensor(integers: [count], shape: [], .int32)
        found = `where`(isInside .& isBefore, candidate, found)
        step /= 2
      }
      return found
    }
  }

  /// Where elements come before others in order.
  private func precedes(_ other: Tensor) -> Tensor {
    guard elementType.isFloatingPoint else { return self .< other }
    return (self .< other) .| ((self .== self) .& (other .!= other))
  }

  /// The element below which a part `q`, from 0 to 1, of the elements along some axes lies, along all where none are
  /// given; between two elements by a straight line. NaN where there is one among them.
  public func quantile(_ q: Double, axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .accumulated("quantile", self) { $0.accumulatedQuantile(q, axes, keepingAxes) }
  }

  private func accumulatedQuantile(_ q: Double, _ axes: (any AxisList)?, _ keepingAxes: Bool) -> Tensor {
    resolved(axes, "quantile") { axes in
      guard q >= 0, q <= 1 else { return .failure("quantile", "\(q) is not between 0 and 1") }
      let kept = shape.indices.filter { !axes.contains($0) }
      let line = transposed(kept + axes).reshaped(Shape(kept.map { shape[$0] } + [axes.reduce(1) { $0 * shape[$1] }]))
      guard line.error == nil else { return line }
      guard let count = line.shape.last, count > 0 else {
        return .failure("quantile", "\(shape) has no elements along axes \(axes)")
      }
      let sorted = line.sorted()
      let place = q * Double(count - 1)
      let (low, part) = (Int(place), place - place.rounded(.down))
      var result = sorted[.ellipsis, low]
      if part > 0 { result = result.interpolated(to: sorted[.ellipsis, low + 1], result.number(part)) }
      let last = sorted[.ellipsis, -1]
      result = `where`(last .!= last, last, result)
      return keepingAxes ? result.reshaped(Shape(shape.indices.map { axes.contains($0) ? 1 : shape[$0] })) : result
    }
  }

  /// The middle element along some axes, along all where none are given; the mean of the two middle ones of an even
  /// number. NaN where there is one among them.
  public func median(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { quantile(0.5, axes: axes, keepingAxes: keepingAxes) }
  }

  static func ordered(_ tensors: [Tensor], _ axis: Int, _ descending: Bool, _ name: String) -> [Tensor] {
    guard let key = tensors.first else { return [.failure(name, "needs at least one tensor")] }
    if let failed = tensors.first(where: { $0.error != nil }) { return [failed] }
    guard let front = key.resolved(axis) else {
      return [.failure(name, "axis \(axis) does not exist in shape \(key.shape)")]
    }
    return FunctionCall(name)(recordAll(Sort(axis: front, isDescending: descending), tensors))
  }
}

/// Tensors of one shape in the order of the first of them along an axis; where that has equal elements, they keep their
/// order. A mistake gives one tensor, which carries it.
public func sorted(_ tensors: [Tensor], axis: Int = -1, descending: Bool = false) -> [Tensor] {
  let results = Tensor.ordered(tensors, axis, descending, "sorted")
  return results.count > 1 ? results.dropLast() : results
}
