import DescentPlotting

extension CompilationStory {
  /// The layers as boxes, left to right, with what became of their nodes, below a bar for each pass.
  ///
  /// - Throws: `DrawingError` where Graphviz `dot`, which finds the layout, is missing or fails.
  public func svg() throws -> String {
    let boxes = layers.map { layer in
      let lines = Self.lines(layer)
      let widths = [SVG.width(of: layer.name, size: 13, isBold: true)] + lines.map { SVG.width(of: $0, size: 11) }
      return Layout.Box(width: max((widths.max() ?? 0) + 20, 150), height: 30 + Double(lines.count) * 15)
    }
    let layout = try Layout(boxes, flows.map { Layout.Line(from: $0.from, to: $0.to, label: nil) })
    let margin = 20.0
    let bars = passes
    let barArea = 66 + Double(bars.count) * 19
    let top = barArea + 40
    let wide = max(layout.width + 2 * margin, 900)
    var drawing = SVG(width: wide, height: layout.height + top + 44)
    drawing.text([("\(title): \(summary)", Palette.ink)], margin, 32, size: 16, anchor: "start", isBold: true)
    let largest = Double(bars.map { max($0.nodesBefore, $0.nodesAfter) }.max() ?? 1)
    var y = 62.0
    for pass in bars {
      drawing.text([(pass.name, Palette.ink)], margin + 90, y + 4, size: 12, anchor: "end")
      let (before, after) = (Double(pass.nodesBefore) / largest * 300, Double(pass.nodesAfter) / largest * 300)
      drawing.box(margin + 98, y - 7, before, 13, fill: "#e6eaf0")
      drawing.box(margin + 98, y - 7, after, 13, fill: pass.nodesAfter < pass.nodesBefore ? "#7ba7dd" : "#b7c3d3")
      let change = Self.list(pass.removed, most: 5)
      let more = Self.list(pass.added, most: 4)
      drawing.text(
        [
          ("\(pass.nodesBefore) → \(pass.nodesAfter)   ", Palette.ink),
          (change.isEmpty ? "" : "− " + change + "   ", Palette.local),
          (more.isEmpty ? "" : "+ " + more, Palette.back),
        ], margin + 98 + max(before, after) + 8, y + 4, size: 11, anchor: "start")
      y += 19
    }
    func moved(_ point: Point) -> Point { Point(x: point.x + margin, y: point.y + top) }
    for curve in layout.curves {
      drawing.curve(
        curve.points.map(moved), color: Palette.line, thickness: 1.1, marker: "marker-end=\"url(#forward)\"")
    }
    for ((layer, box), center) in zip(zip(layers, boxes), layout.centers.map(moved)) {
      let (fill, stroke) = Self.colors[layer.phase] ?? (.background, Palette.line)
      let (x, top) = (center.x - box.width / 2, center.y - box.height / 2)
      drawing.box(x, top, box.width, box.height, radius: 7, fill: fill, stroke: stroke, thickness: 1.3)
      drawing.text([(layer.name, Palette.ink)], center.x, top + 19, size: 13, isBold: true)
      for (place, line) in Self.lines(layer).enumerated() {
        drawing.text(
          [(line, place == 0 ? Palette.ink : Palette.faint)], center.x, top + 36 + Double(place) * 15, size: 11)
      }
    }
    drawing.text(
      [
        ("■ ", "#5b86c9"), ("forward   ", Palette.ink), ("■ ", "#c26a6a"), ("backward   ", Palette.ink),
        ("■ ", "#3f9c63"),
        ("update", Palette.ink),
      ], margin, layout.height + top + 28, size: 12, anchor: "start")
    drawing.defineArrows()
    return drawing.file
  }

  private static let colors: [String: (fill: Ink, stroke: Ink)] = [
    "forward": ("#eef4ff", "#5b86c9"), "backward": ("#fdf1f0", "#c26a6a"), "update": ("#edf8f0", "#3f9c63"),
  ]

  /// What stands in a layer's box.
  private static func lines(_ layer: Layer) -> [String] {
    let kernels = layer.kernels == 0 ? "" : layer.kernels == 1 ? ", 1 kernel" : ", \(layer.kernels) kernels"
    let sorted = layer.after.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    let shown = sorted.prefix(5).map { $0.value == 1 ? $0.key : "\($0.value) \($0.key)" }
    let rest = sorted.dropFirst(5).reduce(0) { $0 + $1.value }
    return ["\(layer.nodesBefore) → \(layer.nodesAfter) nodes\(kernels)"] + shown + (rest > 0 ? ["\(rest) more"] : [])
  }
}
