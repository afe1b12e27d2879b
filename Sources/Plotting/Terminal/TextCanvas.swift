/// A picture made of characters: dots of braille, and whole characters above them, each cell in one color.
struct TextCanvas {
  let columns: Int
  let rows: Int
  private var dots: BrailleCanvas
  private var inks: [Ink?]
  private var characters: [Character?]
  /// What lies behind dots and characters: a color, and the shade of ink that stands for it without color.
  private var cells: [(color: RGB, shade: Character)?]

  init(columns: Int, rows: Int) {
    dots = BrailleCanvas(columns: columns, rows: rows)
    self.columns = dots.columns
    self.rows = dots.rows
    inks = [Ink?](repeating: nil, count: self.columns * self.rows)
    characters = [Character?](repeating: nil, count: self.columns * self.rows)
    cells = [(color: RGB, shade: Character)?](repeating: nil, count: self.columns * self.rows)
  }

  /// The size in dots.
  var width: Int { dots.width }
  var height: Int { dots.height }

  /// Sets a dot; its cell takes the color.
  mutating func set(x: Int, y: Int, _ ink: Ink) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    dots.set(x: x, y: y)
    characters[(y / 4) * columns + x / 2] = nil
    inks[(y / 4) * columns + x / 2] = ink
  }

  /// Sets a character; outside the canvas nothing happens.
  mutating func put(_ character: Character, column: Int, row: Int, _ ink: Ink) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    characters[row * columns + column] = character
    inks[row * columns + column] = ink
  }

  /// Sets a whole cell to the color of a number, or to a shade of ink where there is none.
  mutating func put(cellOf map: ColorMap, _ value: Double, column: Int, row: Int) {
    let share = map.scale.position(of: value) ?? .nan
    cells[row * columns + column] = (map.color(of: value), CellText.shade(share))
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
      var runCode: String?
      func finished() -> String { runCode.map { paint.painted(run, $0) } ?? run }
      for column in 0..<columns {
        let (character, code) = cell(row * columns + column, column: column, row: row, paint)
        if code != runCode {
          line += finished()
          (run, runCode) = ("", code)
        }
        run.append(character)
      }
      return line + finished()
    }
  }

  /// What a cell shows, and the code of its color.
  private func cell(_ index: Int, column: Int, row: Int, _ paint: Paint) -> (Character, String?) {
    let cell = cells[index]
    guard let character = characters[index] ?? dots.character(column: column, row: row), let ink = inks[index] else {
      guard let cell else { return (" ", nil) }
      return paint.isOn ? ("█", cell.color.code) : (cell.shade, nil)
    }
    guard let cell else { return (character, Paint.code(of: ink)) }
    let front = ink == .ink ? (cell.color.isLight ? "30" : "97") : Paint.code(of: ink)
    return (character, front + ";" + cell.color.backgroundCode)
  }
}

extension RGB {
  /// The code that paints letters in the color.
  var code: String { "38;2;\(red);\(green);\(blue)" }
  /// The code that paints what is behind letters in the color.
  var backgroundCode: String { "48;2;\(red);\(green);\(blue)" }
}
