import DescentGraph

/// The mean over windows that divide images `[batch, spatial…, channels]` into the given number along each spatial axis.
///
/// Window `i` of `n` over `size` elements reaches from `i · size / n`, rounded down, to `(i + 1) · size / n`, rounded up:
/// where sizes do not divide, windows overlap by one element. There may be more windows than elements.
/// - Parameter counts: The number of windows along each spatial axis; one number serves all axes.
public func adaptiveAveragePool(_ input: Tensor, counts: [Int]) -> Tensor {
  adaptivePool("adaptiveAveragePool", input, counts) { $0.mean(axes: [$1], keepingAxes: true) }
}

/// The largest element of windows that divide images `[batch, spatial…, channels]` into the given number along each
/// spatial axis; see `adaptiveAveragePool(_:counts:)`.
public func adaptiveMaxPool(_ input: Tensor, counts: [Int]) -> Tensor {
  adaptivePool("adaptiveMaxPool", input, counts) { $0.max(axes: [$1], keepingAxes: true) }
}

/// Pools along one axis after the other: means and extremes over boxes are those of their sides.
private func adaptivePool(
  _ name: String, _ input: Tensor, _ counts: [Int], _ reduce: (_ part: Tensor, _ axis: Int) -> Tensor
) -> Tensor {
  .accumulated(name, input) { input in
    let axes = Array(input.shape.indices.dropFirst().dropLast())
    let counts = perAxis(counts, axes.count)
    guard !axes.isEmpty, counts.count == axes.count,
      zip(axes, counts).allSatisfy({ $1 >= 1 && $1 <= Int(Int32.max) && (1...Int(Int32.max)).contains(input.shape[$0]) }
      )
    else {
      return .failure(name, "\(counts) windows do not divide the spatial axes of \(input.shape)")
    }
    var result = input
    for (axis, count) in zip(axes, counts) {
      let size = input.shape[axis]
      if size % count == 0 {
        var sizes = result.shape.sizes
        sizes.replaceSubrange(axis...axis, with: [count, size / count])
        let pooled = reduce(result.reshaped(Shape(sizes)), axis + 1)
        result = pooled.squeezed(axes: [axis + 1])
      } else if count > size {
        // Windows of one or two elements.
        let first = (0..<count).map { $0 * size / count }
        let last = (0..<count).map { (($0 + 1) * size + count - 1) / count - 1 }
        let ends = [first, last].map { result.taken(Tensor(integers: $0), axis: axis) }
        result = reduce(stacked(ends, axis: axis), axis).squeezed(axes: [axis])
      } else {
        let parts = (0..<count).map { index in
          reduce(result.sliced(index * size / count..<((index + 1) * size + count - 1) / count, axis: axis), axis)
        }
        result = concatenated(parts, axis: axis)
      }
    }
    return result
  }
}
