import DescentData
import Foundation

extension PlotArea {
  // MARK: Cells

  func drawHeatMap(_ heatMap: HeatMap, in drawing: inout SVG) {
    let grid = heatMap.grid
    guard grid.rows > 0, grid.columns > 0 else { return }
    let (width, height) = (frame.width / Double(grid.columns), frame.height / Double(grid.rows))
    drawColors(grid, heatMap.map, isFlipped: false, frame, in: &drawing)
    guard !heatMap.texts.isEmpty else { return }
    let longest = heatMap.texts.map { SVG.width(of: $0, size: 1) }.max() ?? 1
    let size = min(13, (width - 4) / max(longest, 0.5), height * 0.7)
    // Smaller letters are not read.
    guard size >= 6 else { return }
    for (index, text) in heatMap.texts.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: grid.columns)
      let ink = heatMap.map.color(of: grid.values[index]).readableInk
      drawing.text(
        [(text, ink)], frame.x + (Double(column) + 0.5) * width, frame.y + (Double(row) + 0.5) * height + size * 0.36,
        size: size)
    }
  }

  func drawField(_ field: Field, in drawing: inout SVG) {
    let grid = field.grid
    guard grid.rows > 0, grid.columns > 0 else { return }
    // A cell lies around the place where its number was taken.
    let step = field.region.step(grid)
    guard
      let lower = place(field.region.x.lowerBound - step.x / 2, field.region.y.lowerBound - step.y / 2),
      let upper = place(field.region.x.upperBound + step.x / 2, field.region.y.upperBound + step.y / 2)
    else { return }
    drawing.beginClip(frame)
    let inner = Frame(
      x: lower.x - frame.x, y: upper.y - frame.y, width: upper.x - lower.x, height: lower.y - upper.y)
    drawColors(grid, field.map, isFlipped: true, inner, in: &drawing)
    drawing.endClip()
  }

  /// Numbers as rectangles of color; as one picture where there are many.
  private func drawColors(_ grid: Grid, _ map: ColorMap, isFlipped: Bool, _ frame: Frame, in drawing: inout SVG) {
    func row(_ index: Int) -> Int { isFlipped ? grid.rows - 1 - index : index }
    if grid.values.count > Self.mostRectangles {
      var pixels: [UInt8] = []
      pixels.reserveCapacity(3 * grid.values.count)
      for index in 0..<grid.rows {
        for column in 0..<grid.columns {
          let color = map.color(of: grid[row(index), column])
          pixels += [color.red, color.green, color.blue]
        }
      }
      drawing.image(pixels, columns: grid.columns, rows: grid.rows, channels: 3, frame)
      return
    }
    let (width, height) = (frame.width / Double(grid.columns), frame.height / Double(grid.rows))
    for index in 0..<grid.rows {
      // Neighbors of one color are one rectangle.
      var start = 0
      while start < grid.columns {
        let color = map.color(of: grid[row(index), start])
        var end = start + 1
        while end < grid.columns, map.color(of: grid[row(index), end]) == color { end += 1 }
        // A little wider than it is: no paper shows between neighbors.
        drawing.box(
          frame.x + Double(start) * width, frame.y + Double(index) * height, Double(end - start) * width + 0.3,
          height + 0.3, fill: .fixed(color.css))
        start = end
      }
    }
  }

  private static let mostRectangles = 2_500

  // MARK: Lines

  func drawContours(_ contours: ContourLines, _ item: Scene.Item, in drawing: inout SVG) {
    let count = Double(max(contours.levels.count - 1, 1))
    for (index, (_, lines)) in contours.levels.enumerated() {
      var path = ""
      for line in lines {
        let places = line.compactMap { place($0.x, $0.y) }
        guard places.count > 1 else { continue }
        path += "M" + places.map { "\(SVG.number($0.x)) \(SVG.number($0.y))" }.joined(separator: "L")
      }
      // Lines fade with height, so that the valleys are seen first.
      let opacity = ((1 - 0.65 * Double(index) / count) * 100).rounded() / 100
      drawing.path(path, stroke: item.color, thickness: 1.2, dashes: item.isDashed ? "6 4" : nil, opacity: opacity)
    }
  }
}

extension SVG {
  /// Draws a picture of so many columns and rows, whose pixels keep their edges.
  mutating func image(_ pixels: [UInt8], columns: Int, rows: Int, channels: Int, _ frame: Frame) {
    // What cannot be encoded leaves a gap: the sizes were checked before.
    guard let picture = try? Picture(width: columns, height: rows, channels: channels, pixels: pixels),
      let file = try? picture.encodedPNG()
    else { return }
    image(Data(file).base64EncodedString(), frame)
  }
}
