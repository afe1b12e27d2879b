/// A rectangle of whole pixels.
struct InkBox: Equatable, Sendable {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  var right: Int { x + width }
  var bottom: Int { y + height }

  mutating func unite(with other: InkBox) {
    let newRight = max(right, other.right)
    let newBottom = max(bottom, other.bottom)
    x = min(x, other.x)
    y = min(y, other.y)
    width = newRight - x
    height = newBottom - y
  }

  /// The part of the rectangle that lies within another.
  func limited(to other: InkBox) -> InkBox {
    let (left, top) = (max(x, other.x), max(y, other.y))
    return InkBox(
      x: left, y: top, width: max(min(right, other.right) - left, 0), height: max(min(bottom, other.bottom) - top, 0))
  }
}
