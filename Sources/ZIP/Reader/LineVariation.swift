/// A small change of a whole line, as another day's hand and pen would have made it: shifted, slanted, turned, stretched,
/// thinner or bolder.
///
/// A letter that serves for several epochs looks different in each, at a hundredth of what a new one costs; and a reader
/// that looks at a line in several ways is surer of what it reads in all of them.
struct LineVariation: Sendable {
  /// The shift to the right and down, in pixels.
  private let shiftX, shiftY: Float
  /// The tangents of slant and turn.
  private let slant, turn: Float
  /// The factors on width and height.
  private let stretch, height: Float
  /// What becomes of each of 256 levels of ink.
  private let levels: [Float]

  /// A given change; a positive `bend` makes strokes bolder, a negative one thinner.
  init(
    shiftX: Float = 0, shiftY: Float = 0, slant: Float = 0, turn: Float = 0, stretch: Float = 1, height: Float = 1,
    bend: Float = 0
  ) {
    (self.shiftX, self.shiftY, self.slant, self.turn) = (shiftX, shiftY, slant, turn)
    (self.stretch, self.height) = (stretch, height)
    // A bent curve from paper to ink moves the edges of strokes, which are a few levels wide.
    levels = (0..<256).map { level in
      let ink = Float(level) * (1 / 255)
      return ink * (1 + bend * (1 - ink))
    }
  }

  /// A change drawn at random.
  init(_ random: inout RandomStream) {
    self.init(
      shiftX: random.uniform(in: -3.5...3.5), shiftY: random.uniform(in: -1.5...1.5),
      slant: random.uniform(in: -0.15...0.15), turn: random.uniform(in: -0.02...0.02),
      stretch: random.uniform(in: 0.92...1.06), height: random.uniform(in: 0.90...1.05),
      bend: random.uniform(in: -0.35...0.35))
  }

  /// A changed line, `[32, 160]` row by row.
  func drawn(_ line: [UInt8]) -> [Float] {
    [Float](unsafeUninitializedCapacity: LineImage.count) { target, count in
      if let first = target.baseAddress { draw(line, into: first) }
      count = LineImage.count
    }
  }

  /// Draws a changed line, `[32, 160]` row by row.
  ///
  /// - Complexity: O(pixels), about 20 microseconds.
  func draw(_ line: [UInt8], into target: UnsafeMutablePointer<Float>) {
    let (width, rows) = (LineImage.width, LineImage.height)
    // A border of paper, so that every place between four pixels has all four.
    let pitch = width + 3
    var source = Plane(width: pitch, height: rows + 3)
    source.values.withUnsafeMutableBufferPointer { source in
      levels.withUnsafeBufferPointer { levels in
        line.withUnsafeBufferPointer { line in
          for y in 0..<rows {
            for x in 0..<width { source[(y + 1) * pitch + x + 1] = levels[Int(line[y * width + x])] }
          }
        }
      }
    }
    let (centerX, centerY) = (Float(width - 1) / 2, Float(rows - 1) / 2)
    source.sample(width: width, height: rows, into: target) { y, across, below in
      let down = Float(y) - centerY
      for x in 0..<width {
        let right = Float(x) - centerX
        across[x] = (right + slant * down) / stretch + centerX - shiftX + 1
        below[x] = (down - turn * right) / height + centerY - shiftY + 1
      }
    }
  }
}
