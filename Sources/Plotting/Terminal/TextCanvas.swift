/// A picture made of characters: dots of braille, and whole characters above them, each cell in one color.
struct TextCanvas {
  let columns: Int
  let rows: Int
  private var dots: BrailleCanvas
  private var inks: [Ink?]
  private var characters: [Character?]

  init(columns: Int, rows: Int) {
    dots = BrailleCanvas(columns: columns, rows: rows)
    self.columns = dots.columns
    self.rows = dots.rows
    inks = [Ink?](repeating: nil, count: self.columns * self.rows)
    characters = [Character?](repeating: nil, count: self.columns * self.rows)
  }

  /// The size in dots.
  var width: Int { dots.width }
  var height: Int { dots.height }

  /// Sets a dot; its cell takes the color.
  mutating func set(x: Int, y: Int, _ ink: Ink) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    dots.set(x: x, y: y)
    inks[(y / 4) * columns + x / 2] = ink
  }

  /// Sets a character; outside the canvas nothing happens.
  mutating func put(_ character: Character, column: Int, row: Int, _ ink: Ink) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    characters[row * columns + column] = character
    inks[row * columns + column] = ink
  }

  /// Writes a text from a column on, as far as it fits.
  mutating func write(_ text: String, column: Int, row: Int, _ ink: Ink) {
    for (offset, character) in text.enumerated() { put(character, column: column + offset, row: row, ink) }
  }

  /// Visits the places of a straight line (Bresenham 1965).
  static func line(
    fromX x0: Int, y y0: Int, toX x1: Int, y y1: Int, _ visit: (Int, Int) -> Void
  ) {
    let (dx, dy) = (abs(x1 - x0), -abs(y1 - y0))
    let (stepX, stepY) = (x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1)
    var (x, y, error) = (x0, y0, dx + dy)
    while true {
      visit(x, y)
      if x == x1, y == y1 { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += stepX
      }
      if doubled <= dx {
        error += dx
        y += stepY
      }
    }
  }

  /// The rows as text.
  func lines(_ paint: Paint) -> [String] {
    (0..<rows).map { row in
      var line = ""
      var run = ""
      var runInk: Ink?
      func finished() -> String { runInk.map { paint.painted(run, Paint.code(of: $0)) } ?? run }
      for column in 0..<columns {
        let character = characters[row * columns + column] ?? dots.character(column: column, row: row)
        let ink = character == nil ? nil : inks[row * columns + column]
        if ink != runInk {
          line += finished()
          (run, runInk) = ("", ink)
        }
        run.append(character ?? " ")
      }
      return line + finished()
    }
  }
}
