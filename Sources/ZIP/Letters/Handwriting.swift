/// How one character is bent before it is set on the line.
struct Deformation: Sendable {
  /// The height of the ink on the canvas, in pixels.
  var height: Float
  /// The factor on the width.
  var stretch: Float
  /// Tangent of the slant, positive to the right.
  var slant: Float
  /// The angle it is turned by, in radians.
  var rotation: Float
  /// The width of the pen, as a share of the height of the ink.
  var penWidth: Float
  /// How far points are displaced, as a share of the height.
  var wobble: Float
  /// How far ink runs on each side of a stroke, in pixels of the character's picture, up to 1.
  var running: Float = 0
  /// Whether the pen skips.
  var skips = false
}

/// One character drawn on a patch of its own, with the outline that decides how near its neighbors may come.
struct InkPatch: Sendable {
  var ink: Plane
  /// The first and last inked column of each row; `left > right` where the row is empty.
  var left: [Int]
  var right: [Int]
  /// The box around the ink.
  var top: Int
  var bottom: Int
  var minimumX: Int
  var maximumX: Int

  init(ink: Plane) {
    self.ink = ink
    left = [Int](repeating: ink.width, count: ink.height)
    right = [Int](repeating: -1, count: ink.height)
    top = ink.height
    bottom = -1
    minimumX = ink.width
    maximumX = -1
    ink.values.withUnsafeBufferPointer { values in
      for y in 0..<ink.height {
        let row = y * ink.width
        guard let first = (0..<ink.width).first(where: { values[row + $0] > 0.3 }) else { continue }
        let last = (first..<ink.width).last { values[row + $0] > 0.3 } ?? first
        left[y] = first
        right[y] = last
        minimumX = min(minimumX, first)
        maximumX = max(maximumX, last)
        top = min(top, y)
        bottom = y
      }
    }
    if bottom < top {
      (top, bottom) = (0, max(ink.height - 1, 0))
      (minimumX, maximumX) = (0, max(ink.width - 1, 0))
    }
  }

  /// Draws a character's ink, thickened, stretched, slanted, turned and bent.
  ///
  /// - Complexity: O(pixels of the patch).
  static func drawn(_ source: Plane, deformation: Deformation, random: inout RandomStream) -> InkPatch {
    let padded = source.padded(by: 3)
    // A pen widens a stroke on both sides, and only so far: strokes neither vanish nor close the digit's eyes.
    let missing = deformation.penWidth * Float(source.height) - padded.strokeWidth
    let written = padded.thickened(by: min(max(missing / 2, -0.45), 0.7))
    let thick = written.thickened(by: deformation.running)
    let scaleY = deformation.height / Float(max(source.height, 1))
    let scaleX = scaleY * deformation.stretch
    let cosine = 1 - deformation.rotation * deformation.rotation / 2
    let sine = deformation.rotation
    // Forward: turn · slant · scale. Its inverse takes a canvas point back into the source.
    let m00 = scaleX * cosine
    let m01 = -scaleY * (deformation.slant * cosine + sine)
    let m10 = scaleX * sine
    let m11 = scaleY * (cosine - deformation.slant * sine)
    let determinant = m00 * m11 - m01 * m10
    let halfWidth = Float(source.width) / 2 + 1
    let halfHeight = Float(source.height) / 2 + 1
    let bend = deformation.wobble * deformation.height
    let reachX = abs(m00) * halfWidth + abs(m01) * halfHeight + bend + 1
    let reachY = abs(m10) * halfWidth + abs(m11) * halfHeight + bend + 1
    let width = Int(reachX * 2) + 2
    let height = Int(reachY * 2) + 2
    // Displacements that depend on the row and on the column alone: waves about one digit long.
    func wave(_ count: Int) -> [Float] {
      let amplitude = deformation.wobble * Float(source.height) * random.normal()
      let frequency = random.uniform(in: 3...7.5) / Float(max(height, 1))
      let phase = random.uniform(in: 0...6.3)
      return (0..<count).map { amplitude * sineApproximation(frequency * Float($0) + phase) }
    }
    let rowX = wave(height)
    let rowY = wave(height)
    let columnX = wave(width)
    let columnY = wave(width)

    let centerX = Float(thick.width) / 2 - 0.5
    let centerY = Float(thick.height) / 2 - 0.5
    // The padding is three pixels wide and thickening takes one, so that what is outside reads as paper.
    var ink = thick.sampled(width: width, height: height) { y, us, vs in
      let py = Float(y) + 0.5 - Float(height) / 2
      let (rowU, rowV) = (rowX[y], rowY[y])
      columnX.withUnsafeBufferPointer { columnX in
        columnY.withUnsafeBufferPointer { columnY in
          for x in 0..<width {
            let px = Float(x) + 0.5 - Float(width) / 2
            us[x] = (m11 * px - m01 * py) / determinant + centerX + rowU + columnX[x]
            vs[x] = (m00 * py - m10 * px) / determinant + centerY + rowV + columnY[x]
          }
        }
      }
    }
    if deformation.skips { ink.skip(height: deformation.height, random: &random) }
    return InkPatch(ink: ink)
  }
}

