/// The connected pieces of a picture's ink: pixels above a limit that touch at an edge or a corner.
struct InkPieces: Sendable {
  /// One piece: the rectangle around it, and how many pixels it has.
  struct Piece: Sendable {
    var box: InkBox
    var area: Int
  }

  let pieces: [Piece]
  private let stretches: [Stretch]
  /// The piece that each stretch belongs to.
  private let owners: [Int]

  /// Finds the pieces.
  ///
  /// - Complexity: O(pixels).
  init(of ink: Plane, above limit: Float) {
    stretches = ink.stretches(above: limit)
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
    var pieces: [Piece] = []
    var owners: [Int] = []
    owners.reserveCapacity(stretches.count)
    for (index, stretch) in stretches.enumerated() {
      let box = InkBox(x: Int(stretch.first), y: Int(stretch.row), width: stretch.count, height: 1)
      let first = root(of: index)
      if first == index {
        owners.append(pieces.count)
        pieces.append(Piece(box: box, area: stretch.count))
      } else {
        let owner = owners[first]
        owners.append(owner)
        pieces[owner].box.unite(with: box)
        pieces[owner].area += stretch.count
      }
    }
    self.pieces = pieces
    self.owners = owners
  }

  /// Sets the pixels of some pieces to a value.
  func fill(_ ink: inout Plane, with value: Float, where isFilled: (Piece) -> Bool) {
    let filled = pieces.map(isFilled)
    for (stretch, owner) in zip(stretches, owners) where filled[owner] {
      let row = Int(stretch.row) * ink.width
      for index in row + Int(stretch.first)...row + Int(stretch.last) { ink.values[index] = value }
    }
  }
}
