/// The part of a drawing between the axes, and how marks are drawn there.
struct PlotArea {
  let scene: Scene
  let frame: Frame

  func place(_ x: Double, _ y: Double) -> Point? {
    guard let across = scene.x.position(of: x), let up = scene.y.position(of: y) else { return nil }
    return Point(x: frame.x + across * frame.width, y: frame.bottom - up * frame.height)
  }

  /// The height at which bars begin: zero, or the lower edge where that is not shown.
  private var ground: Double {
    let share = scene.y.position(of: 0).map { min(max($0, 0), 1) } ?? 0
    return frame.bottom - share * frame.height
  }

  func draw(_ item: Scene.Item, in drawing: inout SVG) {
    switch item.form {
    case .line(let points, let kind): drawLine(points, kind, item, in: &drawing)
    case .band(let x, let low, let high): drawBand(x, low, high, item, in: &drawing)
    case .points(let points, let radius): drawPoints(points, radius, item, in: &drawing)
    case .shades(let points, let radius, let shades, let map): drawShades(points, radius, shades, map, in: &drawing)
    case .spans(let from, let to, let rows): drawSpans(from, to, rows, item, in: &drawing)
    case .bars(let values, _): drawBars(values, item, in: &drawing)
    case .histogram(let histogram): drawHistogram(histogram, item, in: &drawing)
    case .heatMap(let heatMap): drawHeatMap(heatMap, in: &drawing)
    case .field(let field): drawField(field, in: &drawing)
    case .contours(let contours): drawContours(contours, item, in: &drawing)
    case .level(let value, let isVertical): drawLevel(value, isVertical, item, in: &drawing)
    case .note: break
    }
  }

  // MARK: Curves

  private func drawLine(
    _ points: Chart.Mark.Points, _ kind: Chart.Mark.LineKind, _ item: Scene.Item, in drawing: inout SVG
  ) {
    let places = zip(points.x, points.y).lazy.map { place($0, $1) }
    let runs = kind == .path ? Self.unthinned(places) : Thinning.runs(places)
    var path = ""
    for run in runs {
      guard let first = run.first else { continue }
      path += "M\(Self.pair(first))"
      if run.count == 1 {
        // A point between two gaps would not be seen as a line.
        drawing.circle(first.x, first.y, radius: 1.8, fill: item.color)
      }
      for point in run.dropFirst() {
        path += kind == .steps ? "H\(SVG.number(point.x))V\(SVG.number(point.y))" : "L\(Self.pair(point))"
      }
    }
    drawing.path(path, stroke: item.color, thickness: 2, dashes: item.isDashed ? "6 4" : nil)
    guard kind == .path else { return }
    let all = runs.joined()
    for point in all.dropFirst().dropLast() { drawing.circle(point.x, point.y, radius: 2.2, fill: item.color) }
    if let first = all.first {
      drawing.circle(first.x, first.y, radius: 4.5, fill: .background, stroke: item.color, thickness: 2)
    }
    if let last = Array(all).last, all.count > 1 { drawing.circle(last.x, last.y, radius: 4.5, fill: item.color) }
  }

  private static func unthinned(_ places: some Sequence<Point?>) -> [[Point]] {
    var runs: [[Point]] = [[]]
    for place in places {
      if let place { runs[runs.count - 1].append(place) } else { runs.append([]) }
    }
    return runs.filter { !$0.isEmpty }
  }

  private static func pair(_ point: Point) -> String { "\(SVG.number(point.x)) \(SVG.number(point.y))" }

  private func drawBand(
    _ x: [Double], _ low: [Double], _ high: [Double], _ item: Scene.Item, in drawing: inout SVG
  ) {
    var path = ""
    var lower: [Point] = []
    var upper: [Point] = []
    func finish() {
      guard lower.count > 1 else { return }
      let edge = Thinning.runs(lower).joined().reversed() as [Point]
      let roof = Thinning.runs(upper).joined()
      path += "M" + (Array(roof) + edge).map(Self.pair).joined(separator: "L") + "Z"
    }
    for index in x.indices {
      if let below = place(x[index], low[index]), let above = place(x[index], high[index]) {
        lower.append(below)
        upper.append(above)
      } else {
        finish()
        (lower, upper) = ([], [])
      }
    }
    finish()
    drawing.path(path, fill: item.color, opacity: 0.2)
  }

  // MARK: Points

  private func drawPoints(
    _ points: Chart.Mark.Points, _ radius: Double, _ item: Scene.Item, in drawing: inout SVG
  ) {
    // Where many lie on each other they are seen through.
    let opacity = points.x.count > 2_000 ? 0.35 : points.x.count > 200 ? 0.6 : 0.85
    var seen: Set<Point> = []
    for (x, y) in zip(points.x, points.y) {
      guard let place = place(x, y) else { continue }
      let pixel = Point(x: (place.x * 2).rounded() / 2, y: (place.y * 2).rounded() / 2)
      guard seen.insert(pixel).inserted else { continue }
      drawing.circle(pixel.x, pixel.y, radius: radius, fill: item.color, opacity: opacity)
    }
  }

