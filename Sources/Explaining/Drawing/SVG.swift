import DescentPlotting
import Foundation

extension SVG {
  /// Draws cubic Bézier curves one after the other, from a point through two control points to the next.
  mutating func curve(_ points: [Point], color: Ink, thickness: Double, marker: String, isDashed: Bool = false) {
    guard points.count >= 2 else { return }
    func pair(_ point: Point) -> String { "\(Self.number(point.x)),\(Self.number(point.y))" }
    var description = "M\(pair(points[0]))"
    var index = 1
    while index + 2 < points.count {
      description += " C\(pair(points[index])) \(pair(points[index + 1])) \(pair(points[index + 2]))"
      index += 3
    }
    while index < points.count {
      description += " L\(pair(points[index]))"
      index += 1
    }
    path(description, stroke: color, thickness: thickness, dashes: isDashed ? "4 3" : nil, marker: marker)
  }

  /// A picture of numbers: blue below zero, red above, white at zero; gray where nothing is negative.
  mutating func picture(_ rows: [[Double]], _ x: Double, _ y: Double, cell: Double, frame: Ink = "#b0b7c3") {
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
        box(x + Double(start) * cell, y + Double(i) * cell, Double(end - start) * cell, cell, fill: .fixed(shade))
        start = end
      }
    }
    box(x, y, Double(rows.first?.count ?? 0) * cell, Double(rows.count) * cell, stroke: frame)
  }

  /// Defines the heads of arrows: `url(#forward)` and `url(#back)`.
  mutating func defineArrows() {
    func arrow(_ name: String, _ color: String) -> String {
      "<marker id=\"\(name)\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\""
        + " orient=\"auto-start-reverse\"><path d=\"M0,0.8 L7.5,4 L0,7.2 z\" fill=\"\(color)\"/></marker>\n"
    }
    define(arrow("forward", Palette.lineColor) + arrow("back", Palette.backColor))
  }
}

/// The colors of drawings.
enum Palette {
  static let lineColor = "#8b95a5"
  static let backColor = "#c22f2f"
  static let ink: Ink = "#1c2430"
  static let faint: Ink = "#6b7686"
  static let line = Ink.fixed(lineColor)
  static let local: Ink = "#2458b3"
  static let back = Ink.fixed(backColor)
}
