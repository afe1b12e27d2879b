import DescentTensors

/// A chart's marks with their colors, and the scales that fit them: what both the drawing and the text are made of.
struct Scene: Sendable {
  struct Item: Sendable {
    let form: Chart.Mark.Form
    let name: String
    let color: Ink
    let isDashed: Bool
    /// Of marks of bars, which one it is.
    let place: Int
  }

  struct Entry: Sendable {
    let name: String
    let color: Ink
    let isDashed: Bool
    let isArea: Bool
    let isDots: Bool
  }

  let items: [Item]
  let legend: [Entry]
  let x: Scale
  let y: Scale
  /// What is written below the bars.
  let labels: [String]
  /// What is written beside the rows of a matrix.
  let rowLabels: [String]
  /// The columns of a matrix over its rows, whose cells are squares.
  let proportion: Double?
  /// The colors of the last field, and how their numbers are written.
  let colorBar: ColorBar?
  /// How many marks of bars stand side by side.
  let barMarks: Int

  init(_ chart: Chart) throws {
    var extents = Extents(isLogarithmicX: chart.x.scale == .logarithmic, isLogarithmicY: chart.y.scale == .logarithmic)
    var colors: [String: Ink] = [:]
    var next = 0
    var items: [Item] = []
    var entries: [String: Entry] = [:]
    var order: [String] = []
    var labels = chart.x.labels
    var barMarks = 0
    var rowLabels = chart.y.labels
    var proportion: Double?
    var colorBar: ColorBar?
    for mark in chart.marks {
      let form = try mark.form.get()
      let color: Ink
      if let asked = mark.color {
        color = .series(asked)
      } else if let known = colors[mark.name], !mark.name.isEmpty {
        color = known
      } else if form.isAnnotation {
        color = .faint
      } else if form.isField {
        color = .frame
      } else {
        color = .series(next)
        next += 1
      }
      if !mark.name.isEmpty, colors[mark.name] == nil { colors[mark.name] = color }
      var place = 0
      if case .bars(_, let own) = form {
        place = barMarks
        barMarks += 1
        if own.count > labels.count { labels = own }
      }
      switch form {
      case .heatMap(let heatMap):
        if !heatMap.columns.isEmpty { labels = heatMap.columns }
        if !heatMap.rows.isEmpty { rowLabels = heatMap.rows }
        let ratio = Double(heatMap.grid.columns) / Double(max(heatMap.grid.rows, 1))
        if (0.25...4).contains(ratio) { proportion = ratio }
        colorBar = ColorBar(map: heatMap.map, format: heatMap.format)
      case .shades(_, _, _, let map): colorBar = ColorBar(map: map, format: .number)
      case .field(let field): colorBar = ColorBar(map: field.map, format: .number)
      default: break
      }
      items.append(Item(form: form, name: mark.name, color: color, isDashed: mark.isDashed, place: place))
      if !mark.name.isEmpty, !form.isAnnotation {
        let entry = Entry(
          name: mark.name, color: color, isDashed: mark.isDashed, isArea: form.isArea, isDots: form.isDots)
        if let known = entries[mark.name] {
          // The curve speaks for the band around it.
          if known.isArea, !entry.isArea { entries[mark.name] = entry }
        } else {
          order.append(mark.name)
          entries[mark.name] = entry
        }
      }
      extents.add(form)
    }
    self.items = items
    self.labels = labels
    self.barMarks = barMarks
    self.rowLabels = rowLabels
    self.proportion = proportion
    self.colorBar = colorBar
    legend = order.compactMap { entries[$0] }
    if barMarks > 0 || !chart.x.labels.isEmpty { extents.addX(-0.5, Double(labels.count) - 0.5) }
    if !chart.y.labels.isEmpty {
      extents.addY(-0.5)
      extents.addY(Double(rowLabels.count) - 0.5)
    }
    let isWhole = !labels.isEmpty || extents.isFilled
    let sides = extents.hasDots && !isWhole ? 0.04...0.04 : 0.0...0.0
    x = try Scale(chart.x, name: "x", extent: extents.x, padding: sides)
    y = try Scale(
      chart.y, name: "y", extent: extents.y,
      padding: extents.isFilled || !chart.y.labels.isEmpty ? 0...0 : 0.06...0.06, base: extents.hasBars ? 0 : nil,
      isReversed: extents.hasRows || !chart.y.labels.isEmpty)
  }
}

