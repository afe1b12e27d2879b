import DescentGraph

/// A subscript, resolved against a shape: a strided slice, then axes taken away and put in, then index tensors.
struct IndexPlan {
  /// The slice along each axis of the tensor.
  var slice: Slice
  /// The axes along which the slice is read backwards.
  var reversed: [Int] = []
  /// The slice's shape with the axes of single numbers gone and the new ones in.
  var shape = Shape([])
  /// The index tensors with the axes of `shape` that they index.
  var tensors: [(axis: Int, indices: Tensor)] = []

  /// Resolves a subscript.
  ///
  /// - Throws: `OperationError` of indices that do not fit the shape.
  init(_ indices: [any TensorIndex], of whole: Shape) throws(OperationError) {
    var parts: [IndexPart] = []
    for index in indices {
      guard let entry = index as? any IndexEntry else {
        throw OperationError("subscript", "\(Swift.type(of: index)) cannot index a tensor")
      }
      parts.append(entry.part)
    }
    let taken = parts.reduce(0) { count, part in
      switch part.content {
      case .new, .ellipsis: count
      default: count + 1
      }
    }
    let text = "[" + parts.map(\.text).joined(separator: ", ") + "]"
    let ellipses = parts.count { if case .ellipsis = $0.content { true } else { false } }
    guard ellipses <= 1 else { throw OperationError("subscript", "\(text) has more than one ellipsis") }
    guard taken <= whole.rank else {
      throw OperationError("subscript", "\(text) indexes \(taken) axes, \(whole) has \(whole.rank)")
    }
    var (starts, limits, steps) = (whole.map { _ in 0 }, whole.sizes, whole.map { _ in 1 })
    var (axis, sizes): (Int, [Int]) = (0, [])
    func keep(_ count: Int) {
      sizes += whole.sizes[axis..<axis + count]
      axis += count
    }
    for part in parts {
      switch part.content {
      case .new: sizes.append(1)
      case .ellipsis: keep(whole.rank - taken)
      case .tensor(let indices):
        guard indices.elementType.isInteger else {
          throw OperationError("subscript", Self.advice(indices.elementType))
        }
        tensors.append((sizes.count, indices))
        keep(1)
      case .index(let index):
        let front = index < 0 ? index + whole[axis] : index
        guard (0..<whole[axis]).contains(front) else {
          throw OperationError("subscript", "index \(index) does not exist along axis \(axis) of \(whole)")
        }
        (starts[axis], limits[axis]) = (front, front + 1)
        axis += 1
      case .range(let from, let to, let step):
        guard let range = ResolvedRange(from, to, step, whole[axis]) else {
          throw OperationError("subscript", "\(part.text) does not fit axis \(axis) of \(whole)")
        }
        (starts[axis], limits[axis], steps[axis]) = (range.start, range.limit, range.step)
        if step < 0 { reversed.append(axis) }
        sizes.append(range.count)
        axis += 1
      }
    }
    keep(whole.rank - axis)
    shape = Shape(sizes)
    slice = Slice(starts: starts, limits: limits, steps: steps)
  }

  private static func advice(_ elementType: ElementType) -> String {
    guard elementType == .bool else { return "an index tensor holds integers, not \(elementType)" }
    return "how many elements a mask holds is known only at run time; use where(mask, x, other), or"
      + " x.compressed(where: mask, count:), or let the mask be the only index and assign to it"
  }

  /// The shape of the slice itself, whose axes are the tensor's.
  func sliceShape(_ whole: Shape) -> Shape {
    Shape(
      whole.indices.map { axis in
        let length = slice.limits[axis] - slice.starts[axis]
        return length == 0 ? 0 : (length - 1) / slice.steps[axis] + 1
      })
  }

  /// Whether the slice is the whole tensor.
  func isWhole(_ whole: Shape) -> Bool { sliceShape(whole) == whole }
}

/// A range along an axis, forwards and within it.
private struct ResolvedRange {
  var start: Int
  var limit: Int
  var step: Int
  var count: Int

  /// `nil` where the bounds lie outside the axis or in the wrong order, or the step is 0.
  init?(_ from: Int?, _ to: Int?, _ step: Int, _ size: Int) {
    func front(_ index: Int) -> Int { index < 0 ? index + size : index }
    guard step != 0, step > Int.min else { return nil }
    self.step = Swift.abs(step)
    if step > 0 {
      (start, limit) = (from.map(front) ?? 0, to.map(front) ?? size)
      guard start >= 0, start <= limit, limit <= size else { return nil }
      count = start == limit ? 0 : (limit - start - 1) / step + 1
      return
    }
    // Backwards from `first` down to but not including `last`: the same elements forwards.
    let (first, last) = (from.map(front) ?? size - 1, to.map(front) ?? -1)
    guard first < size, last >= -1, last <= first else { return nil }
    count = first == last ? 0 : (first - last - 1) / self.step + 1
    start = count == 0 ? 0 : first - (count - 1) * self.step
    limit = count == 0 ? 0 : first + 1
  }
}
