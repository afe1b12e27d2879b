import DescentGraph

extension Tensor {
  /// For each element the sum of it and all before it along an axis, or all after it.
  ///
  /// Float32 is added in Float64, and Float64 with compensation, so that long sums keep their digits. Integers of 8 and 16
  /// bits are summed as int32 or uint32, as by `sum`.
  public func cumulativeSum(axis: Int = -1, reversed: Bool = false) -> Tensor {
    countable.cumulative(.sum, axis, reversed)
  }

  /// For each element the product of it and all before it along an axis, or all after it. Its derivative, right at
  /// zeros, takes O(n log n). Integers of 8 and 16 bits are multiplied as int32 or uint32, as by `product`.
  public func cumulativeProduct(axis: Int = -1, reversed: Bool = false) -> Tensor {
    countable.cumulative(.product, axis, reversed)
  }

  /// For each element the largest of it and all before it along an axis, or all after it; NaN from the first NaN on. The
  /// derivative, which takes O(n log n), goes to the first of equals.
  public func cumulativeMax(axis: Int = -1, reversed: Bool = false) -> Tensor { cumulative(.maximum, axis, reversed) }

  /// For each element the smallest of it and all before it along an axis, or all after it; NaN from the first NaN on.
  /// The derivative, which takes O(n log n), goes to the first of equals.
  public func cumulativeMin(axis: Int = -1, reversed: Bool = false) -> Tensor { cumulative(.minimum, axis, reversed) }

  /// For each element log Σ eˣ of it and all before it along an axis, or all after it, without overflow. The derivative
  /// takes O(n log n).
  public func cumulativeLogSumExp(axis: Int = -1, reversed: Bool = false) -> Tensor {
    cumulative(.logSumExp, axis, reversed)
  }

  private func cumulative(
    _ kind: Cumulative.Kind, _ axis: Int, _ isReversed: Bool, of function: String = #function
  ) -> Tensor {
    resolved([axis], function) { axes in
      .record(Cumulative(kind, axis: axes[0], isReversed: isReversed), [self])
    }
  }
}
