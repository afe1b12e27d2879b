import DescentTensors

/// Numbers in rows and columns.
struct Grid: Sendable {
  let rows: Int
  let columns: Int
  let values: [Double]

  /// The most numbers that one picture may have: 2²⁴.
  static let limit = 1 << 24

  init(_ source: some Plottable, of mark: String) throws {
    let numbers = try Numbers(source)
    // No row says nothing of the columns.
    guard numbers.shape.count == 2 || numbers.shape == [0] else {
      throw TensorError(
        mark, "the values have the shape \(numbers.shape), where rows and columns are drawn, such as [20, 30]")
    }
    guard numbers.values.count <= Self.limit else {
      throw TensorError(mark, "\(numbers.values.count) values, where at most \(Self.limit) are drawn")
    }
    let isEmpty = numbers.values.isEmpty
    rows = isEmpty ? 0 : numbers.shape[0]
    columns = isEmpty ? 0 : numbers.shape[1]
    values = numbers.values
  }

  init(rows: Int, columns: Int, values: [Double]) {
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  subscript(row: Int, column: Int) -> Double { values[row * columns + column] }
}

/// Where the numbers of a field were taken: evenly from one end to the other, both included, row 0 at the lower end of y.
struct Region: Sendable {
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>

  init(x: ClosedRange<Double>, y: ClosedRange<Double>, of mark: String) throws {
    for (name, range) in [("x", x), ("y", y)] {
      guard range.lowerBound.isDrawable, range.upperBound.isDrawable, range.lowerBound < range.upperBound else {
        throw TensorError(mark, "the range \(range) of \(name) is empty or not finite")
      }
    }
    self.x = x
    self.y = y
  }

  /// The distance between neighbors.
  func step(_ grid: Grid) -> (x: Double, y: Double) {
    (
      (x.upperBound - x.lowerBound) / Double(max(grid.columns - 1, 1)),
      (y.upperBound - y.lowerBound) / Double(max(grid.rows - 1, 1))
    )
  }
}