extension Chart.Mark.Form {
  /// Whether it is named where it stands rather than in the legend.
  fileprivate var isAnnotation: Bool {
    switch self {
    case .level, .note: true
    default: false
    }
  }

  /// Whether it has colors of its own, or is drawn so that what lies above it is seen.
  fileprivate var isField: Bool {
    switch self {
    case .heatMap, .field, .contours, .shades: true
    default: false
    }
  }

  fileprivate var isArea: Bool {
    switch self {
    case .band, .bars, .histogram, .spans: true
    default: false
    }
  }

  fileprivate var isDots: Bool { if case .points = self { true } else { false } }
}

/// The least and the largest of what is drawn.
private struct Extents {
  let isLogarithmicX: Bool
  let isLogarithmicY: Bool
  private(set) var x: ClosedRange<Double>?
  private(set) var y: ClosedRange<Double>?
  private(set) var hasDots = false
  private(set) var hasBars = false
  /// Whether a field reaches the edges.
  private(set) var isFilled = false
  /// Whether row 0 of a matrix is at the top.
  private(set) var hasRows = false

  init(isLogarithmicX: Bool, isLogarithmicY: Bool) {
    self.isLogarithmicX = isLogarithmicX
    self.isLogarithmicY = isLogarithmicY
  }

  mutating func add(_ form: Chart.Mark.Form) {
    switch form {
    case .line(let points, let kind):
      if kind == .path { hasDots = true }
      add(points.x, points.y)
    case .band(let places, let low, let high):
      add(places, low)
      add(places, high)
    case .points(let points, _), .shades(let points, _, _, _):
      hasDots = true
      add(points.x, points.y)
    case .spans(let from, let to, let rows):
      add(from, rows)
      add(to, rows)
    case .bars(let values, _):
      hasBars = true
      if !isLogarithmicY { addY(0) }
      for value in values { addY(value) }
    case .histogram(let histogram):
      hasBars = true
      for edge in histogram.edges { addX(edge, edge) }
      if !isLogarithmicY { addY(0) }
      for count in histogram.counts { addY(Double(count)) }
    case .heatMap(let heatMap):
      (isFilled, hasRows) = (true, true)
      guard heatMap.grid.rows > 0 else { return }
      addX(-0.5, Double(heatMap.grid.columns) - 0.5)
      addY(-0.5)
      addY(Double(heatMap.grid.rows) - 0.5)
    case .field(let field):
      isFilled = true
      add(field.region)
    case .contours(let contours):
      isFilled = true
      add(contours.region)
    case .level(let value, let isVertical): if isVertical { addX(value, value) } else { addY(value) }
    case .note(let noteX, let noteY, _):
      hasDots = true
      add([noteX], [noteY])
    }
  }

  private mutating func add(_ region: Region) {
    addX(region.x.lowerBound, region.x.upperBound)
    addY(region.y.lowerBound)
    addY(region.y.upperBound)
  }

  /// Points of which one coordinate cannot be drawn count for neither axis.
  private mutating func add(_ xs: [Double], _ ys: [Double]) {
    for (a, b) in zip(xs, ys)
    where a.isDrawable(logarithmically: isLogarithmicX) && b.isDrawable(logarithmically: isLogarithmicY) {
      addX(a, a)
      addY(b)
    }
  }

  mutating func addX(_ low: Double, _ high: Double) {
    guard low.isDrawable(logarithmically: isLogarithmicX), high.isDrawable(logarithmically: isLogarithmicX) else {
      return
    }
    x = x.map { min($0.lowerBound, low)...max($0.upperBound, high) } ?? low...high
  }

  mutating func addY(_ value: Double) {
    guard value.isDrawable(logarithmically: isLogarithmicY) else { return }
    y = y.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
  }
}
