/// The printed lines of a form around or under a line of handwriting.
struct FormLines {
  let left: Int
  let right: Int
  let top: Int
  let bottom: Int
  /// The height of the digits.
  let height: Float
  /// How far the printed lines climb for each pixel to the right.
  let tilt: Float

  /// A line under the digits, sometimes through their feet, sometimes with others above.
  func drawRules(on canvas: inout Plane, random: inout RandomStream) {
    let pen = Pen(height: height, random: &random)
    let base = Float(bottom) + height * random.uniform(in: -0.05...0.22)
    let pitch = height * random.uniform(in: 1.25...1.7)
    let lines = random.integer(in: 1...3)
    let begin = random.chance(0.8) ? 0 : Float(left) * 0.5
    let end = random.chance(0.8) ? Float(canvas.width) : Float(canvas.width + right) / 2
    for line in 0..<lines {
      pen.drawHorizontal(on: &canvas, y: base - Float(line) * pitch, from: begin, to: end, tilt: tilt)
    }
  }

  /// A box around the line, divided into equal cells.
  func drawBox(on canvas: inout Plane, cells: Int, random: inout RandomStream) {
    let pen = Pen(height: height, random: &random)
    let space = height * random.uniform(in: 0.05...0.25)
    let x0 = max(Float(left) - space, 1)
    let x1 = min(Float(right) + space, Float(canvas.width) - 2)
    let y0 = max(Float(top) - space, 1)
    let y1 = min(Float(bottom) + space, Float(canvas.height) - 2)
    pen.drawHorizontal(on: &canvas, y: y0, from: x0, to: x1, tilt: 0)
    pen.drawHorizontal(on: &canvas, y: y1, from: x0, to: x1, tilt: 0)
    for wall in 0...max(cells, 1) {
      let x = x0 + (x1 - x0) * Float(wall) / Float(max(cells, 1))
      pen.drawVertical(on: &canvas, x: x, from: y0, to: y1)
    }
  }

  /// A printed line's width and darkness.
  private struct Pen {
    let halfWidth: Float
    let darkness: Float

    init(height: Float, random: inout RandomStream) {
      halfWidth = height / 32 * random.uniform(in: 0.3...0.85)
      darkness = random.uniform(in: 0.3...1)
    }

    func drawHorizontal(on canvas: inout Plane, y: Float, from: Float, to: Float, tilt: Float) {
      for x in max(Int(from), 0)..<max(min(Int(to) + 1, canvas.width), max(Int(from), 0)) {
        let center = y + tilt * (Float(x) - Float(canvas.width) / 2)
        for row in Int(center - halfWidth - 1)...Int(center + halfWidth + 2) where row >= 0 && row < canvas.height {
          let ink = min(max(halfWidth + 0.5 - abs(Float(row) - center), 0), 1) * darkness
          canvas[x, row] = max(canvas[x, row], ink)
        }
      }
    }

    func drawVertical(on canvas: inout Plane, x: Float, from: Float, to: Float) {
      for row in max(Int(from), 0)..<max(min(Int(to) + 1, canvas.height), max(Int(from), 0)) {
        for column in Int(x - halfWidth - 1)...Int(x + halfWidth + 2) where column >= 0 && column < canvas.width {
          let ink = min(max(halfWidth + 0.5 - abs(Float(column) - x), 0), 1) * darkness
          canvas[column, row] = max(canvas[column, row], ink)
        }
      }
    }
  }
}