extension Plane {
  /// Makes ink faint in places, as a pen that skips does: where two waves over the paper, each about as long as the
  /// character is high or half as long, have their troughs.
  ///
  /// - Complexity: O(pixels).
  fileprivate mutating func skip(height characterHeight: Float, random: inout RandomStream) {
    func wave(_ random: inout RandomStream) -> (right: Float, down: Float, phase: Float) {
      // An angle and a length, taken as a point in a ring.
      let length = 6.3 / (characterHeight * random.uniform(in: 0.4...1.1))
      let angle = random.uniform(in: 0...6.3)
      return (
        length * sineApproximation(angle), length * sineApproximation(angle + 1.571), random.uniform(in: 0...6.3)
      )
    }
    let first = wave(&random)
    let second = wave(&random)
    let level = random.uniform(in: 0.5...1.4)
    let faintest = random.uniform(in: 0...0.5)
    for y in 0..<height {
      for x in 0..<width where values[y * width + x] > 0 {
        let here =
          sineApproximation(first.right * Float(x) + first.down * Float(y) + first.phase)
          + sineApproximation(second.right * Float(x) + second.down * Float(y) + second.phase)
        values[y * width + x] *= min(max(2.5 * (here + level), faintest), 1)
      }
    }
  }
}

extension DigitBank.Glyph {
  /// The digit's ink as numbers: 0 paper … 1 ink.
  var plane: Plane {
    Plane(width: width, height: height, values: pixels.map { Float($0) * (1 / 255) })
  }
}

extension Plane {
  /// The mean width of the strokes, in pixels.
  ///
  /// A stroke of width *w* and length *l* has an area of *w l* and two edges of length *l*, which the gradient's length
  /// sums to.
  var strokeWidth: Float {
    guard width > 1, height > 1 else { return 0 }
    var area: Float = 0
    var edges: Float = 0
    values.withUnsafeBufferPointer { values in
      for y in 0..<(height - 1) {
        for index in (y * width)..<(y * width + width - 1) {
          let dx = values[index + 1] - values[index]
          let dy = values[index + width] - values[index]
          area += values[index]
          edges += (dx * dx + dy * dy).squareRoot()
        }
      }
    }
    return edges > 0 ? 2 * area / edges : 0
  }

  func padded(by margin: Int) -> Plane {
    var result = Plane(width: width + 2 * margin, height: height + 2 * margin)
    for y in 0..<height {
      let start = (y + margin) * result.width + margin
      result.values.replaceSubrange(start..<(start + width), with: values[(y * width)..<((y + 1) * width)])
    }
    return result
  }
}

/// Sine to about 0.001: Bhaskara's parabola with one refinement, enough to bend a stroke.
private func sineApproximation(_ angle: Float) -> Float {
  let turns = angle * 0.159_154_94
  let t = (turns - turns.rounded(.down)) * 2 - 1
  let parabola = -4 * t * (1 - abs(t))
  return parabola * (0.775 + 0.225 * abs(parabola))
}
