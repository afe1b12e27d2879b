extension HeatMap {
  /// Colors all cells; numbers that are shown stand in them where there is room.
  func draw(on canvas: inout TextCanvas, hasColor: Bool) {
    guard grid.rows > 0, grid.columns > 0 else { return }
    let longest = texts.map(\.count).max() ?? 0
    let hasRoom = longest > 0 && longest < canvas.columns / grid.columns && grid.rows <= canvas.rows
    // Without color, shades of ink would hide the numbers.
    if hasColor || !hasRoom {
      let rows = CellText.places(canvas.rows, of: grid.rows)
      let columns = CellText.places(canvas.columns, of: grid.columns)
      for (row, y) in rows.enumerated() {
        for (column, x) in columns.enumerated() { canvas.put(cellOf: map, grid[y, x], column: column, row: row) }
      }
    }
    guard hasRoom else { return }
    for (index, text) in texts.enumerated() {
      let (y, x) = index.quotientAndRemainder(dividingBy: grid.columns)
      let middle = (2 * x + 1) * canvas.columns / (2 * grid.columns)
      canvas.write(text, column: middle - text.count / 2, row: (2 * y + 1) * canvas.rows / (2 * grid.rows), .ink)
    }
  }
}

extension Field {
  /// Colors the cells that lie within the region.
  func draw(on canvas: inout TextCanvas, _ scene: Scene) {
    let step = region.step(grid)
    for row in 0..<canvas.rows {
      let up = 1 - (Double(row) + 0.5) / Double(canvas.rows)
      let y = ((scene.y.value(at: up) - region.y.lowerBound) / step.y).rounded()
      for column in 0..<canvas.columns {
        let across = (Double(column) + 0.5) / Double(canvas.columns)
        let x = ((scene.x.value(at: across) - region.x.lowerBound) / step.x).rounded()
        guard x >= 0, y >= 0, x < Double(grid.columns), y < Double(grid.rows) else { continue }
        canvas.put(cellOf: map, grid[Int(y), Int(x)], column: column, row: row)
      }
    }
  }
}
