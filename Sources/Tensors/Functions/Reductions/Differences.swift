import DescentGraph

extension Tensor {
  /// The differences of neighboring elements along an axis, which becomes one shorter, again and again.
  ///
  /// - Parameter order: How often differences are taken.
  public func differences(order: Int = 1, axis: Int = -1) -> Tensor {
    resolved([axis], "differences") { axes in
      guard order >= 0 else { return .failure("differences", "cannot be taken \(order) times") }
      var result = self
      for _ in 0..<Swift.min(order, shape[axes[0]]) {
        let size = result.shape[axes[0]]
        result = result.sliced(1..<size, axis: axes[0]) - result.sliced(0..<size - 1, axis: axes[0])
      }
      return result
    }
  }

  /// The integral of what is sampled along an axis, by the trapezoidal rule; the axis disappears.
  ///
  /// - Parameter spacing: The distance between neighboring samples.
  public func trapezoid(spacing: Double = 1, axis: Int = -1) -> Tensor {
    sampled("trapezoid", axis) { x, axis in
      let size = x.shape[axis]
      guard size >= 2 else { return Tensor(zerosLike: x.sum(axes: [axis])) }
      let pairs = x.sliced(1..<size, axis: axis) + x.sliced(0..<size - 1, axis: axis)
      return pairs.sum(axes: [axis]) * x.number(spacing / 2)
    }
  }

  /// The integral of what is sampled at the given places along an axis, by the trapezoidal rule; the axis disappears.
  ///
  /// - Parameter places: Where the samples lie: as many as the axis has elements, or a place for each element.
  public func trapezoid(at places: Tensor, axis: Int = -1) -> Tensor {
    if places.error != nil { return places }
    return sampled("trapezoid", axis) { x, axis in
      guard x.shape[axis] >= 2 else { return Tensor(zerosLike: x.sum(axes: [axis])) }
      return areas("trapezoid", x, places, axis).sum(axes: [axis])
    }
  }

  /// The integrals up to each sample but the first along an axis, by the trapezoidal rule: the axis becomes one shorter.
  ///
  /// - Parameter spacing: The distance between neighboring samples.
  public func cumulativeTrapezoid(spacing: Double = 1, axis: Int = -1) -> Tensor {
    sampled("cumulativeTrapezoid", axis) { x, axis in
      guard x.shape[axis] >= 2 else { return x.sliced(0..<0, axis: axis) }
      return x.neighborSums(axis).cumulativeSum(axis: axis) * x.number(spacing / 2)
    }
  }

  /// The integrals up to each sample but the first of what is sampled at the given places along an axis, by the trapezoidal
  /// rule: the axis becomes one shorter.
  ///
  /// - Parameter places: Where the samples lie: as many as the axis has elements, or a place for each element.
  public func cumulativeTrapezoid(at places: Tensor, axis: Int = -1) -> Tensor {
    if places.error != nil { return places }
    return sampled("cumulativeTrapezoid", axis) { x, axis in
      guard x.shape[axis] >= 2 else { return x.sliced(0..<0, axis: axis) }
      return areas("cumulativeTrapezoid", x, places, axis).cumulativeSum(axis: axis)
    }
  }

  /// The sums of neighboring elements.
  private func neighborSums(_ axis: Int) -> Tensor {
    sliced(1..<shape[axis], axis: axis) + sliced(0..<shape[axis] - 1, axis: axis)
  }

  /// The areas between neighboring samples of `x`, which are this tensor's in a type for sums.
  private func areas(_ name: String, _ x: Tensor, _ places: Tensor, _ axis: Int) -> Tensor {
    let size = x.shape[axis]
    guard places.shape == [size] || places.shape == x.shape, places.elementType == elementType else {
      return .failure(name, "takes a place for each of \(size) samples of \(type), not \(places.type)")
    }
    let wide = places.converted(to: x.elementType)
    let widths =
      places.shape == x.shape
      ? wide.differences(axis: axis)
      : wide.differences().reshaped(Shape([size - 1] + [Int](repeating: 1, count: rank - axis - 1)))
    return x.neighborSums(axis) * widths * x.number(0.5)
  }

  private func sampled(_ name: String, _ axis: Int, _ body: (Tensor, Int) -> Tensor) -> Tensor {
    .accumulated(name, self) { x in x.resolved([axis], name) { body(x, $0[0]) } }
  }
}

/// The values at `x` of the piecewise linear function through samples, which is constant beyond the outermost ones.
///
/// - Parameters:
///   - x: Where values are asked for, in any shape.
///   - places: Where samples lie, in ascending order `[samples]`.
///   - values: The samples `[samples]`.
public func interpolated(_ x: Tensor, places: Tensor, values: Tensor) -> Tensor {
  .calling {
    let name = "interpolated"
    if let failed = [x, places, values].first(where: { $0.error != nil }) { return failed }
    guard places.rank == 1, places.count >= 1, places.shape == values.shape, x.elementType.isFloatingPoint,
      x.elementType == places.elementType, x.elementType == values.elementType
    else {
      return .failure(
        name,
        "takes floating-point numbers and as many places as values of their type, not \(x.type), \(places.type) and"
          + " \(values.type)")
    }
    let above = minimum(maximum(places.searchSorted(x, after: true), 1), Double(places.count - 1))
    let below = maximum(above - 1.0, 0)
    let (left, right) = (places.taken(below), places.taken(above))
    let (low, high) = (values.taken(below), values.taken(above))
    // Two samples at one place are a step.
    let width = `where`(right .> left, right - left, x.number(1))
    let inside = low.interpolated(to: high, (x - left) / width)
    return `where`(x .<= left, low, `where`(x .>= right, high, inside))
  }
}
