import DescentPlotting

extension Explanation {
  /// The graph as a drawing, left to right: values flow to the right, and from the 1 that enters at the right derivatives
  /// flow back to the left.
  ///
  /// - Throws: `DrawingError` where Graphviz `dot`, which finds the layout, is missing or fails.
  public func svg() throws -> String { try withoutNumbers.drawn(title: heading) }

  /// Without the numbers of the program, which stand in the formulas already.
  private var withoutNumbers: Explanation {
    let kept = nodes.indices.filter { nodes[$0].role != .constant || nodes[$0].value.number == nil || $0 == result }
    var places: [Int: Int] = [:]
    for (place, index) in kept.enumerated() { places[index] = place }
    var less = self
    less.nodes = kept.map { nodes[$0] }
    less.edges = edges.compactMap { edge in
      guard let from = places[edge.from], let to = places[edge.to] else { return nil }
      var moved = edge
      (moved.from, moved.to) = (from, to)
      return moved
    }
    less.result = places[result] ?? 0
    return less
  }

  private func drawn(title: String) throws -> String {
    let leaving = Dictionary(grouping: edges.filter { $0.contribution != nil }, by: \.from)
    let cards = nodes.indices.map { Card(nodes[$0], isSum: (leaving[$0]?.count ?? 0) > 1) }
    let labels = edges.map { EdgeLabel($0) }
    // What enters at the right is a box of its own.
    let one = nodes.count
    var lines = zip(edges, labels).map { edge, label in
      Layout.Line(from: edge.from, to: edge.to, label: label.map { Layout.Box(width: $0.width, height: 36) })
    }
    lines.append(Layout.Line(from: result, to: one, label: nil))
    let boxes = cards.map { Layout.Box(width: $0.width, height: $0.height) } + [Layout.Box(width: 26, height: 26)]
    let layout = try Layout(boxes, lines)

    let legend = functions.map { "\($0.letter) = \($0.operation)" }.joined(separator: ", ")
    let feet = derivatives.prefix(Self.mostFootlines).map(footline)
    let margin = 20.0
    let titles = title.brokenAtSpaces(longest: 90)
    let head = 52 + Double(titles.count - 1) * 21
    let (top, bottom) = (legend.isEmpty ? head : head + 18, 56 + Double(feet.count) * 18)
    let widest =
      feet.map { SVG.width(of: $0.symbols + $0.value, size: 13) }
      + titles.map { SVG.width(of: $0, size: 16, isBold: true) } + [SVG.width(of: legend, size: 12), 480]
    var drawing = SVG(
      width: max(layout.width, widest.max() ?? 0) + 2 * margin, height: layout.height + top + bottom)
    for (number, line) in titles.enumerated() {
      drawing.text(
        [(line, Palette.ink)], margin, 32 + Double(number) * 21, size: 16, anchor: "start", isBold: true)
    }
    drawing.text([(legend, Palette.faint)], margin, head, anchor: "start")

    func moved(_ point: Point) -> Point { Point(x: point.x + margin, y: point.y + top) }
    for (index, curve) in layout.curves.enumerated() {
      let points = curve.points.map(moved)
      if index == edges.count {
        drawing.curve(points, color: Palette.back, thickness: 1.6, marker: "marker-start=\"url(#back)\"")
      } else if edges[index].contribution == nil {
        drawing.curve(
          points, color: Palette.line, thickness: 1, marker: "marker-end=\"url(#forward)\"", isDashed: true)
      } else {
        drawing.curve(points.shifted(-2), color: Palette.line, thickness: 1.3, marker: "marker-end=\"url(#forward)\"")
        drawing.curve(points.shifted(2), color: Palette.back, thickness: 1, marker: "marker-start=\"url(#back)\"")
      }
    }
    for (label, curve) in zip(labels, layout.curves) {
      if let label, let place = curve.label.map(moved) { label.draw(at: place, in: &drawing) }
    }
    for (card, center) in zip(cards, layout.centers) { card.draw(at: moved(center), in: &drawing) }
    let entry = moved(layout.centers[one])
    drawing.text([("1", Palette.back)], entry.x, entry.y + 6, size: 18, isBold: true)

    var y = layout.height + top + 28
    for foot in feet {
      drawing.text(
        [(foot.symbols, Palette.local), (foot.value, Palette.back)], margin, y, size: 13, anchor: "start")
      y += 18
    }
    drawing.text(
      [
        ("forward value   ", Palette.ink), ("stored local derivative   ", Palette.local),
        ("◀ back-propagated derivative", Palette.back),
      ], margin, y + 8, size: 11, anchor: "start")
    drawing.defineArrows()
    return drawing.file
  }

  private func footline(_ derivative: Derivative) -> (symbols: String, value: String) {
    let symbols = derivative.symbolText
    let value = derivative.value.line
    let middle = symbols.isEmpty || symbols == value || symbols.count > 120 ? "" : symbols + " = "
    return ("d\(resultName)/d\(derivative.name) = " + middle, value)
  }

  private static var mostFootlines: Int { 12 }
}

