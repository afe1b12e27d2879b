import DescentGraph

/// An axis among the others: how many rows of numbers lie along it, and how far apart a row's numbers lie.
struct AxisExtents {
  /// The number of elements of the axes in front.
  let outer: Int64
  /// The size of the axis.
  let count: Int64
  /// The number of elements of the axes after it, which is the distance of neighbors along the axis.
  let inner: Int64

  init(_ shape: Shape, axis: Int) {
    outer = Int64(Shape(Array(shape.sizes[..<axis])).count)
    count = Int64(shape[axis])
    inner = Int64(Shape(Array(shape.sizes[(axis + 1)...])).count)
  }
}
