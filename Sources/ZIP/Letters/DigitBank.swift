import DescentData

/// The handwritten digits of one split, cut to their ink and ready to be drawn.
///
/// Digits lower than 24 pixels (16×16 of USPS, 8×8 of UCI) are enlarged smoothly to 32, so that a letter of them is
/// drawn in strokes and not in squares.
public struct DigitBank: Sendable {
  /// One digit's ink, cut out: 0 paper … 255 ink.
  struct Glyph: Sendable {
    let width: Int
    let height: Int
    let pixels: [UInt8]
    let label: UInt8
  }

  let glyphs: [Glyph]
  /// The glyphs that show a 0, a 1, … a 9.
  let members: [[Int]]

  /// How many digits there are to draw from.
  public var count: Int { glyphs.count }

  /// Cuts out the digits of a set; pictures without ink or with a label above 9 are left out.
  ///
  /// - Complexity: O(pixels).
  public init(_ images: DigitImages) {
    var glyphs: [Glyph] = []
    glyphs.reserveCapacity(images.count)
    let area = images.height * images.width
    for index in 0..<images.count where images.labels[index] <= 9 {
      let pixels = images.pixels[(index * area)..<((index + 1) * area)]
      if let glyph = Self.cutOut(pixels, width: images.width, height: images.height, label: images.labels[index]) {
        glyphs.append(glyph)
      }
    }
    self.glyphs = glyphs
    var members = [[Int]](repeating: [], count: 10)
    for (index, glyph) in glyphs.enumerated() { members[Int(glyph.label)].append(index) }
    self.members = members
  }

  private static func cutOut(_ pixels: ArraySlice<UInt8>, width: Int, height: Int, label: UInt8) -> Glyph? {
    var plane = Plane(width: width, height: height, values: pixels.map { Float($0) / 255 })
    if height < 24, height > 0 { plane = enlarged(plane, by: (31 + height) / height) }
    guard let box = inkBox(of: plane) else { return nil }
    var cut: [UInt8] = []
    cut.reserveCapacity(box.width * box.height)
    for y in box.y..<(box.y + box.height) {
      for x in box.x..<(box.x + box.width) { cut.append(UInt8(min(max(plane[x, y], 0), 1) * 255)) }
    }
    return Glyph(width: box.width, height: box.height, pixels: cut, label: label)
  }

  /// Enlarges by a Catmull–Rom spline, which keeps small loops open, then steepens the edges that it softened.
  private static func enlarged(_ plane: Plane, by factor: Int) -> Plane {
    var result = Plane(width: plane.width * factor, height: plane.height * factor)
    func weights(_ t: Float) -> [Float] {
      let u = 1 - t
      return [-t * u * u, 2 + t * t * (3 * t - 5), 2 + u * u * (3 * u - 5), -u * t * t].map { $0 / 2 }
    }
    for y in 0..<result.height {
      let v = (Float(y) + 0.5) / Float(factor) - 0.5
      let row = Int(v.rounded(.down))
      let rowWeights = weights(v - Float(row))
      for x in 0..<result.width {
        let u = (Float(x) + 0.5) / Float(factor) - 0.5
        let column = Int(u.rounded(.down))
        let columnWeights = weights(u - Float(column))
        var sum: Float = 0
        for j in 0..<4 where row + j - 1 >= 0 && row + j - 1 < plane.height {
          for i in 0..<4 where column + i - 1 >= 0 && column + i - 1 < plane.width {
            sum += rowWeights[j] * columnWeights[i] * plane[column + i - 1, row + j - 1]
          }
        }
        result[x, y] = min(max((sum - 0.32) / 0.4, 0), 1)
      }
    }
    return result
  }

  private static func inkBox(of plane: Plane) -> (x: Int, y: Int, width: Int, height: Int)? {
    var left = Int.max
    var right = -1
    var top = Int.max
    var bottom = -1
    for y in 0..<plane.height {
      for x in 0..<plane.width where plane[x, y] > 0.2 {
        left = min(left, x)
        right = max(right, x)
        top = min(top, y)
        bottom = max(bottom, y)
      }
    }
    guard right >= left else { return nil }
    return (left, top, right - left + 1, bottom - top + 1)
  }
}
