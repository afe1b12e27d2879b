import DescentData
import DescentFiles
import Foundation

extension ErrorRejectCurve {
  /// The curve as an SVG document: observed error rate among the accepted letters and its 95 % upper bound over the
  /// share of rejected letters, the error axis logarithmic.
  ///
  /// - Parameters:
  ///   - title: the line above the picture.
  ///   - operating: a point to be marked, the one at the threshold in use.
  ///   - target: an error rate to be drawn as a level.
  /// - Complexity: O(*n*).
  public func svg(title: String = "Error–reject curve", operating: Point? = nil, target: Double? = nil) -> String {
    let axis = CurveAxis(self, target: target)
    let plot = (x: 84.0, y: 64.0, width: 620.0, height: 340.0)
    func x(_ share: Double) -> String { coordinate(plot.x + plot.width * axis.horizontal(share)) }
    func y(_ rate: Double) -> String { coordinate(plot.y + plot.height * (1 - axis.vertical(rate))) }
    let right = coordinate(plot.x + plot.width)
    let left = coordinate(plot.x)
    let bottom = plot.y + plot.height

    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="740" height="480" viewBox="0 0 740 480" role="img" \
      font-family="system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="13" fill="#333">
      """,
      "<title>\(escaped(title))</title>",
      "<rect width=\"740\" height=\"480\" fill=\"#fff\"/>",
      "<text x=\"\(left)\" y=\"28\" font-size=\"17\" font-weight=\"600\" fill=\"#111\">\(escaped(title))</text>",
      "<text x=\"\(left)\" y=\"48\" fill=\"#666\">\(escaped(subtitle))</text>",
    ]
    for tick in axis.errorTicks {
      lines.append(
        "<path d=\"M\(left) \(y(tick))H\(right)\" stroke=\"#ddd\"/>"
          + "<text x=\"\(coordinate(plot.x - 8))\" y=\"\(y(tick))\" dy=\"4\" text-anchor=\"end\">"
          + "\(percent(tick))</text>")
    }
    for tick in axis.rejectTicks {
      lines.append(
        "<path d=\"M\(x(tick)) \(coordinate(plot.y))V\(coordinate(bottom))\" stroke=\"#eee\"/>"
          + "<text x=\"\(x(tick))\" y=\"\(coordinate(bottom + 19))\" text-anchor=\"middle\">\(percent(tick))</text>")
    }
    lines.append(
      "<text x=\"\(coordinate(plot.x + plot.width / 2))\" y=\"\(coordinate(bottom + 43))\" text-anchor=\"middle\">"
        + "letters rejected</text>")
    lines.append(
      "<text transform=\"translate(22 \(coordinate(plot.y + plot.height / 2))) rotate(-90)\" text-anchor=\"middle\">"
        + "wrong among the accepted</text>")

    let shown = axis.visiblePoints(of: self, columns: 620)
    let bounds = shown.filter { $0.accepted > 0 }.map { (x($0.rejectRate), y($0.upperBound)) }
    if let path = stepPath(bounds) {
      lines.append(
        "<path d=\"\(path)\" fill=\"none\" stroke=\"#7aa6d8\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"/>")
    }
    if let path = stepPath(shown.map { (x($0.rejectRate), y($0.errorRate)) }) {
      lines.append(
        "<path d=\"\(path)\" fill=\"none\" stroke=\"#12508f\" stroke-width=\"2.2\" stroke-linejoin=\"round\"/>")
    }
    if let target, target > 0 {
      lines.append(
        "<path d=\"M\(left) \(y(target))H\(right)\" stroke=\"#c0392b\" stroke-dasharray=\"2 3\" stroke-width=\"1.5\"/>"
          + "<text x=\"\(coordinate(plot.x + 6))\" y=\"\(y(target))\" dy=\"-5\" fill=\"#c0392b\">"
          + "wanted: \(percent(target))</text>")
    }
    if let operating, operating.accepted > 0, operating.rejectRate <= axis.rejectLimit {
      lines += marker(operating, x: x(operating.rejectRate), y: y(operating.errorRate), axis: axis)
    }
    lines.append(legend(x: plot.x + plot.width - 258, y: plot.y + 8))
    lines.append(
      "<rect x=\"\(left)\" y=\"\(coordinate(plot.y))\" width=\"\(coordinate(plot.width))\" "
        + "height=\"\(coordinate(plot.height))\" fill=\"none\" stroke=\"#999\"/>")
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private var subtitle: String {
    guard let first = points.first else { return "no letter was read" }
    return "\(total.grouped) letters; at the left edge \(percent(first.errorRate)) of \(first.accepted.grouped) "
      + "accepted are wrong; on the lower edge none is"
  }

  private func marker(_ point: Point, x: String, y: String, axis: CurveAxis) -> [String] {
    let text =
      "\(percent(point.rejectRate)) rejected, \(point.errors) of \(point.accepted.grouped) wrong, "
      + "at most \(percent(point.upperBound))"
    let isRight = axis.horizontal(point.rejectRate) > 0.5
    let isLow = axis.vertical(point.errorRate) < 0.1
    return [
      "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"5.5\" fill=\"#e67e22\" stroke=\"#fff\" stroke-width=\"1.5\"/>",
      "<text x=\"\(x)\" y=\"\(y)\" dx=\"\(isRight ? -10 : 10)\" dy=\"\(isLow ? -11 : 18)\" "
        + "text-anchor=\"\(isRight ? "end" : "start")\" paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"4\" "
        + "fill=\"#b85c00\">\(escaped(text))</text>",
    ]
  }

  private func legend(x: Double, y: Double) -> String {
    func entry(_ offset: Double, _ style: String, _ text: String) -> String {
      let height = coordinate(y + offset)
      return "<path d=\"M\(coordinate(x + 10)) \(height)h26\" fill=\"none\" \(style)/>"
        + "<text x=\"\(coordinate(x + 44))\" y=\"\(height)\" dy=\"4\">\(text)</text>"
    }
    return "<rect x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" width=\"250\" height=\"50\" fill=\"#fff\" "
      + "fill-opacity=\"0.9\" stroke=\"#ddd\"/>"
      + entry(16, "stroke=\"#12508f\" stroke-width=\"2.2\"", "observed")
      + entry(36, "stroke=\"#7aa6d8\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"", "95 % upper bound (one-sided)")
  }
}

/// A path through points that changes height only at them; nil where there are none.
private func stepPath(_ points: [(x: String, y: String)]) -> String? {
  guard let first = points.first else { return nil }
  return "M\(first.x) \(first.y)" + points.dropFirst().map { "H\($0.x)V\($0.y)" }.joined()
}

private func coordinate(_ value: Double) -> String { shortDecimal(value, places: 1) }

private func escaped(_ text: String) -> String {
  text.replacingOccurrences(of: "&", with: "&amp;")
    .replacingOccurrences(of: "<", with: "&lt;")
    .replacingOccurrences(of: ">", with: "&gt;")
}
