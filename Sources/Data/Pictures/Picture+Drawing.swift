import DescentFiles
import DescentTensors

extension Picture {
  /// Copies `other` into this picture with its upper left corner at (`x`, `y`); what falls outside is left off.
  ///
  /// A gray picture lands in a colored one as gray, a colored one in a gray one by its lightness; opacity is
  /// composed over white.
  ///
  /// - Complexity: O(*n*) in the pixels of `other`.
  public mutating func blit(_ other: Picture, x: Int, y: Int) {
    let source = other.channels == channels ? other : other.converted(toChannels: channels)
    let columns = Self.overlap(of: source.width, at: x, in: width)
    let rows = Self.overlap(of: source.height, at: y, in: height)
    guard !columns.isEmpty else { return }
    for row in rows {
      let from = (row * source.width + columns.lowerBound) * channels
      let to = ((y + row) * width + x + columns.lowerBound) * channels
      pixels.replaceSubrange(
        to..<(to + columns.count * channels), with: source.pixels[from..<(from + columns.count * channels)])
    }
  }

  /// Fills a rectangle; what falls outside the picture is left off.
  ///
  /// - Parameter color: A sample for each channel; one of another length leaves the picture as it is.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, color: [UInt8]) {
    guard color.count == channels else { return }
    let columns = Self.overlap(of: width, at: x, in: self.width)
    let rows = Self.overlap(of: height, at: y, in: self.height)
    guard !columns.isEmpty else { return }
    let run = Array(repeatElement(color, count: columns.count).joined())
    for row in rows {
      let to = ((y + row) * self.width + x + columns.lowerBound) * channels
      pixels.replaceSubrange(to..<(to + run.count), with: run)
    }
  }

  /// Writes a line of capitals, digits and signs five by seven pixels large (times `scale`), small letters as
  /// capitals, with the upper left corner at (`x`, `y`).
  ///
  /// - Parameter color: A sample for each channel; black where none is given.
  public mutating func write(_ text: String, x: Int, y: Int, scale: Int = 1, color: [UInt8]? = nil) {
    let ink = color ?? (channels == 4 ? [0, 0, 0, 255] : [UInt8](repeating: 0, count: channels))
    // Beyond the picture's own size nothing of a glyph is left to see, and the products below cannot overflow.
    let scale = min(max(scale, 1), max(width, height))
    var left = x
    for character in text {
      if left >= width { return }
      for (row, bits) in BitmapFont.glyph(character).enumerated() {
        for column in 0..<BitmapFont.glyphWidth where bits & (0b10000 >> UInt8(column)) != 0 {
          fill(
            x: left.addingClamped(column * scale), y: y.addingClamped(row * scale), width: scale, height: scale,
            color: ink)
        }
      }
      left = left.addingClamped(BitmapFont.advance * scale)
    }
  }

  /// The pictures side by side in rows of equal cells, each over its caption, on white.
  ///
  /// - Parameters:
  ///   - cells: Pictures of any size, each with a line of text.
  ///   - columns: The number of cells in a row, at least 1.
  /// - Returns: A picture in color where any of the cells is, gray otherwise.
  /// - Throws: `TensorError` where the number of cells or of columns is 0, or the sheet would be larger than a picture may be.
  public static func contactSheet(_ cells: [(picture: Picture, caption: String)], columns: Int) throws -> Picture {
    let border = 4
    guard columns > 0, !cells.isEmpty else {
      throw TensorError("contactSheet", "\(cells.count) pictures in \(columns) columns")
    }
    let columns = min(columns, cells.count)
    let rows = (cells.count + columns - 1) / columns
    let tallest = cells.map(\.picture.height).max() ?? 1
    let cellWidth =
      border + (cells.map { max($0.picture.width, $0.caption.count * BitmapFont.advance) }.max() ?? 1)
    let cellHeight = border + tallest + border / 2 + BitmapFont.lineHeight
    let (area, overflow) = (columns * cellWidth + border).multipliedReportingOverflow(by: rows * cellHeight + border)
    guard !overflow, area <= defaultPixelLimit else {
      throw TensorError(
        "contactSheet",
        "\(cells.count) pictures make a sheet beyond \(defaultPixelLimit.grouped) pixels")
    }
    let colored = cells.contains { $0.picture.channels > 1 }
    var sheet = try Picture(
      width: columns * cellWidth + border, height: rows * cellHeight + border,
      color: [UInt8](repeating: 255, count: colored ? 3 : 1))
    for (index, cell) in cells.enumerated() {
      let x = border + index % columns * cellWidth
      let y = border + index / columns * cellHeight
      sheet.blit(cell.picture, x: x, y: y)
      sheet.write(cell.caption, x: x, y: y + tallest + border / 2)
    }
    return sheet
  }

  /// The positions `0..<length` of a run placed at `start` that lie within `0..<bound`.
  private static func overlap(of length: Int, at start: Int, in bound: Int) -> Range<Int> {
    let first = start < 0 ? 0.subtractingClamped(start) : 0
    let last = min(length, bound.subtractingClamped(start))
    return first < last ? first..<last : 0..<0
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }

  fileprivate func subtractingClamped(_ other: Int) -> Int {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }
}
