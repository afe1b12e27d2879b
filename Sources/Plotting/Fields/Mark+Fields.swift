import DescentTensors

extension Chart.Mark {
  /// A matrix as cells of color, row 0 at the top, as it is written: attention, correlations, counts.
  ///
  /// - Parameters:
  ///   - values: The numbers `[rows, columns]`; NaN and infinite ones are gray.
  ///   - rows: What is written beside each row; by default its number from 0.
  ///   - columns: What is written below each column; by default its number from 0.
  ///   - colors: How numbers become colors.
  ///   - range: The numbers of the first and the last color; by default the least and the largest.
  ///   - showsValues: Whether each number is written in its cell.
  public static func heatMap(
    _ values: some Plottable, rows: [String] = [], columns: [String] = [], colors: Chart.Colors = .automatic,
    range: ClosedRange<Double>? = nil, showsValues: Bool = false
  ) -> Self {
    Self(name: "") {
      let grid = try Grid(values, of: "heatMap")
      for (labels, count, name) in [(rows, grid.rows, "rows"), (columns, grid.columns, "columns")] {
        guard labels.isEmpty || labels.count == count else {
          throw TensorError("heatMap", "\(count) \(name) and \(labels.count) labels; each needs one")
        }
      }
      let map = try ColorMap(grid.values, colors, scale: .linear, range: range)
      return .heatMap(
        HeatMap(
          grid: grid, map: map, rows: rows, columns: columns,
          texts: showsValues ? grid.values.map { NumberText.short($0, digits: 3) } : []))
    }
  }

  /// Numbers over a region of the plane as colors.
  ///
  /// - Parameters:
  ///   - values: The numbers `[rows, columns]`, taken evenly from one end of the region to the other, row 0 at the lower
  ///     end of y; NaN and infinite ones are gray.
  ///   - x: The places of the first and the last column.
  ///   - y: The places of the first and the last row.
  ///   - scale: How numbers become distances between colors.
  ///   - colors: How these become colors.
  ///   - range: The numbers of the first and the last color; by default the least and the largest.
  public static func field(
    _ values: some Plottable, x: ClosedRange<Double>, y: ClosedRange<Double>, scale: Chart.Axis.Scale = .linear,
    colors: Chart.Colors = .automatic, range: ClosedRange<Double>? = nil
  ) -> Self {
    Self(name: "") {
      let grid = try Grid(values, of: "field")
      let map = try ColorMap(grid.values, colors, scale: scale, range: range)
      return .field(Field(grid: grid, region: try Region(x: x, y: y, of: "field"), map: map))
    }
  }

  /// Lines along which numbers over a region of the plane are equal.
  ///
  /// - Parameters:
  ///   - values: The numbers `[rows, columns]`, taken evenly from one end of the region to the other, row 0 at the lower
  ///     end of y. Next to NaN and infinite ones there are no lines.
  ///   - x: The places of the first and the last column.
  ///   - y: The places of the first and the last row.
  ///   - levels: The numbers whose lines are drawn.
  ///   - name: How the legend calls them.
  public static func contours(
    _ values: some Plottable, x: ClosedRange<Double>, y: ClosedRange<Double>, levels: Chart.Levels = .quantiles(12),
    name: String = ""
  ) -> Self {
    Self(name: name) {
      try .contours(ContourLines(Grid(values, of: "contours"), Region(x: x, y: y, of: "contours"), levels))
    }
  }

  /// Lines along which a function of two numbers is constant.
  ///
  /// - Parameters:
  ///   - x: The region to the right.
  ///   - y: The region upwards.
  ///   - resolution: How often the function is called along each side, from 2 to 2,000.
  ///   - levels: The numbers whose lines are drawn.
  ///   - name: How the legend calls them.
  ///   - function: The function, called resolution² times.
  public static func contours(
    x: ClosedRange<Double>, y: ClosedRange<Double>, resolution: Int = 160, levels: Chart.Levels = .quantiles(12),
    name: String = "", of function: (_ x: Double, _ y: Double) throws -> Double
  ) rethrows -> Self {
    let checked = Result { try Region(x: x, y: y, of: "contours") }
    guard (2...2_000).contains(resolution), case .success(let region) = checked else {
      return Self(name: name) {
        _ = try checked.get()
        throw TensorError("contours", "a resolution of \(resolution), where 2 to 2000 are possible")
      }
    }
    let last = Double(resolution - 1)
    var values: [Double] = []
    values.reserveCapacity(resolution * resolution)
    for row in 0..<resolution {
      let b = y.lowerBound + (y.upperBound - y.lowerBound) * Double(row) / last
      for column in 0..<resolution {
        values.append(try function(x.lowerBound + (x.upperBound - x.lowerBound) * Double(column) / last, b))
      }
    }
    let grid = Grid(rows: resolution, columns: resolution, values: values)
    return Self(name: name) { .contours(try ContourLines(grid, region, levels)) }
  }
}

/// A matrix in colors.
struct HeatMap: Sendable {
  let grid: Grid
  let map: ColorMap
  let rows: [String]
  let columns: [String]
  /// What is written in the cells; none where nothing is.
  let texts: [String]
  /// How the numbers of the colors are written.
  var format = Chart.Axis.Format.number
}

/// Numbers over a region in colors.
struct Field: Sendable {
  let grid: Grid
  let region: Region
  let map: ColorMap
}

/// Lines of several levels, in the region's coordinates.
struct ContourLines: Sendable {
  let region: Region
  /// From the lowest level to the highest.
  let levels: [(level: Double, lines: [[Point]])]

  init(_ grid: Grid, _ region: Region, _ levels: Chart.Levels) throws {
    self.region = region
    let step = region.step(grid)
    let (left, bottom) = (region.x.lowerBound, region.y.lowerBound)
    self.levels = try Set(levels.levels(of: grid.values)).sorted().map { level in
      let lines = Contours.lines(of: grid, at: level).map { line in
        line.map { Point(x: left + $0.x * step.x, y: bottom + $0.y * step.y) }
      }
      return (level, lines)
    }
  }
}
