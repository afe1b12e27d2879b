/// The rectangle around the writing, without the dirt beside it.
struct InkBox: Equatable, Sendable {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  private var right: Int { x + width }
  private var bottom: Int { y + height }

  private mutating func unite(with other: InkBox) {
    let newRight = max(right, other.right)
    let newBottom = max(bottom, other.bottom)
    x = min(x, other.x)
    y = min(y, other.y)
    width = newRight - x
    height = newBottom - y
  }

  /// Finds the writing: connected pieces of ink about as high as the highest, and smaller ones close to them.
  ///
  /// - Complexity: O(pixels).
  static func around(_ ink: Plane) -> InkBox? {
    let pieces = connectedPieces(of: ink)
    // A speck is smaller than a digit's stroke in the smallest readable writing.
    let written = pieces.filter { $0.box.height >= 5 && $0.area >= 10 }
    guard let tallest = written.map(\.box.height).max() else { return nil }
    var box: InkBox?
    for piece in written where Float(piece.box.height) >= 0.4 * Float(tallest) {
      if box == nil { box = piece.box } else { box?.unite(with: piece.box) }
    }
    guard var result = box else { return nil }
    let reach = tallest / 3
    let core = result
    for piece in pieces where Float(piece.box.height) >= 0.12 * Float(tallest) && piece.area >= 8 {
      let isBeside = piece.box.x < core.right + reach && piece.box.right > core.x - reach
      let isLevel = piece.box.y > core.y - reach / 2 && piece.box.bottom < core.bottom + reach / 2
      if isBeside && isLevel && piece.box.width < 2 * tallest { result.unite(with: piece.box) }
    }
    return result
  }

  private struct Piece {
    var box: InkBox
    var area: Int
  }

  /// Pieces of ink whose pixels touch at an edge or a corner.
  private static func connectedPieces(of ink: Plane) -> [Piece] {
    let width = ink.width
    let height = ink.height
    var isOpen = ink.values.map { $0 > 0.3 }
    var pieces: [Piece] = []
    var stack: [Int] = []
    for start in 0..<isOpen.count where isOpen[start] {
      isOpen[start] = false
      stack.append(start)
      var left = width
      var right = 0
      var top = height
      var bottom = 0
      var area = 0
      isOpen.withUnsafeMutableBufferPointer { isOpen in
        while let index = stack.popLast() {
          let (y, x) = index.quotientAndRemainder(dividingBy: width)
          area += 1
          left = min(left, x)
          right = max(right, x)
          top = min(top, y)
          bottom = max(bottom, y)
          for row in max(y - 1, 0)...min(y + 1, height - 1) {
            for column in max(x - 1, 0)...min(x + 1, width - 1) where isOpen[row * width + column] {
              isOpen[row * width + column] = false
              stack.append(row * width + column)
            }
          }
        }
      }
      pieces.append(Piece(box: InkBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1), area: area))
    }
    return pieces
  }
}
