import DescentTensors

extension Chart {
  /// Something that a chart draws.
  ///
  /// NaN, infinite numbers and those beyond ±10³⁰⁰ leave gaps, and so does what is not above zero on a logarithmic axis.
  public struct Mark: Sendable {
    /// What is drawn, or why it cannot be.
    let form: Result<Form, TensorError>
    /// How the legend calls it; nothing for a mark that it leaves out.
    public var name: String
    /// Whether its lines are dashed.
    public var isDashed = false
    /// Its place among the colors of a style, counted from 0; `nil` for the color of the mark of the same name, or the
    /// next that is free. A mark below 0 is drawn in gray.
    public var color: Int?

    init(name: String, _ form: () throws -> Form) {
      self.name = name
      do { self.form = .success(try form()) } catch let error as TensorError { self.form = .failure(error) } catch {
        self.form = .failure(TensorError("Chart", "\(error)"))
      }
    }

    /// The mark with dashed lines.
    public func dashed() -> Mark {
      var mark = self
      mark.isDashed = true
      return mark
    }

    /// The mark in another color: its place among the colors of a style, counted from 0; gray below 0.
    public func colored(_ color: Int) -> Mark {
      var mark = self
      mark.color = color
      return mark
    }
  }
}

extension Chart.Mark {
  /// What a mark is made of.
  enum Form: Sendable {
    case line(Points, LineKind)
    case band(x: [Double], low: [Double], high: [Double])
    case points(Points, radius: Double)
    case shades(Points, radius: Double, [Double], ColorMap)
    case spans(from: [Double], to: [Double], rows: [Double])
    case bars([Double], labels: [String])
    case histogram(Histogram)
    case heatMap(HeatMap)
    case field(Field)
    case contours(ContourLines)
    case level(Double, isVertical: Bool)
    case note(x: Double, y: Double, String)
  }

  /// How the points of a line are joined.
  enum LineKind: Sendable {
    case straight
    case steps
    case path
  }

  /// Coordinates, one of each for a point.
  struct Points: Sendable {
    var x: [Double]
    var y: [Double]

    init(_ x: some Plottable, _ y: some Plottable, of mark: String) throws {
      self.x = try Numbers.row(x, of: mark, "x")
      self.y = try Numbers.row(y, of: mark, "y")
      guard self.x.count == self.y.count else {
        throw TensorError(
          mark, "\(self.x.count) numbers to the right and \(self.y.count) upwards; a point needs one of each")
      }
    }

    init(counting y: some Plottable, of mark: String) throws {
      self.y = try Numbers.row(y, of: mark, "y")
      x = self.y.indices.map(Double.init)
    }
  }

  // MARK: Curves

  /// A curve through points in their order.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - y: The places upwards, as many.
  ///   - name: How the legend calls it.
  public static func line(_ x: some Plottable, _ y: some Plottable, name: String = "") -> Self {
    Self(name: name) { .line(try Points(x, y, of: "line"), .straight) }
  }

  /// A curve over 0, 1, 2 and so on.
  ///
  /// - Parameters:
  ///   - y: The places upwards.
  ///   - name: How the legend calls it.
  public static func line(_ y: some Plottable, name: String = "") -> Self {
    Self(name: name) { .line(try Points(counting: y, of: "line"), .straight) }
  }

  /// A curve that keeps its height until the next point.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - y: The heights from there on, as many.
  ///   - name: How the legend calls it.
  public static func steps(_ x: some Plottable, _ y: some Plottable, name: String = "") -> Self {
    Self(name: name) { .line(try Points(x, y, of: "steps"), .steps) }
  }

  /// A way through points, each of which is seen, with a ring where it begins and a disk where it ends.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - y: The places upwards, as many.
  ///   - name: How the legend calls it.
  public static func path(_ x: some Plottable, _ y: some Plottable, name: String = "") -> Self {
    Self(name: name) { .line(try Points(x, y, of: "path"), .path) }
  }

  /// The area between two curves, such as a mean ± a standard deviation; under the curve of the same name, in its color.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - low: The lower edge, as many.
  ///   - high: The upper edge, as many.
  ///   - name: How the legend calls it.
  public static func band(
    _ x: some Plottable, low: some Plottable, high: some Plottable, name: String = ""
  ) -> Self {
    Self(name: name) {
      let lower = try Points(x, low, of: "band")
      return .band(x: lower.x, low: lower.y, high: try Points(x, high, of: "band").y)
    }
  }

  // MARK: Points

