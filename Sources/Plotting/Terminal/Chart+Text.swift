import DescentFiles
import DescentTypes
import Foundation

extension Chart {
  /// The chart as text for a terminal: curves in dots of braille, bars in blocks.
  ///
  /// Without color, several curves are told apart by the characters that draw them.
  ///
  /// - Parameters:
  ///   - width: The columns that the text may take, at least 30.
  ///   - height: The rows between the axes, at least 4.
  ///   - color: Whether the terminal shows colors.
  /// - Throws: `TensorError` where a mark or an axis is wrong, or a tensor that is drawn carries an error.
  /// - Complexity: O(numbers).
  public func text(width: Int = 80, height: Int = 16, color: Bool = false) throws -> String {
    let scene = try Scene(self)
    let picture = TextChart(
      chart: self, scene: scene, width: min(max(width, 30), 1_000), height: min(max(height, 4), 1_000),
      paint: Paint(isOn: color))
    return picture.text
  }
}

extension Chart: CustomStringConvertible {
  /// The chart as text: as wide as the terminal that standard output leads to, and in color there; otherwise 80 columns,
  /// plain. What is wrong with a chart that cannot be drawn.
  public var description: String {
    do {
      return try text(
        width: Terminal.columns(of: STDOUT_FILENO) ?? 80, color: Terminal.showsColor(STDOUT_FILENO))
    } catch { return "Chart(error: \(error))" }
  }
}

/// A chart in characters.
private struct TextChart {
  let chart: Chart
  let scene: Scene
  let width: Int
  let height: Int
  let paint: Paint

  /// The characters of curves where there is no color.
  private static let glyphs: [Character] = ["•", "+", "×", "o", "*", "#", "%"]

  /// Whether curves are drawn by characters of their own.
  private var hasGlyphs: Bool {
    guard !paint.isOn else { return false }
    return Set(scene.items.filter { !$0.isAnnotation && !$0.isBlocks }.map(\.color)).count > 1
  }

  private func glyph(_ ink: Ink) -> Character {
    guard case .series(let index) = ink, index >= 0 else { return "·" }
    return Self.glyphs[index % Self.glyphs.count]
  }

  var text: String {
    let yTicks =
      scene.rowLabels.isEmpty
      ? scene.y.ticks(most: max(height / 3, 2), format: chart.y.format) { $0.count <= height / 2 + 1 }
        .filter { !$0.label.isEmpty }
      : scene.rowLabels.enumerated().map { Tick(value: Double($0), label: $1.onOneLine) }
    let labelWidth = min(yTicks.map(\.label.count).max() ?? 0, width / 3)
    var canvas = TextCanvas(columns: width - labelWidth - 2, rows: height)
    for item in scene.items { draw(item, on: &canvas) }

    var lines: [String] = []
    if !chart.title.isEmpty { lines.append(paint.bold(chart.title.onOneLine.cut(to: width))) }
    if !chart.subtitle.isEmpty { lines.append(paint.faint(chart.subtitle.onOneLine.cut(to: width))) }
    if chart.showsLegend { lines += legend }
    if let bar = scene.colorBar { lines.append(colors(bar)) }
    if !chart.y.title.isEmpty { lines.append(chart.y.title.onOneLine.cut(to: width)) }
    for (row, line) in canvas.lines(paint).enumerated() {
      let tick = yTicks.first { self.row(of: $0.value) == row }
      let label = (tick?.label ?? "").cut(to: labelWidth).padded(before: labelWidth)
      lines.append((label + (tick == nil ? " │" : " ┤") + line).trimmingEnd())
    }
    lines += axis(columns: canvas.columns, indent: labelWidth + 1)
    return lines.joined(separator: "\n") + "\n"
  }

  /// What the colors of a field mean.
  private func colors(_ bar: ColorBar) -> String {
    let ticks = bar.ticks(length: 200)
    return ticks.compactMap { tick -> String? in
      guard let share = bar.map.scale.position(of: tick.value) else { return nil }
      let sign = paint.isOn ? paint.painted("█", bar.map.color(at: share).code) : String(CellText.shade(share))
      return sign + " " + tick.label
    }.joined(separator: "  ")
  }

  private var legend: [String] {
    var lines: [String] = []
    var used = width
    for entry in scene.legend {
      let sign = entry.isArea ? "▇" : hasGlyphs ? String(glyph(entry.color)) : entry.isDots ? "•" : "──"
      let name = entry.name.onOneLine.cut(to: width - 5)
      let needed = sign.count + 1 + name.count + 3
      if used + needed - 3 > width {
        lines.append("")
        used = 0
      }
      lines[lines.count - 1] += paint.painted(sign, Paint.code(of: entry.color)) + " " + name + "   "
      used += needed
    }
    return lines.map { $0.trimmingEnd() }
  }

