/// The writing in a picture's ink, without the dirt around it.
struct Writing: Sendable {
  /// The rectangle around all that is written.
  let box: InkBox
  /// The pieces about as high as the highest: digits, and digits that touch.
  let characters: [InkBox]

  /// Finds the writing: connected pieces of ink about as high as the highest, and smaller ones close to them.
  ///
  /// nil where there is none.
  ///
  /// - Complexity: O(pixels).
  init?(in ink: Plane) {
    let pieces = InkPieces(of: ink, above: 0.3).pieces
    // A speck is smaller than a digit's stroke in the smallest readable writing.
    let written = pieces.filter { $0.box.height >= 5 && $0.area >= 10 }
    guard let tallest = written.map(\.box.height).max() else { return nil }
    characters = written.map(\.box).filter { Float($0.height) >= 0.4 * Float(tallest) }
    guard var core = characters.first else { return nil }
    for character in characters { core.unite(with: character) }
    var box = core
    let reach = tallest / 3
    for piece in pieces where Float(piece.box.height) >= 0.12 * Float(tallest) && piece.area >= 8 {
      let isBeside = piece.box.x < core.right + reach && piece.box.right > core.x - reach
      let isLevel = piece.box.y > core.y - reach / 2 && piece.box.bottom < core.bottom + reach / 2
      if isBeside && isLevel && piece.box.width < 2 * tallest { box.unite(with: piece.box) }
    }
    self.box = box
  }

  /// The usual height of a character.
  var height: Int { characters.map(\.height).sorted()[characters.count / 2] }

  /// Into how many groups the characters fall that are too far apart for one code: lines one below the other, or codes
  /// side by side.
  ///
  /// A group has at least three pieces, which neither a torn digit nor a digit in a wide box has.
  var groupCount: Int {
    let height = height
    // The middle half of each piece: the ends of strokes reach into the line above.
    let rows = Self.groups(of: characters, gap: 0) { ($0.y + $0.height / 4, $0.bottom - $0.height / 4) }
    let lines = rows.filter { $0.count >= 3 }
    guard lines.count <= 1 else { return lines.count }
    let columns = Self.groups(of: lines.first ?? characters, gap: height + height / 2) { ($0.x, $0.right) }
    return max(columns.count { $0.count >= 3 }, 1)
  }

  /// Boxes in order along an axis, parted wherever there is more than a gap between all before and all after.
  private static func groups(
    of boxes: [InkBox], gap: Int, extent: (InkBox) -> (begin: Int, end: Int)
  ) -> [[InkBox]] {
    var groups: [[InkBox]] = []
    var end = 0
    for box in boxes.sorted(by: { extent($0).begin < extent($1).begin }) {
      if let last = groups.indices.last, extent(box).begin <= end + gap {
        groups[last].append(box)
        end = max(end, extent(box).end)
      } else {
        groups.append([box])
        end = extent(box).end
      }
    }
    return groups
  }
}
