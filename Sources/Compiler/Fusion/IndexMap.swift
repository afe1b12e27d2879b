import DescentGraph

/// Which element of a tensor each point of an iteration space means: every coordinate of the tensor is a sum of
/// multiples of iteration indices.
struct IndexMap: Hashable {
  /// A multiple of an iteration index.
  struct Term: Hashable {
    var axis: Int
    var stride: Int
  }

  /// One coordinate of the tensor.
  struct Coordinate: Hashable {
    var offset = 0
    /// By increasing axis.
    var terms: [Term] = []
  }

  /// The coordinates along the tensor's axes.
  var coordinates: [Coordinate]

  /// The map under which the iteration space is the tensor's own shape.
  init(identity shape: Shape) {
    coordinates = shape.indices.map { Coordinate(terms: shape[$0] == 1 ? [] : [Term(axis: $0, stride: 1)]) }
  }

  init(_ coordinates: [Coordinate]) { self.coordinates = coordinates }

  /// The map of a view's operand, given the map of the view; `nil` for views that do not show each element once.
  ///
  /// A reshape may have to divide an iteration axis, which `space` then tells all other maps.
  func operand(of operation: any Operation, from source: Shape, to result: Shape, in space: inout IterationSpace)
    -> IndexMap?
  {
    switch type(of: operation).kind {
    case .transpose:
      guard let transpose = operation as? Transpose else { return nil }
      var moved = self
      for (axis, origin) in transpose.permutation.enumerated() { moved.coordinates[origin] = coordinates[axis] }
      return moved
    case .reverse:
      guard let reverse = operation as? Reverse else { return nil }
      var turned = self
      for axis in reverse.axes {
        turned.coordinates[axis].offset = source[axis] - 1 - coordinates[axis].offset
        for index in turned.coordinates[axis].terms.indices { turned.coordinates[axis].terms[index].stride.negate() }
      }
      return turned
    case .reshape: return reshaped(from: result, to: source, in: &space)
    case .stopGradient: return self
    default: return nil
    }
  }

  /// The distances that iteration indices make in memory of a given layout, and the place of the first element.
  func layout(_ layout: Layout, rank: Int) -> Layout {
    var result = Layout(offset: layout.offset, strides: [Int](repeating: 0, count: rank))
    for (coordinate, stride) in zip(coordinates, layout.strides) {
      result.offset += coordinate.offset * stride
      for term in coordinate.terms { result.strides[term.axis] += term.stride * stride }
    }
    return result
  }

  /// The map after an iteration axis was divided into an outer and an inner one of `inner` elements.
  func dividing(axis: Int, inner: Int) -> IndexMap {
    IndexMap(
      coordinates.map { coordinate in
        Coordinate(
          offset: coordinate.offset,
          terms: coordinate.terms.flatMap { term -> [Term] in
            if term.axis < axis { return [term] }
            if term.axis > axis { return [Term(axis: term.axis + 1, stride: term.stride)] }
            return [Term(axis: axis, stride: term.stride * inner), Term(axis: axis + 1, stride: term.stride)]
          })
      })
  }

  /// The map of the same elements under another shape.
  private func reshaped(from shape: Shape, to target: Shape, in space: inout IterationSpace) -> IndexMap? {
    let flat = layout(Layout(dense: shape), rank: space.extents.count)
    guard flat.offset == 0, flat.strides.allSatisfy({ $0 >= 0 }) else { return nil }
    var rest = flat.strides
    let strides = target.strides
    var result = [Coordinate](repeating: Coordinate(), count: target.rank)
    for axis in target.indices where target[axis] != 1 {
      let (stride, reach) = (strides[axis], strides[axis] * target[axis])
      var index = 0
      while index < rest.count {
        let step = rest[index]
        defer { index += 1 }
        guard step >= stride, space.extents[index] > 1 else { continue }
        guard step % stride == 0, step * space.extents[index] <= reach else { return nil }
        result[axis].terms.append(Term(axis: index, stride: step / stride))
        rest[index] = 0
      }
      // An axis that begins inside this one and reaches beyond its end was not taken: it must be divided.
      if let crossing = rest.indices.first(where: {
        rest[$0] > 0 && rest[$0] < stride && rest[$0] * space.extents[$0] > stride
      }) {
        guard stride % rest[crossing] == 0, space.extents[crossing] % (stride / rest[crossing]) == 0 else { return nil }
        let inner = stride / rest[crossing]
        space.divide(axis: crossing, inner: inner)
        return dividing(axis: crossing, inner: inner).reshaped(from: shape, to: target, in: &space)
      }
    }
    return IndexMap(result)
  }
}

/// The points that a kernel visits, and how its axes have been divided since it was made.
struct IterationSpace {
  /// The number of indices along each axis.
  private(set) var extents: [Int]
  /// The divisions made, in order.
  private(set) var divisions: [(axis: Int, inner: Int)] = []

  /// A space with the given number of indices along each axis.
  init(extents: [Int]) { self.extents = extents }

  /// Divides an axis into an outer and an inner one of `inner` indices.
  mutating func divide(axis: Int, inner: Int) {
    extents[axis] /= inner
    extents.insert(inner, at: axis + 1)
    divisions.append((axis, inner))
  }
}
