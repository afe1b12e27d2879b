import DescentGraph

// Reductions that pass over NaN, of which nothing is known but that it is not a number.

extension Tensor {
  /// The sum of what is not NaN over the given axes, over all where none are given; 0 of nothing.
  public func nanSum(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { known(or: 0, "nanSum").sum(axes: axes, keepingAxes: keepingAxes) }
  }

  /// The mean of what is not NaN over the given axes, over all where none are given; NaN of nothing.
  public func nanMean(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .accumulated("nanMean", self) { x in
      let total = x.nanSum(axes: axes, keepingAxes: keepingAxes)
      let count = (x .== x).converted(to: .int64).sum(axes: axes, keepingAxes: keepingAxes)
      return total / count.converted(to: x.elementType)
    }
  }

  /// The largest of what is not NaN over the given axes, over all where none are given; −∞ of nothing.
  public func nanMax(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { known(or: -.infinity, "nanMax").max(axes: axes, keepingAxes: keepingAxes) }
  }

  /// The smallest of what is not NaN over the given axes, over all where none are given; ∞ of nothing.
  public func nanMin(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { known(or: .infinity, "nanMin").min(axes: axes, keepingAxes: keepingAxes) }
  }

  /// The elements with a number in the place of NaN.
  private func known(or value: Double, _ name: String) -> Tensor {
    .composed(name, self) { `where`($0 .== $0, $0, $0.number(value)) }
  }
}
