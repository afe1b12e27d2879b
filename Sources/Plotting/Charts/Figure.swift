import DescentFiles
import DescentTensors
import DescentTypes
import Foundation

/// Several charts in one picture, row by row.
public struct Figure: Sendable {
  /// The line above the charts.
  public var title: String
  /// The charts, from the left and the top.
  public var charts: [Chart]
  /// How many stand side by side.
  public var columns: Int

  /// Creates a figure.
  ///
  /// - Parameters:
  ///   - title: The line above the charts.
  ///   - charts: The charts, from the left and the top; each has the width and height of the largest.
  ///   - columns: How many stand side by side, at least 1; a chart throws otherwise.
  public init(_ title: String = "", _ charts: [Chart], columns: Int = 2) {
    self.title = title
    self.charts = charts
    self.columns = columns
  }

  /// The figure as an SVG document.
  ///
  /// - Throws: `TensorError` where a chart cannot be drawn or there are no columns.
  /// - Complexity: O(numbers).
  public func svg(style: Chart.Style = .automatic) throws -> String {
    guard columns >= 1, charts.count <= 1_000 else {
      throw TensorError(
        "Figure", "\(charts.count) charts in \(columns) columns; at least 1 column and at most 1000 charts")
    }
    let across = min(columns, max(charts.count, 1))
    let down = max((charts.count + across - 1) / across, 1)
    let width = try charts.map { try Chart.checkedSize($0.width, 160) }.max() ?? 160
    let height = try charts.map { try Chart.checkedSize($0.height, 120) }.max() ?? 120
    let top = title.isEmpty ? 0.0 : 44
    var drawing = SVG(width: width * Double(across), height: height * Double(down) + top, style: style)
    drawing.title = title
    if !title.isEmpty {
      let shown = SVG.clipped(title, to: drawing.width - 40, size: 20, isBold: true)
      drawing.text([(shown, .ink)], 20, 34, size: 20, anchor: "start", isBold: true)
    }
    for (index, chart) in charts.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: across)
      let place = Frame(x: Double(column) * width, y: top + Double(row) * height, width: width, height: height)
      try chart.draw(in: &drawing, place)
    }
    return drawing.file
  }

  /// The charts as text for a terminal, one below the other.
  ///
  /// - Throws: `TensorError` where a chart cannot be drawn.
  public func text(width: Int = 80, height: Int = 16, color: Bool = false) throws -> String {
    let heading = title.isEmpty ? [] : [Paint(isOn: color).bold(title.onOneLine.cut(to: max(width, 1))) + "\n"]
    return try (heading + charts.map { try $0.text(width: width, height: height, color: color) })
      .joined(separator: "\n")
  }

  /// Writes the figure to a file, in the form that its name ends with: `.svg`, or `.txt` for what a terminal shows.
  ///
  /// - Throws: `TensorError` like ``svg(style:)``; `FileError` where the file cannot be written or its name ends
  ///   otherwise.
  public func write(to path: String, style: Chart.Style = .automatic) throws {
    try ChartFile.write(path, svg: { try svg(style: style) }, text: { try text() })
  }
}

extension Figure: CustomStringConvertible {
  /// The charts as text, as wide as the terminal and in color there; otherwise 80 columns, plain.
  public var description: String {
    do {
      return try text(
        width: Terminal.columns(of: STDOUT_FILENO) ?? 80, color: Terminal.showsColor(STDOUT_FILENO))
    } catch { return "Figure(error: \(error))" }
  }
}
