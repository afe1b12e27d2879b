import Foundation

/// A drawing under construction.
struct SVG {
  private var body = ""
  let width: Double
  let height: Double

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// How wide a text is drawn at most: in DejaVu Sans, the widest of the fonts that readers may have.
  static func width(of text: String, size: Double, isBold: Bool = false) -> Double {
    let shares = text.reduce(0) { sum, character in
      let share: Double =
        switch character {
        case "i", "j", "l", "'": 0.315
        case ".", ",", "·", " ", "|", "(", ")", "[", "]", "f", "t", "r", "-", "/", "I", "J": 0.45
        case "w", "=", "+", "<", ">", "^", "~", "−", "∞", "±": 0.84
        case "m", "M", "W", "…", "←", "◀", "@", "%": 1.005
        default: character.isUppercase ? 0.79 : 0.652
        }
      return sum + share
    }
    return shares * size * (isBold ? 1.1 : 1)
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML has no way to write control characters.
      case _ where scalar.value < 0x20: result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  mutating func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, radius: Double = 0, fill: String,
    stroke: String = "none",
    thickness: Double = 1
  ) {
    body +=
      "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\""
      + " height=\"\(Self.number(height))\" rx=\"\(Self.number(radius))\" fill=\"\(fill)\" stroke=\"\(stroke)\""
      + " stroke-width=\"\(thickness)\"/>\n"
  }

  /// Writes pieces of text of several colors in one line.
  mutating func text(
    _ pieces: [(text: String, color: String)], _ x: Double, _ y: Double, size: Double = 12, anchor: String = "middle",
    weight: String = "normal"
  ) {
    let spans = pieces.filter { !$0.text.isEmpty }.map {
      "<tspan fill=\"\($0.color)\">\(Self.escaped($0.text))</tspan>"
    }
    guard !spans.isEmpty else { return }
    body +=
      "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(size)\" text-anchor=\"\(anchor)\""
      + " font-weight=\"\(weight)\" xml:space=\"preserve\">\(spans.joined())</text>\n"
  }

  mutating func curve(
    _ points: [Layout.Point], color: String, thickness: Double, marker: String, isDashed: Bool = false
  ) {
    guard points.count >= 2 else { return }
    func pair(_ point: Layout.Point) -> String { "\(Self.number(point.x)),\(Self.number(point.y))" }
    var path = "M\(pair(points[0]))"
    var index = 1
    while index + 2 < points.count {
      path += " C\(pair(points[index])) \(pair(points[index + 1])) \(pair(points[index + 2]))"
      index += 3
    }
    while index < points.count {
      path += " L\(pair(points[index]))"
      index += 1
    }
    body +=
      "<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(thickness)\""
      + (isDashed ? " stroke-dasharray=\"4 3\"" : "") + " \(marker)/>\n"
  }

  /// A picture of numbers: blue below zero, red above, white at zero; gray where nothing is negative.
  mutating func picture(_ rows: [[Double]], _ x: Double, _ y: Double, cell: Double, frame: String = "#b0b7c3") {
    let all = rows.joined().filter(\.isFinite)
    let largest = all.map(abs).max() ?? 0
    let isSigned = all.contains { $0 < 0 }
    let low = all.min() ?? 0
    let span = (all.max() ?? 0) - low
    func color(_ value: Double) -> String {
      guard value.isFinite else { return "#ff00ff" }
      if isSigned {
        let share = largest > 0 ? value / largest : 0
        let faded = Int((255 * (1 - abs(share))).rounded())
        return String(format: share < 0 ? "#%1$02x%1$02xff" : "#ff%1$02x%1$02x", faded)
      }
      let gray = Int((255 - 225 * (span > 0 ? (value - low) / span : 0)).rounded())
      return String(format: "#%1$02x%1$02x%1$02x", gray)
    }
    for (i, row) in rows.enumerated() {
      // Neighbors of one color are one rectangle.
      var start = 0
      while start < row.count {
        let shade = color(row[start])
        var end = start + 1
        while end < row.count, color(row[end]) == shade { end += 1 }
        body +=
          "<rect x=\"\(Self.number(x + Double(start) * cell))\" y=\"\(Self.number(y + Double(i) * cell))\""
          + " width=\"\(Self.number(Double(end - start) * cell))\" height=\"\(Self.number(cell))\" fill=\"\(shade)\"/>\n"
        start = end
      }
    }
    box(x, y, Double(rows.first?.count ?? 0) * cell, Double(rows.count) * cell, fill: "none", stroke: frame)
  }

  /// The finished file.
  var file: String {
    func arrow(_ name: String, _ color: String) -> String {
      "<marker id=\"\(name)\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\""
        + " orient=\"auto-start-reverse\"><path d=\"M0,0.8 L7.5,4 L0,7.2 z\" fill=\"\(color)\"/></marker>\n"
    }
    let (w, h) = (Self.number(width), Self.number(height))
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(w)\" height=\"\(h)\" viewBox=\"0 0 \(w) \(h)\""
      + " font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n<defs>\n"
      + arrow("forward", Palette.line) + arrow("back", Palette.back) + "</defs>\n"
      + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + body + "</svg>\n"
  }
}

/// The colors of drawings.
enum Palette {
  static let ink = "#1c2430"
  static let faint = "#6b7686"
  static let line = "#8b95a5"
  static let local = "#2458b3"
  static let back = "#c22f2f"
}
