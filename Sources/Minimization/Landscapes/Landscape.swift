import DescentGraph
import DescentPlotting
import DescentTensors

/// A function of two numbers over a region: contours, with the ways of searches over them.
///
/// ```swift
/// let landscape = try Landscape(x: -1.6...1.6, y: -0.8...2, of: rosenbrock)
/// try landscape.chart("Down into the valley", paths: [.init("L-BFGS", result.path)]).write(to: "valley.svg")
/// ```
///
/// The same function gives the same picture, byte for byte.
public struct Landscape: Sendable {
  /// The function's values `[rows, columns]`, evenly from one end of the region to the other, row 0 at the lower end of y.
  public let values: [[Double]]
  /// The region to the right.
  public let x: ClosedRange<Double>
  /// The region upwards.
  public let y: ClosedRange<Double>
  /// What the numbers to the right are.
  public var xTitle = "x"
  /// What the numbers upwards are.
  public var yTitle = "y"

  /// Takes a function's values over a region, a row of points at once.
  ///
  /// - Parameters:
  ///   - x: The region to the right.
  ///   - y: The region upwards.
  ///   - resolution: How many values along each side, from 2 to 2,000.
  ///   - function: Gives one number from a point, a Float64 tensor `[2]`.
  /// - Throws: `TensorError` of a mistake in the function, and where the region is empty or not finite.
  /// - Complexity: resolution² values.
  public init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, resolution: Int = 160,
    of function: @escaping (Tensor) throws -> Tensor
  ) throws {
    try Self.check(x, y, resolution)
    let epoch = Trace.beginRecording()
    let points = Tensor.placeholder(TensorType([resolution, 2], .float64), name: "points")
    let row = vectorized(over: 0) { (point: Tensor) in
      try Self.number(try function(point), of: "Landscape")
    }
    let plan = try CompiledFunction(Trace(arguments: [points], outputs: [try row(points)], since: epoch))
    let places = Self.places(x, resolution)
    values = try Self.places(y, resolution).map { height in
      try plan.run([try Buffer.doubles(places.flatMap { [$0, height] }, [resolution, 2])])[0].doubles()
    }
    self.x = x
    self.y = y
  }

  init(values: [[Double]], x: ClosedRange<Double>, y: ClosedRange<Double>, xTitle: String, yTitle: String) {
    (self.values, self.x, self.y) = (values, x, y)
    (self.xTitle, self.yTitle) = (xTitle, yTitle)
  }

  /// Numbers evenly from one end of a range to the other, which are met exactly.
  static func places(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    let last = Double(count - 1)
    return (0..<count).map { index in
      let share = Double(index) / last
      return range.lowerBound * (1 - share) + range.upperBound * share
    }
  }

  static func check(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>?, _ resolution: Int) throws {
    for (name, range) in [("x", x), ("y", y ?? x)] {
      guard range.lowerBound.isFinite, range.upperBound.isFinite, range.lowerBound < range.upperBound else {
        throw TensorError("Landscape", "the range \(range) of \(name) is empty or not finite")
      }
    }
    guard (2...2_000).contains(resolution) else {
      throw TensorError("Landscape", "a resolution of \(resolution), where 2 to 2000 are possible")
    }
  }

  /// A function's one number as Float64.
  static func number(_ value: Tensor, of name: String) throws -> Tensor {
    if let error = value.error { throw error }
    guard value.elementType.isFloatingPoint, value.count == 1 else {
      throw TensorError(name, "the function gives \(value.type), where one floating-point number is needed")
    }
    return value.reshaped([]).converted(to: .float64)
  }
}

extension Landscape {
  /// The way of a search.
  public struct Path: Sendable {
    /// How the legend calls it.
    public var name: String
    /// Its points, two numbers each.
    public var points: [[Double]]

    /// Creates a way of points.
    ///
    /// - Parameters:
    ///   - name: How the legend calls it.
    ///   - points: Its points, two numbers each.
    public init(_ name: String, points: [[Double]]) { (self.name, self.points) = (name, points) }

    /// The way that a search has recorded.
    ///
    /// - Parameters:
    ///   - name: How the legend calls it.
    ///   - steps: The points, as a result's `path`.
    public init(_ name: String, _ steps: [MinimizationPath.Step]) { self.init(name, points: steps.map(\.point)) }
  }

  /// The landscape as a chart: contours, and ways over them.
  ///
  /// What of a way lies outside of the region is left out.
  ///
  /// - Parameters:
  ///   - title: The line above it.
  ///   - subtitle: A smaller line below the title.
  ///   - paths: The ways of searches.
  ///   - levels: The values whose lines are drawn; by default in equal ratios where the values differ by more than a
  ///     thousand and are above 0, else as many values between neighbors.
  /// - Throws: `TensorError` where a point has not two numbers.
  public func chart(
    _ title: String = "", subtitle: String = "", paths: [Path] = [], levels: Chart.Levels? = nil
  ) throws -> Chart {
    var marks: [Chart.Mark] = [.contours(values, x: x, y: y, levels: levels ?? naturalLevels)]
    for path in paths {
      if let odd = path.points.first(where: { $0.count != 2 }) {
        throw TensorError(
          "Landscape", "a point of the path \(path.name) has \(odd.count) numbers, where 2 can be drawn")
      }
      let shown = path.points.map { x.contains($0[0]) && y.contains($0[1]) ? $0 : [.nan, .nan] }
      marks.append(.path(shown.map { $0[0] }, shown.map { $0[1] }, name: path.name))
    }
    return Chart(
      title, subtitle: subtitle, x: Chart.Axis(xTitle, range: x), y: Chart.Axis(yTitle, range: y), marks, width: 720,
      height: 560)
  }

  private var naturalLevels: Chart.Levels {
    let all = values.joined().filter(\.isFinite)
    guard let least = all.min(), let most = all.max(), least > 0, most > 1_000 * least else { return .quantiles(14) }
    return .logarithmic(14)
  }
}