/// A node as a box: what it is, its value, what came back to it, and its picture.
private struct Card {
  private let lines: [(text: String, color: Ink, isBold: Bool)]
  private let picture: [[Double]]?
  private let back: [[Double]]?
  private let fill: Ink
  private let stroke: Ink
  private let cell: Double
  let width: Double
  let height: Double

  init(_ node: Explanation.Node, isSum: Bool) {
    let title = node.formula.isEmpty ? node.name : "\(node.name) = \(node.formula)"
    var lines = [(title.clipped(to: 44), Palette.ink, true)]
    if node.role != .constant || node.value.number == nil {
      lines += Self.value(node.value).map { ($0, Palette.ink, false) }
    }
    if let derivative = node.derivative {
      lines += Self.value(derivative, short: true).map { ((isSum ? "◀ Σ " : "◀ ") + $0, Palette.back, false) }
    }
    self.lines = lines
    let isEven = node.value.minimum == node.value.maximum && node.derivative == nil
    picture = isEven ? nil : node.value.picture
    back = node.derivative?.picture
    cell = picture.map { 56 / Double(max($0.count, $0.first?.count ?? 1, 4)) } ?? 0
    let pictureHeight = Double(picture?.count ?? 0) * cell
    let pictureWidth = Double(picture?.first?.count ?? 0) * cell * (back == nil ? 1 : 2) + 8
    let textWidth =
      lines.map { line in
        SVG.width(of: line.0, size: line.2 ? 13 : 12, isBold: line.2)
      }.max() ?? 0
    width = max(textWidth, pictureWidth, 22) + 20
    height = Double(lines.count) * 17 + 12 + (picture == nil ? 0 : pictureHeight + 6)
    switch node.role {
    case .argument: (fill, stroke) = ("#eef4ff", "#5b86c9")
    case .constant: (fill, stroke) = ("#f5f6f8", "#c3c9d3")
    case .inner: (fill, stroke) = ("#fffaf0", "#d6a94f")
    case .result: (fill, stroke) = ("#edf8f0", "#3f9c63")
    }
  }

  private static func value(_ numbers: TensorSummary, short: Bool = false) -> [String] {
    if let number = numbers.number { return [shortened(number)] }
    let size = "[" + numbers.shape.map(String.init).joined(separator: ", ") + "]"
    guard let minimum = numbers.minimum, let maximum = numbers.maximum else { return ["\(size) empty"] }
    let range =
      minimum == maximum ? "\(shortened(minimum)) everywhere" : "\(shortened(minimum)) … \(shortened(maximum))"
    return short ? ["norm \(shortened(numbers.norm))"] : [size, range]
  }

  func draw(at center: Point, in drawing: inout SVG) {
    let (x, y) = (center.x - width / 2, center.y - height / 2)
    drawing.box(x, y, width, height, radius: 7, fill: fill, stroke: stroke, thickness: 1.3)
    var line = y + 20
    for (text, color, isBold) in lines {
      drawing.text([(text, color)], center.x, line, size: isBold ? 13 : 12, isBold: isBold)
      line += 17
    }
    guard let picture else { return }
    let side = Double(picture.first?.count ?? 0) * cell
    drawing.picture(picture, back == nil ? center.x - side / 2 : center.x - side - 4, line - 10, cell: cell)
    if let back { drawing.picture(back, center.x + 4, line - 10, cell: cell, frame: Palette.back) }
  }
}

/// What is written on an edge: the local derivative that is stored, and what comes back.
private struct EdgeLabel {
  private let local: String
  private let back: String
  let width: Double

  init?(_ edge: Explanation.Edge) {
    guard let contribution = edge.contribution else { return nil }
    func short(_ numbers: TensorSummary) -> String {
      numbers.number.map(shortened) ?? numbers.short.split(separator: ",").first.map(String.init) ?? ""
    }
    let value = edge.local.map(short) ?? ""
    let symbol = edge.symbol.clipped(to: 24)
    local = edge.symbol == value || value.isEmpty ? symbol : "\(symbol) = \(value)"
    back = "◀ " + short(contribution)
    width = max(SVG.width(of: local, size: 11), SVG.width(of: back, size: 11)) + 10
  }

  func draw(at place: Point, in drawing: inout SVG) {
    drawing.text([(local, Palette.local)], place.x, place.y - 5, size: 11)
    drawing.text([(back, Palette.back)], place.x, place.y + 9, size: 11)
  }
}

extension String {
  /// The beginning of a text that is longer than a line.
  fileprivate func clipped(to length: Int) -> String { count > length ? prefix(length - 1) + "…" : self }

  /// Lines of words that are no longer than a length, where words allow it.
  fileprivate func brokenAtSpaces(longest: Int) -> [String] {
    var lines: [String] = []
    for word in split(separator: " ") {
      if let last = lines.last, last.count + word.count < longest {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.isEmpty ? [self] : lines
  }
}

extension [Point] {
  /// The curve moved sideways, so that two can run side by side.
  fileprivate func shifted(_ distance: Double) -> [Point] {
    guard let first, let last else { return self }
    let (dx, dy) = (last.x - first.x, last.y - first.y)
    let length = Swift.max((dx * dx + dy * dy).squareRoot(), 1)
    return map { Point(x: $0.x - dy / length * distance, y: $0.y + dx / length * distance) }
  }
}
