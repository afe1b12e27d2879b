/// Which parts of a tensor index vectors address, and where those parts stand among what is gathered from it.
///
/// The tensor is `[batch…, rest…]` and the indices are `[batch…, places…, numbers]`: at each place stands a vector with
/// one number for each of `axes`, the first index of a window. What is gathered is
/// `[batch…, rest before position…, places…, rest from position…]`, the rest as large as the window.
package struct IndexGeometry: Sendable, Hashable {
  /// What becomes of a window that does not lie inside the tensor.
  package enum Outside: String, Sendable, Hashable {
    /// It is moved to the nearest place at which it fits.
    case clamped
    /// It is left out: reading gives zeros, writing does nothing.
    case dropped
  }

  /// How many leading axes the tensor and the indices share; index vectors address their own batch.
  package let batch: Int
  /// The tensor's axes that the numbers of an index vector stand for.
  package let axes: [Int]
  /// The window's size along each of `axes`; along all other axes the window is the whole.
  package let sizes: [Int]
  /// How many of the tensor's axes after the batch stand before the places.
  package let position: Int
  /// What becomes of a window that does not lie inside.
  package let outside: Outside

  /// Describes a way to address parts; windows of one element along the addressed axes unless sizes are given.
  package init(
    batch: Int = 0, axes: [Int], sizes: [Int]? = nil, position: Int = 0, outside: Outside = .clamped
  ) {
    self.batch = batch
    self.axes = axes
    self.sizes = sizes ?? axes.map { _ in 1 }
    self.position = position
    self.outside = outside
  }

  /// The same way to address parts of a tensor that has one more axis in front; a batch axis, or a whole one.
  func prepending(batch isBatch: Bool) -> IndexGeometry {
    IndexGeometry(
      batch: isBatch ? batch + 1 : batch, axes: axes.map { $0 + 1 }, sizes: sizes,
      position: isBatch ? position : position + 1, outside: outside)
  }

  var attributes: String {
    "axes: \(axes)" + (sizes.allSatisfy { $0 == 1 } ? "" : ", sizes: \(sizes)")
      + (batch == 0 ? "" : ", batch: \(batch)")
      + (position == 0 ? "" : ", position: \(position)") + ", \(outside)"
  }

  /// The size of a window along each axis of the tensor after the batch.
  package func window(of tensor: Shape) -> [Int] {
    var window = tensor.sizes
    for (axis, size) in zip(axes, sizes) { window[axis] = size }
    return Array(window[batch...])
  }

  /// The shape of what is gathered. The operands must have been checked.
  package func gathered(from tensor: Shape, at indices: Shape) -> Shape {
    let window = window(of: tensor)
    var sizes = Array(tensor.sizes[..<batch])
    sizes += window[..<position]
    sizes += indices.sizes[batch..<indices.rank - 1]
    sizes += window[position...]
    return Shape(sizes)
  }

  /// Whether no two index vectors of a batch can reach the same element.
  func isSinglePlace(_ indices: Shape) -> Bool {
    indices.sizes[batch..<indices.rank - 1].allSatisfy { $0 == 1 }
  }
}

extension Operation {
  /// Refuses a tensor and indices that a geometry does not fit.
  func check(_ geometry: IndexGeometry, _ tensor: TensorType, _ indices: TensorType) throws(OperationError) {
    let (shape, places, batch) = (tensor.shape, indices.shape, geometry.batch)
    guard indices.elementType.isInteger else {
      throw OperationError(name, "the indices are \(indices.elementType), not integers")
    }
    try checkAxes(geometry.axes, shape)
    guard batch >= 0, batch <= shape.rank, batch < places.rank, geometry.axes.allSatisfy({ $0 >= batch }),
      shape.sizes[..<batch] == places.sizes[..<batch]
    else {
      throw OperationError(
        name, "the tensor \(shape) and the indices \(places) do not share \(batch) batch axes before the indexed ones")
    }
    guard places.last == geometry.axes.count, geometry.sizes.count == geometry.axes.count else {
      throw OperationError(
        name, "index vectors of \(places.last ?? 0) numbers do not address the axes \(geometry.axes)")
    }
    for (axis, size) in zip(geometry.axes, geometry.sizes) where size < 0 || size > shape[axis] {
      throw OperationError(name, "a window of \(size) does not fit axis \(axis) of \(shape)")
    }
    guard (0...(shape.rank - batch)).contains(geometry.position) else {
      throw OperationError(name, "position \(geometry.position) is not among the axes of \(shape)")
    }
    try checkSize(tensor.with(shape: geometry.gathered(from: shape, at: places)))
  }
}

extension IndexGeometry {
  /// Calls `body` with every element of what is gathered and the element of the tensor that it belongs to, `nil` where
  /// its window is left out; place after place. - Complexity: O(elements).
  func forEach(in tensor: Shape, at indices: ReferenceArray, _ body: (_ gathered: Int, _ place: Int?) -> Void) {
    let whole = gathered(from: tensor, at: indices.type.shape)
    let window = Shape(window(of: tensor))
    let places = Shape(Array(indices.type.shape.sizes[batch..<indices.type.rank - 1]))
    let (from, to) = (tensor.strides, whole.strides)
    func all(_ shape: some Sequence<Int>, _ strides: some Sequence<Int>) -> [Int] {
      StridedPlaces(shape: Shape(Array(shape)), strides: Array(strides)).all
    }
    let batches = zip(all(tensor.sizes[..<batch], from[..<batch]), all(tensor.sizes[..<batch], to[..<batch]))
    let placeOffsets = all(places, to[(batch + position)...].prefix(places.rank))
    var windowStrides = Array(to[batch..<batch + position])
    windowStrides += to[(batch + position + places.rank)...]
    let pairs = Array(zip(all(window, from[batch...]), all(window, windowStrides)))
    var vector = 0
    for (source, target) in batches {
      for place in placeOffsets {
        let first = start(indices, vector, tensor)
        for (inside, outside) in pairs { body(target + place + outside, first.map { source + $0 + inside }) }
        vector += 1
      }
    }
  }

  /// The offset of the window that an index vector addresses.
  private func start(_ indices: ReferenceArray, _ vector: Int, _ tensor: Shape) -> Int? {
    var offset = 0
    for (number, axis) in axes.enumerated() {
      let value = indices.integers[vector * axes.count + number]
      // The largest unsigned numbers are kept as negative ones.
      let index = indices.type.elementType == .uint64 && value < 0 ? Int.max : Int(value)
      let limit = tensor[axis] - sizes[number]
      if outside == .dropped, index < 0 || index > limit { return nil }
      offset += min(max(index, 0), limit) * tensor.strides[axis]
    }
    return offset
  }
}
