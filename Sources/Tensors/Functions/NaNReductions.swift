import DescentGraph

// Reductions that pass over NaN, of which nothing is known but that it is no number.

extension Tensor {
  /// The sum of what is not NaN over the given axes, over all where none are given; 0 of nothing.
  public func nanSum(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    known(or: 0, "nanSum").sum(axes: axes, keepingAxes: keepingAxes)
  }

  /// The mean of what is not NaN over the given axes, over all where none are given; NaN of nothing.
  public func nanMean(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let total = nanSum(axes: axes, keepingAxes: keepingAxes)
    if total.error != nil { return total }
    return total
      / (self .== self).converted(to: .int64).sum(axes: axes, keepingAxes: keepingAxes)
      .converted(to: elementType)
  }

  /// The largest of what is not NaN over the given axes, over all where none are given; −∞ of nothing.
  public func nanMax(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    known(or: -.infinity, "nanMax").max(axes: axes, keepingAxes: keepingAxes)
  }

  /// The smallest of what is not NaN over the given axes, over all where none are given; ∞ of nothing.
  public func nanMin(axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    known(or: .infinity, "nanMin").min(axes: axes, keepingAxes: keepingAxes)
  }

  /// The elements with a number in the place of NaN.
  private func known(or value: Double, _ name: String) -> Tensor {
    .composed(name, self) { `where`($0 .== $0, $0, $0.number(value)) }
  }
}