  /// Points.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - y: The places upwards, as many.
  ///   - name: How the legend calls them.
  ///   - radius: Their radius in pixels, from 0.5 to 50.
  public static func scatter(
    _ x: some Plottable, _ y: some Plottable, name: String = "", radius: Double = 3
  ) -> Self {
    Self(name: name) {
      guard radius >= 0.5, radius <= 50 else {
        throw TensorError("scatter", "a radius of \(radius) pixels, where 0.5 to 50 are possible")
      }
      return .points(try Points(x, y, of: "scatter"), radius: radius)
    }
  }

  /// Points in the colors of numbers, whose meaning stands beside the chart.
  ///
  /// - Parameters:
  ///   - x: The places to the right.
  ///   - y: The places upwards, as many.
  ///   - shades: The numbers, as many.
  ///   - scale: How numbers become distances between colors.
  ///   - colors: How these become colors.
  ///   - radius: Their radius in pixels, from 0.5 to 50.
  public static func scatter(
    _ x: some Plottable, _ y: some Plottable, shades: some Plottable, scale: Chart.Axis.Scale = .linear,
    colors: Chart.Colors = .sequential, radius: Double = 3
  ) -> Self {
    Self(name: "") {
      guard radius >= 0.5, radius <= 50 else {
        throw TensorError("scatter", "a radius of \(radius) pixels, where 0.5 to 50 are possible")
      }
      let points = try Points(x, y, of: "scatter")
      let numbers = try Numbers.row(shades, of: "scatter", "shades")
      guard numbers.count == points.x.count else {
        throw TensorError("scatter", "\(points.x.count) points and \(numbers.count) shades; each point has one")
      }
      return .shades(points, radius: radius, numbers, try ColorMap(numbers, colors, scale: scale, range: nil))
    }
  }

  /// Bars that lie, from a number to another in a row each: times of work, shares of a whole.
  ///
  /// - Parameters:
  ///   - from: Where bars begin to the right.
  ///   - to: Where they end, as many.
  ///   - rows: At which heights they lie, as many; the rows' labels are those of the axis upwards.
  ///   - name: How the legend calls them.
  public static func spans(
    from: some Plottable, to: some Plottable, rows: some Plottable, name: String = ""
  ) -> Self {
    Self(name: name) {
      let starts = try Points(from, rows, of: "spans")
      let ends = try Points(to, rows, of: "spans")
      return .spans(from: starts.x, to: ends.x, rows: starts.y)
    }
  }

  /// A point with a text beside it.
  ///
  /// - Parameters:
  ///   - text: What is written.
  ///   - x: The place to the right.
  ///   - y: The place upwards.
  public static func note(_ text: String, x: Double, y: Double) -> Self {
    Self(name: "") { .note(x: x, y: y, text) }
  }

  /// A level line across the chart, dotted, with its name on it.
  ///
  /// - Parameters:
  ///   - y: Its height.
  ///   - name: What is written on it.
  public static func level(y: Double, name: String = "") -> Self {
    Self(name: name) { .level(y, isVertical: false) }
  }

  /// An upright line across the chart, dotted, with its name beside it.
  ///
  /// - Parameters:
  ///   - x: Its place to the right.
  ///   - name: What is written beside it.
  public static func level(x: Double, name: String = "") -> Self {
    Self(name: name) { .level(x, isVertical: true) }
  }

  // MARK: Bars

  /// A bar for each number, with a label below it. Those of several marks stand side by side.
  ///
  /// - Parameters:
  ///   - values: The heights, below zero too; on a logarithmic axis from its lower end.
  ///   - labels: What is written below each bar; by default its number from 0.
  ///   - name: How the legend calls them.
  public static func bars(_ values: some Plottable, labels: [String] = [], name: String = "") -> Self {
    Self(name: name) {
      let heights = try Numbers.row(values, of: "bars", "the values")
      guard labels.isEmpty || labels.count == heights.count else {
        throw TensorError("bars", "\(heights.count) numbers and \(labels.count) labels; each bar needs one")
      }
      return .bars(heights, labels: labels.isEmpty ? heights.indices.map(String.init) : labels)
    }
  }

  /// How many of the numbers fall into each of several intervals of equal width. NaN and infinite ones are not counted.
  ///
  /// - Parameters:
  ///   - values: The numbers, of any shape.
  ///   - bins: How many intervals, from 1 to 10,000; by default as many as the rule of Freedman and Diaconis (1981) gives,
  ///     within 5 and 80.
  ///   - range: The interval that is divided; by default from the least to the largest number.
  ///   - name: How the legend calls it.
  public static func histogram(
    _ values: some Plottable, bins: Int? = nil, in range: ClosedRange<Double>? = nil, name: String = ""
  ) -> Self {
    Self(name: name) { .histogram(try Histogram(Numbers(values).values, bins: bins, range: range)) }
  }
}
