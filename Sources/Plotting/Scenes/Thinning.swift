/// What is left to see of a curve of many more points than pixels.
enum Thinning {
  /// The parts of a curve between its gaps, as pixels; of the points that fall into a column of pixels, the first, the
  /// lowest, the highest and the last (the M4 of Jugel et al., 2014), which draw the same picture.
  static func runs(_ places: some Sequence<Point?>) -> [[Point]] {
    var runs: [[Point]] = []
    var run: [Point] = []
    var column: [Point] = []
    func finish(_ column: [Point], into run: inout [Point]) {
      guard column.count > 4 else { return run.append(contentsOf: column) }
      var kept = Set([0, column.count - 1])
      if let low = column.indices.min(by: { column[$0].y < column[$1].y }) { kept.insert(low) }
      if let high = column.indices.max(by: { column[$0].y < column[$1].y }) { kept.insert(high) }
      run.append(contentsOf: kept.sorted().map { column[$0] })
    }
    for place in places {
      guard let place else {
        finish(column, into: &run)
        if !run.isEmpty { runs.append(run) }
        (run, column) = ([], [])
        continue
      }
      if let first = column.first, first.x.rounded(.down) != place.x.rounded(.down) {
        finish(column, into: &run)
        column = []
      }
      column.append(place)
    }
    finish(column, into: &run)
    if !run.isEmpty { runs.append(run) }
    return runs
  }
}
