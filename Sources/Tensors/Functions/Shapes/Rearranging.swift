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

  /// Several axes moved to other places, the others in their order.
  ///
  /// - Parameters:
  ///   - axes: The axes that move.
  ///   - places: Where they stand afterwards, as many.
  public func moved(_ axes: [Int], to places: [Int]) -> Tensor {
    resolved(axes + places, "moved") { all in
      let (axes, places) = (Array(all.prefix(axes.count)), Array(all.dropFirst(axes.count)))
      guard axes.count == places.count, Set(axes).count == axes.count, Set(places).count == places.count else {
        return .failure("moved", "axes \(axes) cannot move to places \(places)")
      }
      var rest = shape.indices.filter { !axes.contains($0) }[...]
      let order = shape.indices.map { place in
        places.firstIndex(of: place).map { axes[$0] } ?? rest.popFirst() ?? place
      }
      return transposed(order)
    }
  }

  /// The plane of two axes turned by quarters, from the first axis toward the second.
  ///
  /// - Parameters:
  ///   - turns: How many quarters; a negative number turns back.
  ///   - first: The axis that turns toward the second.
  ///   - second: The other axis.
  public func quarterTurned(_ turns: Int = 1, from first: Int = 0, to second: Int = 1) -> Tensor {
    resolved([first, second], "quarterTurned") { axes in
      guard axes[0] != axes[1] else { return .failure("quarterTurned", "axis \(first) cannot turn toward itself") }
      switch (turns % 4 + 4) % 4 {
      case 1: return reversed(axes: [axes[1]]).swapped(axes[0], axes[1])
      case 2: return reversed(axes: axes)
      case 3: return swapped(axes[0], axes[1]).reversed(axes: [axes[1]])
      default: return self
      }
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

  /// Each part along an axis repeated a number of times of its own.
  ///
  /// - Parameters:
  ///   - counts: How often each part is repeated, integers, as many as the axis has parts.
  ///   - total: Their sum, which has to be known before they are: what is more is left out, what is missing repeats the last
  ///     part.
  ///   - axis: The axis.
  public func repeated(_ counts: Tensor, total: Int, axis: Int = 0) -> Tensor {
    if counts.error != nil { return counts }
    return resolved([axis], "repeated") { axes in
      guard counts.shape == [shape[axes[0]]], counts.elementType.isInteger else {
        return .failure("repeated", "\(shape[axes[0]]) parts take as many integers as counts, not \(counts.type)")
      }
      guard total >= 0, total <= Int(Int32.max), total == 0 || shape[axes[0]] > 0 else {
        return .failure("repeated", "\(shape[axes[0]]) parts cannot be repeated to \(total)")
      }
      let ends = counts.converted(to: .int32).cumulativeSum()
      return taken(ends.searchSorted(Tensor(rangeTo: total, .int32), after: true), axis: axes[0])
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