  private func axis(columns: Int, indent: Int) -> [String] {
    var ticks: [Tick]
    if scene.labels.isEmpty {
      ticks = scene.x.ticks(most: max(columns / 9, 2), format: chart.x.format) { ticks in
        var end = -2
        for tick in ticks {
          guard let share = scene.x.position(of: tick.value) else { continue }
          let start = Int((share * Double(columns - 1)).rounded()) - tick.label.count / 2
          if start < end + 2 { return false }
          end = start + tick.label.count
        }
        return true
      }.filter { !$0.label.isEmpty }
    } else {
      ticks = scene.labels.enumerated().map { Tick(value: Double($0), label: $1.onOneLine) }
    }
    var rule = [Character](repeating: "─", count: columns)
    var labels = [Character](repeating: " ", count: columns)
    let room = scene.labels.isEmpty ? columns : max(columns / max(ticks.count, 1) - 1, 1)
    var free = 0
    for tick in ticks {
      guard let share = scene.x.position(of: tick.value), (0...1).contains(share) else { continue }
      let place = Int((share * Double(columns - 1)).rounded())
      rule[place] = "┬"
      let text = Array(tick.label.cut(to: min(room, columns)))
      let start = min(max(place - text.count / 2, 0), columns - text.count)
      guard start >= free else { continue }
      labels.replaceSubrange(start..<(start + text.count), with: text)
      free = start + text.count + 1
    }
    let margin = String(repeating: " ", count: indent)
    var lines = [margin + "└" + String(rule), (margin + " " + String(labels)).trimmingEnd()]
    if !chart.x.title.isEmpty {
      let title = chart.x.title.onOneLine.cut(to: columns)
      lines.append(margin + String(repeating: " ", count: max((columns - title.count) / 2, 0) + 1) + title)
    }
    return lines
  }

  // MARK: Marks

  private func row(of value: Double) -> Int? {
    scene.y.position(of: value).map { Int(((1 - $0) * Double(4 * height - 1)).rounded()) / 4 }
  }

  private func dot(_ x: Double, _ y: Double, _ canvas: TextCanvas) -> (x: Int, y: Int)? {
    guard let across = scene.x.position(of: x), let up = scene.y.position(of: y) else { return nil }
    // Lines end soon beyond the edge, so that drawing them ends soon.
    let (a, b) = (min(max(across, -2), 3), min(max(up, -2), 3))
    return (
      Int((a * Double(canvas.width - 1)).rounded()), Int(((1 - b) * Double(canvas.height - 1)).rounded())
    )
  }

