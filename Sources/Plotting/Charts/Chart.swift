import DescentFiles
import DescentTensors

/// A chart: curves, points, bars and fields of numbers over two axes, as an SVG document or as text for a terminal.
///
/// ```swift
/// let chart = Chart(
///   "Training", x: "step", y: .init("loss", .logarithmic),
///   [.line(losses, name: "training"), .line(steps, validation, name: "validation")])
/// try chart.write(to: "loss.svg")
/// print(chart)
/// ```
///
/// Marks are drawn in order, later ones above. Those that have the same name share a color and an entry of the legend.
/// A chart without marks, or with marks of no finite number, is drawn as empty axes. The same chart gives the same
/// bytes.
///
/// What is wrong with a mark, such as coordinates of different counts, is thrown where the chart is drawn.
public struct Chart: Sendable {
  /// The line above the chart.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String
  /// The axis to the right.
  public var x: Axis
  /// The axis upwards.
  public var y: Axis
  /// What is drawn, later marks above earlier ones.
  public var marks: [Mark]
  /// The width of the SVG document in pixels.
  public var width: Double
  /// The height of the SVG document in pixels.
  public var height: Double
  /// Whether names are listed below the title.
  public var showsLegend: Bool

  /// Creates a chart.
  ///
  /// - Parameters:
  ///   - title: The line above the chart.
  ///   - subtitle: A smaller line below the title.
  ///   - x: The axis to the right.
  ///   - y: The axis upwards.
  ///   - marks: What is drawn, later marks above earlier ones.
  ///   - width: The width of the SVG document in pixels, within 160 and 10,000.
  ///   - height: The height of the SVG document in pixels, within 120 and 10,000.
  ///   - showsLegend: Whether names are listed below the title.
  public init(
    _ title: String = "", subtitle: String = "", x: Axis = Axis(), y: Axis = Axis(), _ marks: [Mark] = [],
    width: Double = 720, height: Double = 440, showsLegend: Bool = true
  ) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.marks = marks
    self.width = width
    self.height = height
    self.showsLegend = showsLegend
  }

  /// The chart as an SVG document.
  ///
  /// - Throws: `TensorError` where a mark or an axis is wrong, or a tensor that is drawn carries an error.
  /// - Complexity: O(numbers). A curve of many more points than pixels is thinned to what can be seen of it.
  public func svg(style: Style = .automatic) throws -> String {
    var drawing = SVG(width: try Self.checkedSize(width, 160), height: try Self.checkedSize(height, 120), style: style)
    drawing.title = title
    try draw(in: &drawing, Frame(x: 0, y: 0, width: width, height: height))
    return drawing.file
  }

  /// Writes the chart to a file, in the form that its name ends with: `.svg`, or `.txt` for what a terminal shows.
  ///
  /// - Throws: `TensorError` like ``svg(style:)``; `FileError` where the file cannot be written or its name ends
  ///   otherwise.
  public func write(to path: String, style: Style = .automatic) throws {
    try ChartFile.write(path, svg: { try svg(style: style) }, text: { try text() })
  }

  static func checkedSize(_ size: Double, _ least: Double) throws -> Double {
    guard size >= least, size <= 10_000 else {
      throw TensorError("Chart", "a side of \(size) pixels, where \(Int(least)) to 10000 are possible")
    }
    return size
  }
}

/// Files in the form that their names end with.
enum ChartFile {
  static func write(_ path: String, svg: () throws -> String, text: () throws -> String) throws {
    let ending = path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased()
    let contents =
      switch ending {
      case "svg": try svg()
      case "txt": try text()
      default: throw FileError(path, "the name of a chart ends with .svg or .txt")
      }
    try Array(contents.utf8).withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }
}
