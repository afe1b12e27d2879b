import DescentGraph

extension Tensor {
  /// The tensor without the given axes, which must have size 1; without all such axes where none are given.
  public func squeezed(axes: [Int]? = nil) -> Tensor {
    resolved(axes ?? shape.indices.filter { shape[$0] == 1 }, "squeezed") { axes in
      guard let wide = axes.first(where: { shape[$0] != 1 }) else { return reshaped(shape.removing(axes: axes)) }
      return .failure("squeezed", "axis \(wide) of \(shape) has \(shape[wide]) indices, not 1")
    }
  }

  /// One axis moved to another place, the others in their order.
  public func moved(_ axis: Int, to place: Int) -> Tensor {
    resolved([axis, place], "moved") { axes in
      var order = Array(shape.indices)
      order.insert(order.remove(at: axes[0]), at: axes[1])
      return axes[0] == axes[1] ? self : transposed(order)
    }
  }

  /// Two axes swapped.
  public func swapped(_ axis: Int, _ other: Int) -> Tensor {
    resolved([axis, other], "swapped") { axes in
      var order = Array(shape.indices)
      order.swapAt(axes[0], axes[1])
      return transposed(order)
    }
  }

  /// The elements rolled along an axis: those that leave at one end come in at the other.
  public func rolled(by distance: Int, axis: Int = -1) -> Tensor {
    resolved([axis], "rolled") { axes in
      let size = shape[axes[0]]
      guard size > 0 else { return self }
      let cut = (size - distance % size) % size
      guard cut > 0 else { return self }
      return concatenated([sliced(cut..<size, axis: axes[0]), sliced(0..<cut, axis: axes[0])], axis: axes[0])
    }
  }

  /// The tensor repeated along each axis; fewer counts stand for the last axes.
  public func tiled(_ counts: [Int]) -> Tensor {
    .calling {
      if error != nil { return self }
      guard counts.allSatisfy({ $0 >= 0 }) else { return .failure("tiled", "\(counts) has a negative count") }
      let rank = Swift.max(rank, counts.count)
      let sizes = [Int](repeating: 1, count: rank - self.rank) + shape.sizes
      let times = [Int](repeating: 1, count: rank - counts.count) + counts
      return repeatedBlocks(zip(times, sizes).map { ($0, $1) }, kept: 1, "tiled")
    }
  }

  /// Each element repeated a number of times along an axis.
  public func repeated(_ count: Int, axis: Int = -1) -> Tensor {
    resolved([axis], "repeated") { axes in
      guard count >= 0 else { return .failure("repeated", "the count \(count) is negative") }
      return repeatedBlocks(shape.indices.map { (shape[$0], $0 == axes[0] ? count : 1) }, kept: 0, "repeated")
    }
  }

  /// Pairs of neighboring axes, of which this tensor has one and is repeated along the other, joined.
  private func repeatedBlocks(_ pairs: [(Int, Int)], kept: Int, _ name: String) -> Tensor {
    var sizes: [Int] = []
    for pair in pairs {
      let (size, overflow) = pair.0.multipliedReportingOverflow(by: pair.1)
      guard !overflow else { return .failure(name, "\(shape) would have more elements than can be addressed") }
      sizes.append(size)
    }
    let axes = pairs.indices.map { 2 * $0 + kept }
    let source = reshaped(Shape(pairs.map { kept == 0 ? $0.0 : $0.1 }))
    return Tensor.record(Broadcast(shape: Shape(pairs.flatMap { [$0.0, $0.1] }), axes: axes), [source])
      .reshaped(Shape(sizes))
  }

  /// Parts of the given sizes one after the other along an axis; the sizes add up to the axis. A mistake gives one
  /// tensor, which carries it.
  public func split(_ sizes: [Int], axis: Int = 0) -> [Tensor] {
    if error != nil { return [self] }
    guard let axis = resolved(axis) else {
      return [.failure("split", "axis \(axis) does not exist in shape \(shape)")]
    }
    var start = 0
    for size in sizes {
      guard size >= 0, size <= shape[axis] - start else {
        return [.failure("split", "parts of \(sizes) do not fit axis \(axis) of \(shape)")]
      }
      start += size
    }
    guard start == shape[axis] else {
      return [.failure("split", "parts of \(sizes) leave some of axis \(axis) of \(shape)")]
    }
    start = 0
    return sizes.map { size in
      defer { start += size }
      return sliced(start..<start + size, axis: axis)
    }
  }

  /// The parts along an axis, which disappears. A mistake gives one tensor, which carries it.
  public func unstacked(axis: Int = 0) -> [Tensor] {
    if error != nil { return [self] }
    guard let axis = resolved(axis) else {
      return [.failure("unstacked", "axis \(axis) does not exist in shape \(shape)")]
    }
    let rest = shape.removing(axes: [axis])
    return (0..<shape[axis]).map { sliced($0..<$0 + 1, axis: axis).reshaped(rest) }
  }

  /// At most `count` parts of equal size one after the other along an axis, the last one smaller where it does not
  /// divide.
  public func chunked(_ count: Int, axis: Int = 0) -> [Tensor] {
    if error != nil { return [self] }
    guard let axis = resolved(axis) else {
      return [.failure("chunked", "axis \(axis) does not exist in shape \(shape)")]
    }
    guard count > 0 else { return [.failure("chunked", "cannot cut into \(count) parts")] }
    let whole = shape[axis]
    let size = Swift.max(1, whole / count + (whole % count == 0 ? 0 : 1))
    let sizes = stride(from: 0, to: whole, by: size).map { Swift.min(size, whole - $0) }
    return split(sizes.isEmpty ? [0] : sizes, axis: axis)
  }
}

/// For tensors of one axis, tensors of as many axes as there are, each of which repeats one of them along all other axes:
/// the coordinates of a grid, the first tensor's along the first axis.
public func meshGrid(_ coordinates: [Tensor]) -> [Tensor] {
  if let failed = coordinates.first(where: { $0.error != nil }) { return [failed] }
  if let odd = coordinates.first(where: { $0.rank != 1 }) {
    return [.failure("meshGrid", "takes tensors of one axis, not \(odd.shape)")]
  }
  let shape = Shape(coordinates.map(\.count))
  let grid = FunctionCall()(
    coordinates.enumerated().map { axis, line in .record(Broadcast(shape: shape, axes: [axis]), [line]) })
  return grid.first { $0.error != nil }.map { [$0] } ?? grid
}
