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
    let stretches = ink.stretches(above: 0.3)
    // Union–find: each stretch points to an earlier one of its piece, the first one to itself.
    var parents = Array(stretches.indices)
    func root(of index: Int) -> Int {
      var index = index
      while parents[index] != index {
        parents[index] = parents[parents[index]]
        index = parents[index]
      }
      return index
    }
    var begin = 0
    for (index, stretch) in stretches.enumerated() {
      func isPassed(_ other: Stretch) -> Bool {
        other.row < stretch.row - 1 || other.row == stretch.row - 1 && other.last < stretch.first - 1
      }
      while begin < index, isPassed(stretches[begin]) { begin += 1 }
      var above = begin
      while stretches[above].row == stretch.row - 1, stretches[above].first <= stretch.last + 1 {
        let (one, other) = (root(of: index), root(of: above))
        parents[max(one, other)] = min(one, other)
        above += 1
      }
    }
    var pieces = stretches.map { stretch in
      Piece(
        box: InkBox(x: Int(stretch.first), y: Int(stretch.row), width: stretch.count, height: 1), area: stretch.count)
    }
    for index in stretches.indices {
      let first = root(of: index)
      guard first != index else { continue }
      pieces[first].box.unite(with: pieces[index].box)
      pieces[first].area += pieces[index].area
    }
    return stretches.indices.filter { parents[$0] == $0 }.map { pieces[$0] }
  }
}
