extension Chart {
  /// Draws the chart into a part of a drawing.
  func draw(in drawing: inout SVG, _ frame: Frame) throws {
    let scene = try Scene(self)
    let layout = ChartLayout(self, scene, frame)
    layout.drawTitles(in: &drawing)
    layout.drawGrid(in: &drawing)
    let isClipped = x.range != nil || y.range != nil
    if isClipped { drawing.beginClip(layout.plot) }
    let origin = isClipped ? Frame(x: 0, y: 0, width: layout.plot.width, height: layout.plot.height) : layout.plot
    let plot = PlotArea(scene: scene, frame: origin)
    for item in scene.items { plot.draw(item, in: &drawing) }
    if isClipped { drawing.endClip() }
    layout.drawAxes(in: &drawing)
    scene.colorBar?.draw(in: &drawing, right: layout.plot.right + 16, layout.plot)
    for item in scene.items { PlotArea(scene: scene, frame: layout.plot).annotate(item, in: &drawing) }
  }
}

/// Where the parts of a chart lie in a drawing.
private struct ChartLayout {
  static let tickSize = 12.0
  static let titleSize = 17.0

  let chart: Chart
  let frame: Frame
  /// The part between the axes.
  let plot: Frame
  let xTicks: [(place: Double, tick: Tick)]
  let yTicks: [(place: Double, tick: Tick)]
  private let scene: Scene
  private let areLabelsTurned: Bool
  /// The room that labels take beyond that of a line.
  private let labelsBelow: Double
  private let legendRows: [[(entry: Scene.Entry, name: String, x: Double)]]
  private let legendTop: Double
  private let titleRows: [(text: String, y: Double, isTitle: Bool)]

  init(_ chart: Chart, _ scene: Scene, _ frame: Frame) {
    self.chart = chart
    self.frame = frame
    self.scene = scene
    var top = frame.y + 14
    var rows: [(text: String, y: Double, isTitle: Bool)] = []
    if !chart.title.isEmpty {
      rows.append((chart.title, top + 16, true))
      top += 24
    }
    if !chart.subtitle.isEmpty {
      rows.append((chart.subtitle, top + 12, false))
      top += 20
    }
    titleRows = rows
    legendTop = top
    legendRows = chart.showsLegend ? Self.legend(scene.legend, room: frame.width - 40) : []
    top += Double(legendRows.count) * 20
    top += top > frame.y + 14 ? 8 : 4

    // The labels upwards take room from the axis to the right, whose labels may take some below.
    let roomBelow = chart.x.title.isEmpty ? 34.0 : 56.0
    let guess = max(frame.bottom - roomBelow - top, 20)
    let yTicks = Self.yTicks(chart, scene, height: guess)
    let widest = yTicks.map { SVG.width(of: $0.label, size: Self.tickSize) }.max() ?? 0
    let left = frame.x + (chart.y.title.isEmpty ? 14 : 36) + min(widest, frame.width / 3) + 8
    let right = frame.right - 24 - (scene.colorBar?.width(length: guess) ?? 0)
    var width = max(right - left, 20)
    var squareHeight: Double?
    if let proportion = scene.proportion {
      // Cells of a matrix are squares.
      let side = min(width / proportion, guess)
      (width, squareHeight) = (side * proportion, side)
    }
    var turned = false
    let xTicks: [Tick]
    if scene.labels.isEmpty {
      xTicks = scene.x.ticks(most: max(Int(width / 70), 2), format: chart.x.format) { ticks in
        Self.fit(ticks, scale: scene.x, length: width)
      }
    } else {
      let share = width / Double(scene.labels.count)
      let widestLabel = scene.labels.map { SVG.width(of: $0, size: Self.tickSize) }.max() ?? 0
      turned = widestLabel > share - 6
      // Turned labels need a line's height each; where there is not even that, some are left out.
      let every = turned ? max(Int((15 / share).rounded(.up)), 1) : 1
      xTicks = scene.labels.enumerated().compactMap { index, label in
        index.isMultiple(of: every) ? Tick(value: Double(index), label: label) : nil
      }
    }
    areLabelsTurned = turned
    let longest = xTicks.map { SVG.width(of: $0.label, size: Self.tickSize) }.max() ?? 0
    labelsBelow = turned ? min(longest, 120) * 0.7 : 0
    let below = roomBelow + labelsBelow
    let bottom = max(frame.bottom - below, top + 20)
    if let height = squareHeight, height > bottom - top, let proportion = scene.proportion {
      squareHeight = bottom - top
      width = (bottom - top) * proportion
    }
    let plot = Frame(x: left, y: top, width: width, height: squareHeight ?? bottom - top)
    self.plot = plot
    self.xTicks = xTicks.compactMap { tick in
      scene.x.position(of: tick.value).map { (plot.x + $0 * plot.width, tick) }
    }
    self.yTicks = yTicks.compactMap { tick in
      scene.y.position(of: tick.value).map { (plot.bottom - $0 * plot.height, tick) }
    }
  }

