/// Cells of color as text: two to a character where the terminal shows colors, shades of ink otherwise.
enum CellText {
  /// From paper to ink.
  private static let shades = Array(" ░▒▓█")

  /// Rows of colors, each character the upper and the lower half of two rows.
  static func halfBlocks(_ rows: [[RGB]]) -> [String] {
    stride(from: 0, to: rows.count, by: 2).map { row in
      var line = ""
      var last: (RGB, RGB?)?
      for column in rows[row].indices {
        let upper = rows[row][column]
        let lower = row + 1 < rows.count ? rows[row + 1][column] : nil
        if last == nil || last?.0 != upper || last?.1 != lower {
          line += "\u{1B}[0;38;2;\(upper.red);\(upper.green);\(upper.blue)"
          if let lower { line += ";48;2;\(lower.red);\(lower.green);\(lower.blue)" }
          line += "m"
          last = (upper, lower)
        }
        line += "▀"
      }
      return line + "\u{1B}[0m"
    }
  }

  /// Rows of shares between 0 and 1; more is more ink.
  static func shaded(_ rows: [[Double]]) -> [String] {
    rows.map { String($0.map(shade)) }
  }

  /// The ink of a share; a question mark where there is none.
  static func shade(_ share: Double) -> Character {
    guard share.isFinite else { return "?" }
    return shades[Int((min(max(share, 0), 1) * Double(shades.count - 1)).rounded())]
  }

  /// So many places of a longer row, spread evenly; places are repeated where there are fewer.
  static func places(_ count: Int, of length: Int) -> [Int] {
    (0..<count).map { min(($0 * 2 + 1) * length / (2 * count), length - 1) }
  }
}
