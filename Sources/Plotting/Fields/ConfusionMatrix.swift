import DescentTensors

extension Chart {
  /// How often each class was taken for each other: a row for what was true, a column for what was said.
  ///
  /// A cell is colored by its share of the row and says its count; the share of a row on the diagonal is the class's
  /// recall.
  ///
  /// - Parameters:
  ///   - title: The line above the chart.
  ///   - counts: How often, `[classes, classes]`: that of row *i* and column *j* counts what is of class *i* and was taken
  ///     for class *j*.
  ///   - labels: The names of the classes; by default their numbers from 0.
  public static func confusionMatrix(
    _ title: String = "Confusion matrix", _ counts: some Plottable, labels: [String] = []
  ) -> Chart {
    var subtitle = ""
    let mark = Mark(name: "") {
      let grid = try Grid(counts, of: "confusionMatrix")
      guard grid.rows == grid.columns else {
        throw TensorError(
          "confusionMatrix", "\(grid.rows) rows and \(grid.columns) columns; each class needs one of both")
      }
      guard labels.isEmpty || labels.count == grid.rows else {
        throw TensorError("confusionMatrix", "\(grid.rows) classes and \(labels.count) labels; each needs one")
      }
      guard grid.values.allSatisfy({ $0 >= 0 && $0.isDrawable }) else {
        throw TensorError("confusionMatrix", "a count is negative or not finite")
      }
      let sums = (0..<grid.rows).map { row in (0..<grid.columns).reduce(0) { $0 + grid[row, $1] } }
      let total = sums.reduce(0, +)
      let right = (0..<grid.rows).reduce(0) { $0 + grid[$1, $1] }
      if total > 0 {
        let share = NumberText.fixed(right / total * 100, decimals: 2)
        subtitle = "\(NumberText.short(right, digits: 7)) of \(NumberText.short(total, digits: 7)) right, \(share) %"
      }
      let shares = grid.values.enumerated().map { index, count in
        let sum = sums[index / max(grid.columns, 1)]
        return sum > 0 ? count / sum : 0
      }
      let map = try ColorMap(shares, .sequential, scale: .linear, range: 0...1)
      return .heatMap(
        HeatMap(
          grid: Grid(rows: grid.rows, columns: grid.columns, values: shares), map: map, rows: labels, columns: labels,
          // What never happened would hide what did.
          texts: grid.values.map { $0 == 0 ? "" : NumberText.short($0, digits: 5) },
          format: .percent))
    }
    return Chart(
      title, subtitle: subtitle, x: "predicted", y: "true", [mark], width: 640, height: 600)
  }
}