  private static func yTicks(_ chart: Chart, _ scene: Scene, height: Double) -> [Tick] {
    guard scene.rowLabels.isEmpty else {
      let every = max(Int((tickSize * 1.2 * Double(scene.rowLabels.count) / height).rounded(.up)), 1)
      return scene.rowLabels.enumerated().compactMap { index, label in
        index.isMultiple(of: every) ? Tick(value: Double(index), label: label) : nil
      }
    }
    return scene.y.ticks(most: max(Int(height / 44), 2), format: chart.y.format) { ticks in
      height / Double(max(ticks.count, 1)) >= tickSize * 1.4
    }
  }

  /// Whether labels stand apart from each other.
  private static func fit(_ ticks: [Tick], scale: Scale, length: Double) -> Bool {
    var end = -Double.infinity
    for tick in ticks {
      guard let place = scale.position(of: tick.value) else { continue }
      let half = SVG.width(of: tick.label, size: tickSize) / 2
      if place * length - half < end + 8 { return false }
      end = place * length + half
    }
    return true
  }

  private static func legend(
    _ entries: [Scene.Entry], room: Double
  ) -> [[(entry: Scene.Entry, name: String, x: Double)]] {
    var rows: [[(entry: Scene.Entry, name: String, x: Double)]] = []
    var x = 0.0
    for entry in entries {
      let name = SVG.clipped(entry.name, to: max(room - 30, 40), size: 12)
      let width = 28 + SVG.width(of: name, size: 12) + 18
      if rows.isEmpty || x + width - 18 > room {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((entry, name, x))
      x += width
    }
    return rows
  }

  // MARK: Drawing

  func drawTitles(in drawing: inout SVG) {
    for (text, y, isTitle) in titleRows {
      let size = isTitle ? Self.titleSize : 13
      let shown = SVG.clipped(text, to: frame.width - 40, size: size, isBold: isTitle)
      drawing.text(
        [(shown, isTitle ? .ink : .faint)], frame.x + 20, y, size: size, anchor: "start", isBold: isTitle)
    }
    for (row, entries) in legendRows.enumerated() {
      let y = legendTop + Double(row) * 20 + 11
      for (entry, name, offset) in entries {
        let x = frame.x + 20 + offset
        if entry.isArea {
          drawing.box(x + 4, y - 6, 14, 12, radius: 2, fill: entry.color, opacity: 0.85)
        } else if entry.isDots {
          drawing.circle(x + 11, y, radius: 4, fill: entry.color)
        } else {
          drawing.line(x, y, x + 22, y, stroke: entry.color, thickness: 2.4, dashes: entry.isDashed ? "6 4" : nil)
        }
        drawing.text([(name, .ink)], x + 28, y + 4, size: 12, anchor: "start")
      }
    }
  }

  func drawGrid(in drawing: inout SVG) {
    guard chart.marks.allSatisfy({ !$0.isField }) else { return }
    for (y, tick) in yTicks where !tick.label.isEmpty { drawing.line(plot.x, y, plot.right, y, stroke: .grid) }
    // Bars have no lines between them.
    guard xTicks.isEmpty || chart.marks.allSatisfy({ !$0.isBars }) else { return }
    for (x, tick) in xTicks where !tick.label.isEmpty { drawing.line(x, plot.y, x, plot.bottom, stroke: .grid) }
  }

  func drawAxes(in drawing: inout SVG) {
    drawing.line(plot.x, plot.bottom, plot.right, plot.bottom, stroke: .frame)
    drawing.line(plot.x, plot.y, plot.x, plot.bottom, stroke: .frame)
    let size = Self.tickSize
    for (y, tick) in yTicks {
      drawing.line(plot.x - (tick.label.isEmpty ? 3 : 5), y, plot.x, y, stroke: .frame)
      let room = plot.x - frame.x - 12
      let label = SVG.clipped(tick.label, to: room, size: size)
      drawing.text([(label, .faint)], plot.x - 8, y + 4, size: size, anchor: "end")
    }
    for (x, tick) in xTicks {
      drawing.line(x, plot.bottom, x, plot.bottom + (tick.label.isEmpty ? 3 : 5), stroke: .frame)
      if areLabelsTurned {
        let label = SVG.clipped(tick.label, to: 120, size: size)
        drawing.text([(label, .faint)], x + 4, plot.bottom + 16, size: size, anchor: "end", angle: -45)
      } else {
        drawing.text([(tick.label, .faint)], x, plot.bottom + 19, size: size)
      }
    }
    if !chart.x.title.isEmpty {
      // A chart of square cells may end above the frame.
      let titleBelow = scene.proportion == nil ? frame.bottom - 12 : plot.bottom + labelsBelow + 38
      let title = SVG.clipped(chart.x.title, to: plot.width, size: 13)
      drawing.text([(title, .ink)], plot.x + plot.width / 2, titleBelow, size: 13)
    }
    if !chart.y.title.isEmpty {
      let title = SVG.clipped(chart.y.title, to: plot.height + 40, size: 13)
      drawing.text([(title, .ink)], frame.x + 22, plot.y + plot.height / 2, size: 13, angle: -90)
    }
  }
}

extension Chart.Mark {
  /// Whether it covers all between the axes.
  fileprivate var isField: Bool {
    switch form {
    case .success(.heatMap), .success(.field): true
    default: false
    }
  }

  fileprivate var isBars: Bool { if case .success(.bars) = form { true } else { false } }
}
