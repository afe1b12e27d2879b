import DescentPlotting

extension GrayImage {
  /// The picture as text for a terminal.
  ///
  /// With color each character is a half block, its two halves gray as in the picture. Without, ink is set in braille
  /// dots: what is darker (on dark paper: lighter) than half-way between paper and ink.
  ///
  /// - Parameters:
  ///   - width: the columns that the picture may take; it is shrunk to fit and never enlarged.
  ///   - color: whether the terminal shows 24-bit colors.
  /// - Complexity: O(pixels).
  public func terminalText(width columns: Int = 80, color: Bool) -> String {
    guard width > 0, height > 0, columns > 0 else { return "" }
    return color ? halfBlocks(columns: columns) : brailleDots(columns: columns)
  }

  private func shrunk(toWidth limit: Int) -> Plane {
    let plane = Plane(width: width, height: height, values: pixels.map { Float($0) / 255 })
    guard width > limit else { return plane }
    let newHeight = max(Int((Double(height) * Double(limit) / Double(width)).rounded()), 1)
    return plane.resampled(x: 0, y: 0, width: Float(width), height: Float(height), to: limit, by: newHeight)
  }

  private func halfBlocks(columns: Int) -> String {
    let plane = shrunk(toWidth: columns)
    var text = ""
    for row in stride(from: 0, to: plane.height, by: 2) {
      var last: (upper: Int, lower: Int)?
      for column in 0..<plane.width {
        let upper = Int(min(max(plane[column, row], 0), 1) * 255)
        let lower = row + 1 < plane.height ? Int(min(max(plane[column, row + 1], 0), 1) * 255) : upper
        if last?.upper != upper || last?.lower != lower {
          text += "\u{1B}[38;2;\(upper);\(upper);\(upper);48;2;\(lower);\(lower);\(lower)m"
          last = (upper, lower)
        }
        text += "▀"
      }
      text += "\u{1B}[0m\n"
    }
    return text
  }

  private func brailleDots(columns: Int) -> String {
    let plane = shrunk(toWidth: 2 * columns)
    let sorted = plane.values.sorted()
    let paper = sorted[sorted.count / 2]
    let darkest = sorted[sorted.count / 100]
    let lightest = sorted[sorted.count - 1 - sorted.count / 100]
    let isDark = paper - darkest >= lightest - paper
    let limit = (paper + (isDark ? darkest : lightest)) / 2
    var canvas = BrailleCanvas(columns: (plane.width + 1) / 2, rows: (plane.height + 3) / 4)
    // A picture of one brightness has no ink.
    guard abs(limit - paper) > 0.01 else { return canvas.lines.joined(separator: "\n") + "\n" }
    for y in 0..<plane.height {
      for x in 0..<plane.width where isDark ? plane[x, y] < limit : plane[x, y] > limit { canvas.set(x: x, y: y) }
    }
    return canvas.lines.joined(separator: "\n") + "\n"
  }
}
