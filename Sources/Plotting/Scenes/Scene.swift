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
  /// How many marks of bars stand side by side.
  let barMarks: Int

  init(_ chart: Chart) throws {
    var extents = Extents(isLogarithmicX: chart.x.scale == .logarithmic, isLogarithmicY: chart.y.scale == .logarithmic)
    var colors: [String: Ink] = [:]
    var next = 0
    var items: [Item] = []
    var entries: [String: Entry] = [:]
    var order: [String] = []
    var labels: [String] = []
    var barMarks = 0
    for mark in chart.marks {
      let form = try mark.form.get()
      let color: Ink
      if let asked = mark.color {
        color = .series(asked)
      } else if let known = colors[mark.name], !mark.name.isEmpty {
        color = known
      } else if form.isAnnotation {
        color = .faint
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
    legend = order.compactMap { entries[$0] }
    if !labels.isEmpty { extents.addX(-0.5, Double(labels.count) - 0.5) }
    let room = extents.hasDots ? 0.04...0.04 : 0.0...0.0
    x = try Scale(chart.x, name: "x", extent: extents.x, padding: labels.isEmpty ? room : 0...0)
    y = try Scale(chart.y, name: "y", extent: extents.y, padding: 0.06...0.06, base: extents.hasBars ? 0 : nil)
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

  fileprivate var isArea: Bool {
    switch self {
    case .band, .bars, .histogram: true
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
    case .points(let points, _):
      hasDots = true
      add(points.x, points.y)
    case .bars(let values, _):
      hasBars = true
      if !isLogarithmicY { addY(0) }
      for value in values { addY(value) }
    case .histogram(let histogram):
      hasBars = true
      for edge in histogram.edges { addX(edge, edge) }
      if !isLogarithmicY { addY(0) }
      for count in histogram.counts { addY(Double(count)) }
    case .level(let value, let isVertical): if isVertical { addX(value, value) } else { addY(value) }
    case .note(let noteX, let noteY, _):
      hasDots = true
      add([noteX], [noteY])
    }
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
