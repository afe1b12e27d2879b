import DescentGraph

extension Tensor {
  /// The sum over the given axes, over all where none are given. Integers of 8 and 16 bits are summed as int32 or uint32,
  /// as the array API standard asks; those of 32 and 64 bits wrap.
  public func sum(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    countable.reduced(.sum, axes, keepingAxes)
  }

  /// The product over the given axes, over all where none are given; 1 of nothing. Its derivative is right at zeros.
  /// Integers of 8 and 16 bits are multiplied as int32 or uint32, as they are summed.
  public func product(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    countable.reduced(.product, axes, keepingAxes)
  }

  /// The tensor in the type that its sums have: integers of fewer than 32 bits as int32 or uint32.
  var countable: Tensor {
    guard error == nil, elementType.isInteger, elementType.byteCount < 4 else { return self }
    return converted(to: elementType.isSigned ? .int32 : .uint32)
  }

  /// The number of elements other than 0 along the given axes, along all where none are given, as int64.
  public func countNonzero(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling {
      if error != nil { return self }
      let isCounted = elementType == .bool ? self : self .!= number(0)
      return isCounted.converted(to: .int64).sum(axes: axes, keepingAxes: keepingAxes)
    }
  }

  /// The mean over the given axes, over all where none are given.
  public func mean(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .accumulated("mean", self) { x in
      x.resolved(axes, "mean") { axes in
        let count = axes.reduce(1) { $0 * Double(shape[$1]) }
        return x.sum(axes: axes, keepingAxes: keepingAxes) * x.number(1 / count)
      }
    }
  }

  /// The largest element along the given axes, along all where none are given; −∞ or the smallest integer of nothing.
  public func max(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    reduced(.maximum, axes, keepingAxes)
  }

  /// The smallest element along the given axes, along all where none are given; ∞ or the largest integer of nothing.
  public func min(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    reduced(.minimum, axes, keepingAxes)
  }

  /// Whether all elements are true along the given axes, along all where none are given.
  public func all(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor { reduced(.and, axes, keepingAxes) }

  /// Whether any element is true along the given axes, along all where none are given.
  public func any(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor { reduced(.or, axes, keepingAxes) }

  /// The index of the largest element along an axis, as int32; the first of equals.
  public func argMax(axis: Int = -1) -> Tensor { searched(.argMaximum, axis) }

  /// The index of the smallest element along an axis, as int32; the first of equals.
  public func argMin(axis: Int = -1) -> Tensor { searched(.argMinimum, axis) }

  private func reduced(
    _ reducer: Reduce.Reducer, _ axes: (any AxisList)?, _ keepingAxes: Bool, of function: String = #function
  ) -> Tensor {
    resolved(axes, function) { axes in
      let result = Tensor.record(Reduce(reducer, axes: axes), [self])
      guard keepingAxes, result.error == nil else { return result }
      return result.reshaped(Shape(shape.indices.map { axes.contains($0) ? 1 : shape[$0] }))
    }
  }

  private func searched(_ extreme: ArgReduce.Extreme, _ axis: Int, of function: String = #function) -> Tensor {
    resolved([axis], function) { .record(ArgReduce(extreme, axis: $0[0]), [self]) }
  }
}

/// log Σ eˣ along an axis, without overflow; the axis disappears unless it is kept.
public func logSumExp(_ x: Tensor, axis: Int = -1, keepingAxes: Bool = false) -> Tensor {
  logSumExp(x, axes: [axis], keepingAxes: keepingAxes)
}

/// log Σ eˣ over several axes, without overflow; the axes disappear unless they are kept. Of nothing but −∞ it is −∞, with
/// the derivative 0.
public func logSumExp(_ x: Tensor, axes: any AxisList, keepingAxes: Bool = false) -> Tensor {
  .accumulated("logSumExp", x) { x in
    // The shift cancels in value and in derivative, so no derivative need pass through it. Where every element is −∞
    // (or one is ∞) the shift is not finite and 0 stands in, so that ∞ − ∞ does not arise.
    let largest = x.max(axes: axes, keepingAxes: true)
    let shift = stopGradient(`where`(isFinite(largest), largest, largest.number(0)))
    let sum = exp(x - shift).sum(axes: axes, keepingAxes: true)
    // The logarithm of 0 would send an infinite derivative back to powers that are 0.
    let isNothing = sum .== sum.number(0)
    let logarithm = `where`(isNothing, sum.number(-.infinity), log(`where`(isNothing, sum.number(1), sum)))
    let total = logarithm + shift
    guard !keepingAxes, total.error == nil else { return total }
    return total.resolved(axes, "logSumExp") { total.reshaped(x.shape.removing(axes: $0)) }
  }
}

/// The logarithm of `softmax`, without overflow.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  .accumulated("logSoftmax", x) { $0 - logSumExp($0, axis: axis, keepingAxes: true) }
}

/// eˣ divided by its sum along an axis, without overflow.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  .accumulated("softmax", x) { x in
    let powers = exp(x - stopGradient(x.max(axes: [axis], keepingAxes: true)))
    return powers / powers.sum(axes: [axis], keepingAxes: true)
  }
}

/// e⁻ˣ divided by its sum along an axis, without overflow.
public func softmin(_ x: Tensor, axis: Int = -1) -> Tensor { .calling { softmax(-x, axis: axis) } }
