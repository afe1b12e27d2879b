/// A black-and-white picture made of braille characters, two dots wide and four high each.
package struct BrailleCanvas: Sendable {
  package let columns: Int
  package let rows: Int
  private var cells: [UInt8]

  package init(columns: Int, rows: Int) {
    self.columns = max(columns, 1)
    self.rows = max(rows, 1)
    cells = [UInt8](repeating: 0, count: self.columns * self.rows)
  }

  /// The size in dots.
  package var width: Int { 2 * columns }
  package var height: Int { 4 * rows }

  /// Sets a dot; outside the canvas nothing happens.
  package mutating func set(x: Int, y: Int) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    // Unicode numbers the dots down the left column, down the right one, then the bottom row.
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    cells[(y / 4) * columns + x / 2] |= bits[y % 4][x % 2]
  }

  /// The character of a cell; `nil` where no dot is set.
  func character(column: Int, row: Int) -> Character? {
    let bits = cells[row * columns + column]
    guard bits != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(bits)) else { return nil }
    return Character(scalar)
  }

  /// The rows as text.
  package var lines: [String] {
    (0..<rows).map { row in
      var line = String.UnicodeScalarView()
      for cell in cells[(row * columns)..<((row + 1) * columns)] {
        if let scalar = Unicode.Scalar(0x2800 + UInt32(cell)) { line.append(scalar) }
      }
      return String(line)
    }
  }
}