  private func drawShades(
    _ points: Chart.Mark.Points, _ radius: Double, _ shades: [Double], _ map: ColorMap, in drawing: inout SVG
  ) {
    for index in points.x.indices {
      guard let place = place(points.x[index], points.y[index]) else { continue }
      let color = map.color(of: shades[index]).css
      drawing.circle(place.x, place.y, radius: radius, fill: .fixed(color), stroke: .background, thickness: 0.5)
    }
  }

  // MARK: Bars

  private func drawSpans(
    _ from: [Double], _ to: [Double], _ rows: [Double], _ item: Scene.Item, in drawing: inout SVG
  ) {
    for index in from.indices {
      guard let start = place(from[index], rows[index] - 0.3), let end = place(to[index], rows[index] + 0.3) else {
        continue
      }
      // Neighbors in a row stay apart, and what is short is still seen.
      let width = max(abs(end.x - start.x) - 0.6, 1)
      drawing.box(
        min(start.x, end.x), min(start.y, end.y), width, max(abs(end.y - start.y), 1), fill: item.color, opacity: 0.85)
    }
  }

  private func drawBars(_ values: [Double], _ item: Scene.Item, in drawing: inout SVG) {
    let share = 0.8 / Double(max(scene.barMarks, 1))
    for (index, value) in values.enumerated() {
      let left = Double(index) - 0.4 + Double(item.place) * share
      guard let corner = place(left, value), let end = scene.x.position(of: left + share) else { continue }
      let right = frame.x + end * frame.width
      // Neighbors stay apart where there is room for a gap.
      let gap = right - corner.x > 4 && scene.barMarks > 1 ? 1.0 : 0.0
      drawing.box(
        corner.x, min(corner.y, ground), right - corner.x - gap, abs(ground - corner.y), fill: item.color,
        opacity: 0.85)
    }
  }

  private func drawHistogram(_ histogram: Histogram, _ item: Scene.Item, in drawing: inout SVG) {
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      guard let corner = place(histogram.edges[index], Double(count)),
        let end = scene.x.position(of: histogram.edges[index + 1])
      else { continue }
      let right = frame.x + end * frame.width
      let gap = right - corner.x > 4 ? 1.0 : 0.0
      // Several histograms lie over each other.
      drawing.box(
        corner.x, corner.y, right - corner.x - gap, ground - corner.y, fill: item.color, opacity: 0.6)
    }
  }

  // MARK: What helps to read

  private func drawLevel(_ value: Double, _ isVertical: Bool, _ item: Scene.Item, in drawing: inout SVG) {
    if isVertical {
      guard let share = scene.x.position(of: value), (0...1).contains(share) else { return }
      let x = frame.x + share * frame.width
      drawing.line(x, frame.y, x, frame.bottom, stroke: item.color, thickness: 1.5, dashes: "2 3")
    } else {
      guard let share = scene.y.position(of: value), (0...1).contains(share) else { return }
      let y = frame.bottom - share * frame.height
      drawing.line(frame.x, y, frame.right, y, stroke: item.color, thickness: 1.5, dashes: "2 3")
    }
  }

  /// Writes what a mark says beside itself.
  func annotate(_ item: Scene.Item, in drawing: inout SVG) {
    switch item.form {
    case .level(let value, let isVertical):
      guard !item.name.isEmpty else { return }
      if isVertical {
        guard let share = scene.x.position(of: value), (0...1).contains(share) else { return }
        let isRight = share > 0.7
        let x = frame.x + share * frame.width + (isRight ? -6 : 6)
        drawing.text(
          [(item.name, item.color)], x, frame.y + 14, size: 12, anchor: isRight ? "end" : "start", halo: true)
      } else {
        guard let share = scene.y.position(of: value), (0...1).contains(share) else { return }
        let y = frame.bottom - share * frame.height
        drawing.text(
          [(item.name, item.color)], frame.right - 6, share > 0.93 ? y + 15 : y - 6, size: 12, anchor: "end",
          halo: true)
      }
    case .note(let x, let y, let text):
      guard let place = place(x, y) else { return }
      let isRight = (place.x - frame.x) / frame.width > 0.5
      let isLow = (frame.bottom - place.y) / frame.height < 0.12
      let room = (isRight ? place.x - frame.x : frame.right - place.x) - 12
      drawing.circle(place.x, place.y, radius: 5, fill: item.color, stroke: .background, thickness: 1.5)
      drawing.text(
        [(SVG.clipped(text, to: max(room, 40), size: 12), .ink)], place.x + (isRight ? -10 : 10),
        place.y + (isLow ? -11 : 18), size: 12, anchor: isRight ? "end" : "start", halo: true)
    default: break
    }
  }
}
