import DescentTensors

/// Many numbers of each of several things, as a line for each thing over an upright axis for each number: settings with
/// what came of them.
///
/// ```swift
/// let picture = ParallelCoordinates("Trials", [.init("rate", rates, .logarithmic), .init("error", errors)])
/// try picture.write(to: "trials.svg")
/// ```
///
/// Lines have the color of their number on the last axis, and those that are drawn later lie above: by default the smaller.
/// Where a number is missing, the line has a gap.
public struct ParallelCoordinates: Sendable {
  /// One of the upright axes.
  public struct Axis: Sendable {
    /// What is written above the axis.
    public var title: String
    /// Each thing's number; NaN for none.
    public var values: [Double]
    /// How numbers become distances.
    public var scale: Chart.Axis.Scale
    /// What is written at 0, 1, 2 and so on, in place of numbers; nothing for numbers.
    public var labels: [String]

    /// Makes an axis.
    ///
    /// - Parameters:
    ///   - title: What is written above the axis.
    ///   - values: Each thing's number; NaN for none.
    ///   - scale: How numbers become distances.
    ///   - labels: What is written at 0, 1, 2 and so on, in place of numbers.
    public init(
      _ title: String, _ values: [Double], _ scale: Chart.Axis.Scale = .linear, labels: [String] = []
    ) {
      self.title = title
      self.values = values
      self.scale = scale
      self.labels = labels
    }
  }

  /// The line above the picture.
  public var title: String
  /// The axes, from the left.
  public var axes: [Axis]
  /// Whether small numbers on the last axis are good: these lie above the others.
  public var isMinimized: Bool
  /// The width of the SVG document in pixels.
  public var width: Double
  /// The height of the SVG document in pixels.
  public var height: Double

  /// Makes a picture.
  ///
  /// - Parameters:
  ///   - title: The line above the picture.
  ///   - axes: The axes, from the left, all with a number for each thing.
  ///   - minimized: Whether small numbers on the last axis are good.
  ///   - width: The width of the SVG document in pixels, within 160 and 10,000.
  ///   - height: The height of the SVG document in pixels, within 120 and 10,000.
  public init(
    _ title: String = "", _ axes: [Axis], minimized: Bool = true, width: Double = 720, height: Double = 440
  ) {
    self.title = title
    self.axes = axes
    isMinimized = minimized
    self.width = width
    self.height = height
  }

  /// The picture as an SVG document.
  ///
  /// - Throws: `TensorError` where axes have different counts, or a size is not possible.
  /// - Complexity: O(numbers).
  public func svg(style: Chart.Style = .automatic) throws -> String {
    var drawing = SVG(
      width: try Chart.checkedSize(width, 160), height: try Chart.checkedSize(height, 120), style: style)
    drawing.title = title
    let count = axes.first?.values.count ?? 0
    for axis in axes where axis.values.count != count {
      throw TensorError(
        "ParallelCoordinates", "the axis \(axis.title) has \(axis.values.count) numbers, the first \(count)")
    }
    if !title.isEmpty {
      let shown = SVG.clipped(title, to: width - 40, size: 17, isBold: true)
      drawing.text([(shown, .ink)], 20, 30, size: 17, anchor: "start", isBold: true)
    }
    guard let last = axes.last else { return drawing.file }
    let top = title.isEmpty ? 44.0 : 72
    let scales = try axes.map { axis in
      let drawn = axis.values.filter { $0.isDrawable(logarithmically: axis.scale == .logarithmic) }
      var extent: ClosedRange<Double>?
      if let low = drawn.min(), let high = drawn.max() { extent = low...high }
      if !axis.labels.isEmpty { extent = -0.5...Double(axis.labels.count) - 0.5 }
      return try Scale(
        Chart.Axis(axis.title, axis.scale), name: axis.title, extent: extent,
        padding: axis.labels.isEmpty ? 0.02...0.02 : 0...0)
    }
    let map = try ColorMap(last.values, .sequential, scale: last.scale, range: nil)
    let bar = ColorBar(map: map, format: .number)
    let frame = Frame(x: 60, y: top, width: 0, height: max(height - top - 24, 20))
    let room = max(width - 60 - 40 - bar.width(length: frame.height), 20)
    let step = axes.count > 1 ? room / Double(axes.count - 1) : 0
    draw(lines: count, scales, map, frame, step, in: &drawing)
    for (index, axis) in axes.enumerated() {
      draw(axis, scales[index], x: frame.x + Double(index) * step, frame, room: max(step, 60), in: &drawing)
    }
    bar.draw(
      in: &drawing, right: frame.x + Double(axes.count - 1) * step + 36,
      Frame(x: frame.x, y: frame.y, width: room, height: frame.height))
    return drawing.file
  }

  private func draw(
    lines count: Int, _ scales: [Scale], _ map: ColorMap, _ frame: Frame, _ step: Double, in drawing: inout SVG
  ) {
    let results = axes[axes.count - 1].values
    func rank(_ row: Int) -> Double {
      let value = results[row]
      return value.isNaN ? -.infinity : isMinimized ? -value : value
    }
    for row in (0..<count).sorted(by: { (rank($0), $0) < (rank($1), $1) }) {
      var path = ""
      var isOpen = false
      for (index, axis) in axes.enumerated() {
        guard let share = scales[index].position(of: axis.values[row]) else {
          isOpen = false
          continue
        }
        let (x, y) = (frame.x + Double(index) * step, frame.bottom - share * frame.height)
        path += (isOpen ? "L" : "M") + "\(SVG.number(x)) \(SVG.number(y))"
        isOpen = true
      }
      let color: Ink = results[row].isNaN ? .frame : .fixed(map.color(of: results[row]).css)
      drawing.path(path, stroke: color, thickness: 1.3, opacity: count > 200 ? 0.5 : 0.75)
    }
  }

  private func draw(
    _ axis: Axis, _ scale: Scale, x: Double, _ frame: Frame, room: Double, in drawing: inout SVG
  ) {
    drawing.line(x, frame.y, x, frame.bottom, stroke: .frame, thickness: 1.5)
    drawing.text([(SVG.clipped(axis.title, to: room - 8, size: 12), .ink)], x, frame.y - 12, size: 12, isBold: true)
    let ticks =
      axis.labels.isEmpty
      ? scale.ticks(most: max(Int(frame.height / 60), 2), format: .number) { ticks in
        frame.height / Double(max(ticks.count, 1)) >= 18
      }
      : axis.labels.enumerated().map { Tick(value: Double($0), label: $1) }
    for tick in ticks where !tick.label.isEmpty {
      guard let share = scale.position(of: tick.value), (-0.001...1.001).contains(share) else { continue }
      let y = frame.bottom - share * frame.height
      drawing.line(x - 4, y, x, y, stroke: .frame)
      let label = SVG.clipped(tick.label, to: max(room - 20, 30), size: 11)
      drawing.text([(label, .faint)], x - 7, y + 4, size: 11, anchor: "end", halo: true)
    }
  }

  /// Writes the picture to an SVG file.
  ///
  /// - Throws: `TensorError` like ``svg(style:)``; `FileError` where the file cannot be written or its name does not end
  ///   with `.svg`.
  public func write(to path: String, style: Chart.Style = .automatic) throws {
    try ChartFile.write(
      path, svg: { try svg(style: style) },
      text: {
        throw TensorError("ParallelCoordinates", "the picture is written as .svg alone")
      })
  }
}
