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
  /// int32 in the shape of the values. Of sorted rows `[batch…, elements]` each searches for its own values
  /// `[batch…, values]`.
  ///
  /// - Complexity: O(values · log elements).
  public func searchSorted(_ values: Tensor, after: Bool = false) -> Tensor {
    .calling {
      if let failed = [self, values].first(where: { $0.error != nil }) { return failed }
      guard rank >= 1, elementType == values.elementType, let count = shape.last, count <= Int(Int32.max),
        rank == 1 || shape.dropLast().elementsEqual(values.shape.dropLast()) && rank == values.rank
      else {
        return .failure(
          "searchSorted", "searches a vector, or rows, for values of their own type, not \(type) for \(values.type)")
      }
      guard count > 0 else { return Tensor(zeros: values.shape, .int32) }
      var found = Tensor(zeros: values.shape, .int32)
      var step = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
      // The longest beginning that lies before each value, from its highest binary digit on.
      while step > 0 {
        let candidate = found + Tensor(integers: [step], shape: [], .int32)
        let last = candidate - Tensor(integers: [1], shape: [], .int32)
        let element = rank == 1 ? taken(last) : takenAlong(last)
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
