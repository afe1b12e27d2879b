/// A black-and-white picture made of braille characters, two dots wide and four high each.
struct BrailleCanvas: Sendable {
  let columns: Int
  let rows: Int
  private var cells: [UInt8]

  init(columns: Int, rows: Int) {
    self.columns = max(columns, 1)
    self.rows = max(rows, 1)
    cells = [UInt8](repeating: 0, count: self.columns * self.rows)
  }

  /// The size in dots.
  var width: Int { 2 * columns }
  var height: Int { 4 * rows }

  /// Sets a dot; outside the canvas nothing happens.
  mutating func set(x: Int, y: Int) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    // Unicode numbers the dots down the left column, down the right one, then the bottom row.
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    cells[(y / 4) * columns + x / 2] |= bits[y % 4][x % 2]
  }

  /// Sets the dots of a level or upright line.
  mutating func setLine(fromX x0: Int, y y0: Int, toX x1: Int, y y1: Int) {
    for x in min(x0, x1)...max(x0, x1) {
      for y in min(y0, y1)...max(y0, y1) { set(x: x, y: y) }
    }
  }

  /// The rows as text.
  var lines: [String] {
    (0..<rows).map { row in
      var line = String.UnicodeScalarView()
      for cell in cells[(row * columns)..<((row + 1) * columns)] {
        if let scalar = Unicode.Scalar(0x2800 + UInt32(cell)) { line.append(scalar) }
      }
      return String(line)
    }
  }
}