  private func draw(_ item: Scene.Item, on canvas: inout TextCanvas) {
    switch item.form {
    case .line(let points, let kind):
      var last: (x: Int, y: Int)?
      for (x, y) in zip(points.x, points.y) {
        let place = dot(x, y, canvas)
        if let place {
          if let last, kind == .steps {
            join(last, (place.x, last.y), item, on: &canvas)
            join((place.x, last.y), place, item, on: &canvas)
          } else {
            join(last ?? place, place, item, on: &canvas)
          }
        }
        last = place
      }
    case .band(let x, let low, let high):
      // Its edges would be taken for curves where signs alone tell these apart.
      guard !hasGlyphs else { return }
      for edge in [low, high] {
        for (a, b) in zip(x, edge) { if let place = dot(a, b, canvas) { set(place, item, on: &canvas) } }
      }
    case .spans(let from, let to, let rows):
      for index in rows.indices {
        guard let start = dot(from[index], rows[index], canvas), let end = dot(to[index], rows[index], canvas) else {
          continue
        }
        let (first, last) = (max(min(start.x, end.x) / 2, 0), min(max(start.x, end.x) / 2, canvas.columns - 1))
        guard first <= last, start.y >= 0 else { continue }
        for column in first...last { canvas.put("▇", column: column, row: start.y / 4, item.color) }
      }
    case .points(let points, _), .shades(let points, _, _, _):
      for (x, y) in zip(points.x, points.y) {
        if let place = dot(x, y, canvas) { set(place, item, on: &canvas) }
      }
    case .bars(let values, _):
      let share = 0.8 / Double(max(scene.barMarks, 1))
      for (index, value) in values.enumerated() {
        let left = Double(index) - 0.4 + Double(item.place) * share
        bar(left, left + share, value, item, on: &canvas)
      }
    case .histogram(let histogram):
      for (index, count) in histogram.counts.enumerated() where count > 0 {
        bar(histogram.edges[index], histogram.edges[index + 1], Double(count), item, on: &canvas)
      }
    case .heatMap(let heatMap): heatMap.draw(on: &canvas, hasColor: paint.isOn)
    case .field(let field): field.draw(on: &canvas, scene)
    case .contours(let contours):
      for line in contours.levels.flatMap(\.lines) {
        for (from, to) in zip(line, line.dropFirst()) {
          if let from = dot(from.x, from.y, canvas), let to = dot(to.x, to.y, canvas) {
            TextCanvas.line(fromX: from.x, y: from.y, toX: to.x, y: to.y) { canvas.set(x: $0, y: $1, .frame) }
          }
        }
      }
    case .level(let value, let isVertical):
      if isVertical, let share = scene.x.position(of: value), (0...1).contains(share) {
        let x = Int((share * Double(canvas.width - 1)).rounded())
        for y in stride(from: 0, to: canvas.height, by: 3) { canvas.set(x: x, y: y, item.color) }
      } else if !isVertical, let share = scene.y.position(of: value), (0...1).contains(share) {
        let y = Int(((1 - share) * Double(canvas.height - 1)).rounded())
        for x in stride(from: 0, to: canvas.width, by: 4) { canvas.set(x: x, y: y, item.color) }
        let name = item.name.onOneLine.cut(to: canvas.columns)
        canvas.write(name, column: canvas.columns - name.count, row: y / 4 == 0 ? 1 : y / 4 - 1, item.color)
      }
    case .note(let x, let y, let text):
      guard let place = dot(x, y, canvas) else { return }
      let (column, row) = (place.x / 2, place.y / 4)
      canvas.put("●", column: column, row: row, item.color)
      let note = text.onOneLine.cut(to: canvas.columns - 2)
      let start = column + 2 + note.count <= canvas.columns ? column + 2 : max(column - 1 - note.count, 0)
      canvas.write(note, column: start, row: row, item.color)
    }
  }

  private func set(_ place: (x: Int, y: Int), _ item: Scene.Item, on canvas: inout TextCanvas) {
    if hasGlyphs {
      guard place.x >= 0, place.y >= 0 else { return }
      canvas.put(glyph(item.color), column: place.x / 2, row: place.y / 4, item.color)
    } else {
      canvas.set(x: place.x, y: place.y, item.color)
    }
  }

  private func join(
    _ from: (x: Int, y: Int), _ to: (x: Int, y: Int), _ item: Scene.Item, on canvas: inout TextCanvas
  ) {
    var places: [(x: Int, y: Int)] = []
    TextCanvas.line(fromX: from.x, y: from.y, toX: to.x, y: to.y) { places.append(($0, $1)) }
    for (index, place) in places.enumerated() where !item.isDashed || (index / 3).isMultiple(of: 2) {
      set(place, item, on: &canvas)
    }
  }

  /// A bar of blocks, whose end is exact to an eighth of a row.
  private func bar(
    _ left: Double, _ right: Double, _ value: Double, _ item: Scene.Item, on canvas: inout TextCanvas
  ) {
    guard let up = scene.y.position(of: value), let from = scene.x.position(of: left),
      let to = scene.x.position(of: right)
    else { return }
    let columns = Double(canvas.columns)
    let first = Int((min(max(from, 0), 1) * columns).rounded())
    let last = max(Int((min(max(to, 0), 1) * columns).rounded()), first + 1)
    let ground = scene.y.position(of: 0).map { min(max($0, 0), 1) } ?? 0
    let most = Double(8 * canvas.rows)
    func eighths(_ share: Double) -> Int { Int((min(max(share, 0), 1) * most).rounded()) }
    let (low, high) = (eighths(min(up, ground)), eighths(max(up, ground)))
    let blocks = Array(" ▁▂▃▄▅▆▇█")
    for row in 0..<canvas.rows {
      let bottom = 8 * (canvas.rows - 1 - row)
      let filled = min(max(high - bottom, 0), 8)
      // Blocks grow upwards: where a bar hangs from above, its last row is whole.
      guard filled > 0, low < bottom + 8 else { continue }
      for column in first..<min(last, canvas.columns) {
        canvas.put(blocks[low > bottom ? 8 : filled], column: column, row: row, item.color)
      }
    }
  }
}

extension Scene.Item {
  fileprivate var isAnnotation: Bool {
    switch form {
    case .level, .note: true
    default: false
    }
  }

  fileprivate var isBlocks: Bool {
    switch form {
    case .bars, .histogram, .heatMap, .field, .contours, .spans: true
    default: false
    }
  }
}
