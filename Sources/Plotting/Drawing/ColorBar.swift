/// What the colors of a field mean, beside it.
struct ColorBar: Sendable {
  let map: ColorMap
  let format: Chart.Axis.Format

  static let thickness = 14.0

  func ticks(length: Double) -> [Tick] {
    map.scale.ticks(most: max(Int(length / 40), 2), format: format) { ticks in
      length / Double(max(ticks.count, 1)) >= 18
    }.filter { !$0.label.isEmpty }
  }

  /// The room that the bar needs beside a chart of a height.
  func width(length: Double) -> Double {
    let widest = ticks(length: length).map { SVG.width(of: $0.label, size: 11) }.max() ?? 0
    return 16 + Self.thickness + 8 + widest
  }

  func draw(in drawing: inout SVG, right x: Double, _ plot: Frame) {
    let pieces = 48
    let height = plot.height / Double(pieces)
    for piece in 0..<pieces {
      let share = (Double(piece) + 0.5) / Double(pieces)
      drawing.box(
        x, plot.bottom - Double(piece + 1) * height, Self.thickness, height + 0.3,
        fill: .fixed(map.color(at: share).css))
    }
    drawing.box(x, plot.y, Self.thickness, plot.height, stroke: .frame)
    for tick in ticks(length: plot.height) {
      guard let share = map.scale.position(of: tick.value), (-0.001...1.001).contains(share) else { continue }
      let y = plot.bottom - share * plot.height
      drawing.line(x + Self.thickness, y, x + Self.thickness + 3, y, stroke: .frame)
      drawing.text([(tick.label, .faint)], x + Self.thickness + 6, y + 4, size: 11, anchor: "start")
    }
  }
}
