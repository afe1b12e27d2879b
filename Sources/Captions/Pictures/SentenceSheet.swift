import Descent
import DescentData
import DescentFiles
import DescentPlotting

/// Pictures with their sentences and where the captioner looked for each word, as one picture or as a page.
public struct SentenceSheet: Sendable {
  /// The line above all.
  public var title: String
  /// The pictures.
  public var views: [SentenceView]

  /// A sheet of pictures.
  public init(_ title: String, _ views: [SentenceView]) { (self.title, self.views) = (title, views) }

  // MARK: As a picture

  /// The sheet as a picture: a row for each, with the picture first, then the picture in the light of each word's gaze.
  ///
  /// - Throws: `TensorError` where there is nothing to show, or the sheet would be larger than a picture may be.
  public func picture() throws -> Picture {
    guard !views.isEmpty else { throw TensorError("SentenceSheet", "has no pictures to show") }
    let (side, border, line) = (72, 6, 12)
    let columns = 1 + (views.map(\.words.count).max() ?? 0)
    let width = columns * (side + border) + border
    let lettersPerLine = max(1, (width - 2 * border) / 6)
    let rows = views.map { view in
      (view: view, lines: Self.lines(of: Self.caption(view), width: lettersPerLine))
    }
    let heights = rows.map { border + $0.lines.count * line + side + line }
    let (height, top) = (heights.reduce(2 * line, +), 2 * line)
    guard height.multipliedReportingOverflow(by: width).overflow == false, height * width <= Picture.defaultPixelLimit
    else { throw TensorError("SentenceSheet", "\(views.count) pictures make a sheet of \(height)×\(width) pixels") }
    var sheet = try Picture(width: width, height: height, color: [255, 255, 255])
    sheet.write(title, x: border, y: border, color: [0, 0, 0])
    var y = top
    for (row, ownHeight) in zip(rows, heights) {
      var below = y + border
      for text in row.lines {
        sheet.write(text, x: border, y: below, color: [0, 0, 0])
        below += line
      }
      sheet.blit(try Self.enlarged(row.view.picture, side: side), x: border, y: below)
      for (number, word) in row.view.words.enumerated() {
        let x = border + (number + 1) * (side + border)
        sheet.blit(try Self.enlarged(row.view.lit(word: number), side: side), x: x, y: below)
        sheet.write(String(word.prefix(side / 6)), x: x, y: below + side + 2, color: [70, 70, 70])
      }
      y += ownHeight
    }
    return sheet
  }

  private static func enlarged(_ picture: Tensor, side: Int) throws -> Picture {
    let nearest = picture.expanded(axis: 0).resized([side, side], method: .nearest)[0]
    return try Picture(rgb: nearest)
  }

  /// What stands above a picture: its name, the sentence, and what others say of it.
  private static func caption(_ view: SentenceView) -> String {
    let reference = view.references.first.map { "   (\($0))" } ?? ""
    return "\(view.name): \(view.sentence)\(reference)"
  }

  private static func lines(of text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let longer = lines[lines.count - 1].isEmpty ? String(word) : lines[lines.count - 1] + " " + word
      if longer.count > width, !lines[lines.count - 1].isEmpty {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] = longer
      }
    }
    return lines
  }

  // MARK: As a page

  /// The sheet as an HTML page that needs no other file.
  ///
  /// - Throws: `TensorError` where a picture cannot be drawn.
  public func html() throws -> String {
    let parts = try views.map { view in
      let all = try [view.picture] + view.words.indices.map { try view.lit(word: $0) }
      let grid = ImageGrid(
        "", stacked(all), labels: [view.name] + view.words, columns: min(all.count, 12), contrast: .range(0...1))
      let others =
        view.references.isEmpty
        ? "" : "<p>said by others: \(Self.escaped(view.references.joined(separator: " | ")))</p>"
      return "<section><h2>\(Self.escaped(view.sentence))</h2>\(others)\n\(try grid.svg())\n</section>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(Self.escaped(title))</title>
      <style>
      body { font: 16px/1.4 system-ui, sans-serif; max-width: 1280px; margin: 2em auto; padding: 0 1em; color-scheme: light dark; }
      h2 { font-size: 1.1em; margin: 1.5em 0 0; }
      p { margin: 0; opacity: 0.7; }
      svg { max-width: 100%; height: auto; }
      </style>
      </head>
      <body>
      <h1>\(Self.escaped(title))</h1>
      <p>Each picture, then what the captioner looked at for each word of its sentence: the rest fades into gray.</p>
      \(parts.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  /// Text as it is written in a page.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// Writes the sheet to a file, in the form that its name ends with: `.png` or `.html`.
  ///
  /// - Throws: `FileError` where the file cannot be written or its name ends otherwise; `TensorError` like the forms themselves.
  public func write(to path: String) throws {
    try Self.checkName(path)
    if path.hasSuffix(".png") { return try picture().write(png: path) }
    try FileContents.write(Array(try html().utf8), to: path)
  }

  /// Refuses a name that does not say in which form the sheet is to be written.
  ///
  /// - Throws: `FileError`.
  public static func checkName(_ path: String) throws {
    guard path.hasSuffix(".png") || path.hasSuffix(".html") else {
      throw FileError(path, "ends neither in .png nor in .html, which says in which form it is to be written")
    }
  }
}
