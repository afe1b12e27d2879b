import Foundation

/// A place in a drawing, in pixels from its upper left corner.
package struct Point: Sendable, Hashable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// A part of a drawing with sides along the axes, in pixels.
package struct Frame: Sendable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// A drawing under construction.
package struct SVG {
  private var body = ""
  private var definitions = ""
  private var fills: Set<Ink> = []
  private var strokes: Set<Ink> = []
  let width: Double
  let height: Double
  let style: Chart.Style
  /// What readers hear of it.
  package var title = ""

  package init(width: Double, height: Double, style: Chart.Style = .light) {
    self.width = width
    self.height = height
    self.style = style
  }

  /// A text as XML has it.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML has no way to write control characters, nor these two.
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A coordinate with one decimal, and none where it is 0.
  package static func number(_ value: Double) -> String {
    // What lies farther is not seen, and no document is to hold NaN.
    let tenths = Int((max(min(value.isNaN ? 0 : value, 1e7), -1e7) * 10).rounded())
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }

  // MARK: Parts

  /// Opens a part of the drawing that hides what lies beyond its edges; its coordinates begin at its corner.
  package mutating func beginClip(_ frame: Frame) {
    body +=
      "<svg x=\"\(Self.number(frame.x))\" y=\"\(Self.number(frame.y))\" width=\"\(Self.number(frame.width))\""
      + " height=\"\(Self.number(frame.height))\" overflow=\"hidden\">\n"
  }

  /// Closes the part that was opened last.
  package mutating func endClip() { body += "</svg>\n" }

  /// Adds what all the drawing can refer to, such as the head of an arrow.
  package mutating func define(_ element: String) { definitions += element }

  /// How an element is painted.
  private mutating func paint(fill: Ink = .none, stroke: Ink = .none) -> String {
    let isDark = style == .dark
    var text = " fill=\"\(fill.css(isDark: isDark))\""
    if stroke != .none { text += " stroke=\"\(stroke.css(isDark: isDark))\"" }
    guard style == .automatic else { return text }
    var classes: [String] = []
    if let name = fill.className {
      fills.insert(fill)
      classes.append("fill-" + name)
    }
    if let name = stroke.className {
      strokes.insert(stroke)
      classes.append("stroke-" + name)
    }
    return text + (classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\"")
  }

  // MARK: Elements

  /// Draws a rectangle.
  package mutating func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, radius: Double = 0, fill: Ink = .none,
    stroke: Ink = .none, thickness: Double = 1, opacity: Double = 1
  ) {
    body +=
      "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\""
      + " height=\"\(Self.number(height))\""
    if radius > 0 { body += " rx=\"\(Self.number(radius))\"" }
    body += paint(fill: fill, stroke: stroke)
    if stroke != .none, thickness != 1 { body += " stroke-width=\"\(thickness)\"" }
    if opacity < 1 { body += " fill-opacity=\"\(opacity)\"" }
    body += "/>\n"
  }

  /// Draws a disk or a ring.
  package mutating func circle(
    _ x: Double, _ y: Double, radius: Double, fill: Ink, stroke: Ink = .none, thickness: Double = 1,
    opacity: Double = 1
  ) {
    body += "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\""
    body += paint(fill: fill, stroke: stroke)
    if stroke != .none, thickness != 1 { body += " stroke-width=\"\(thickness)\"" }
    if opacity < 1 { body += " fill-opacity=\"\(opacity)\"" }
    body += "/>\n"
  }

  /// Draws a path by its description in SVG.
  package mutating func path(
    _ description: String, fill: Ink = .none, stroke: Ink = .none, thickness: Double = 1, dashes: String? = nil,
    opacity: Double = 1, marker: String = ""
  ) {
    guard !description.isEmpty else { return }
    body += "<path d=\"\(description)\""
    body += paint(fill: fill, stroke: stroke)
    if stroke != .none {
      if thickness != 1 { body += " stroke-width=\"\(thickness)\"" }
      if let dashes { body += " stroke-dasharray=\"\(dashes)\"" }
      body += " stroke-linejoin=\"round\""
    }
    if opacity < 1 { body += " opacity=\"\(opacity)\"" }
    body += (marker.isEmpty ? "" : " " + marker) + "/>\n"
  }

  /// Draws a line between two points.
  package mutating func line(
    _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, stroke: Ink, thickness: Double = 1, dashes: String? = nil
  ) {
    path(
      "M\(Self.number(x0)) \(Self.number(y0))L\(Self.number(x1)) \(Self.number(y1))", stroke: stroke,
      thickness: thickness, dashes: dashes)
  }

  /// Writes pieces of text of several colors in one line.
  package mutating func text(
    _ pieces: [(text: String, color: Ink)], _ x: Double, _ y: Double, size: Double = 12, anchor: String = "middle",
    isBold: Bool = false, angle: Double = 0, halo: Bool = false
  ) {
    var spans = ""
    for piece in pieces where !piece.text.isEmpty {
      spans += "<tspan\(paint(fill: piece.color))>\(Self.escaped(piece.text))</tspan>"
    }
    guard !spans.isEmpty else { return }
    body += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\""
    body += " text-anchor=\"\(anchor)\""
    if isBold { body += " font-weight=\"bold\"" }
    if angle != 0 { body += " transform=\"rotate(\(Self.number(angle)) \(Self.number(x)) \(Self.number(y)))\"" }
    if halo {
      // What lies under the letters is kept from them.
      body += " paint-order=\"stroke\" stroke-width=\"3.5\" stroke-linejoin=\"round\"" + paint(stroke: .background)
    }
    body += " xml:space=\"preserve\">\(spans)</text>\n"
  }

  /// Draws a PNG file, in base 64, over a frame; its pixels keep their edges.
  mutating func image(_ file: String, _ frame: Frame) {
    body +=
      "<image x=\"\(Self.number(frame.x))\" y=\"\(Self.number(frame.y))\" width=\"\(Self.number(frame.width))\""
      + " height=\"\(Self.number(frame.height))\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\""
      + " href=\"data:image/png;base64,\(file)\"/>\n"
  }

  // MARK: The file

  /// The finished file.
  package var file: String {
    let (w, h) = (Self.number(width), Self.number(height))
    var whole = self
    let ground = whole.paint(fill: .background)
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(w)\" height=\"\(h)\" viewBox=\"0 0 \(w) \(h)\" role=\"img\""
      + " font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n"
    if !title.isEmpty { text += "<title>\(Self.escaped(title))</title>\n" }
    text += whole.darkColors
    if !definitions.isEmpty { text += "<defs>\n\(definitions)</defs>\n" }
    return text + "<rect width=\"100%\" height=\"100%\"\(ground)/>\n" + body + "</svg>\n"
  }

  /// The colors that replace those of the elements where the reader's system is dark.
  private var darkColors: String {
    guard style == .automatic else { return "" }
    func rules(_ inks: Set<Ink>, _ property: String) -> [String] {
      inks.compactMap { ink in
        ink.className.map { ".\(property)-\($0) { \(property): \(ink.css(isDark: true)) }" }
      }.sorted()
    }
    let all = (rules(fills, "fill") + rules(strokes, "stroke")).joined(separator: "\n")
    return "<style>@media (prefers-color-scheme: dark) {\n\(all)\n}</style>\n"
  }
}
