import Testing

@testable import DescentZIP

/// What is done fast to planes, against what is obviously meant.
@Suite struct PlaneTests {
  private static let sizes = [(1, 1), (3, 2), (5, 9), (17, 4), (40, 33), (64, 70)]

  private func noise(_ size: (Int, Int), share: Float = 1, seed: UInt64 = 1) -> Plane {
    var random = RandomStream(seed: seed, index: UInt64(size.0 * 1_000 + size.1))
    return Plane(
      width: size.0, height: size.1,
      values: (0..<size.0 * size.1).map { _ in random.uniform() < share ? random.uniform() : 0 })
  }

  @Test func stretchesAreThePixelsAboveTheLimit() {
    for size in Self.sizes {
      let plane = noise(size)
      var found = [Bool](repeating: false, count: plane.values.count)
      for stretch in plane.stretches(above: 0.4) {
        for x in stretch.first...stretch.last { found[Int(stretch.row) * plane.width + Int(x)] = true }
      }
      #expect(found == plane.values.map { $0 > 0.4 })
    }
  }

  /// The box around ink in one piece, one that only corners hold together included.
  @Test func piecesTouchAtCorners() {
    var ink = Plane(width: 60, height: 40)
    for step in 0..<20 { ink[10 + step, 5 + step] = 1 }
    for step in 0..<20 { ink[49 - step, 5 + step] = 1 }
    // A speck far away belongs to nothing.
    ink[2, 38] = 1
    #expect(Writing(in: ink)?.box == InkBox(x: 10, y: 5, width: 40, height: 20))
    #expect(Writing(in: Plane(width: 30, height: 30)) == nil)
  }

  @Test func levelLinesAreMeansOfRows() {
    for size in Self.sizes {
      let (plane, width, height) = (noise(size), size.0, size.1)
      func thick(_ x: Int, _ y: Int) -> Float {
        let rows = [max(y - 1, 0), y, min(y + 1, height - 1)]
        return min(rows.reduce(0) { $0 + plane[x, $1] }, 1)
      }
      let lines = LevelLines(plane)
      for y in 0..<height {
        for x in 0..<width {
          let mean = (max(x - 1, 0)...min(x + 1, width - 1)).reduce(0) { $0 + thick($1, y) } / 3
          #expect(abs(lines.ink[x, y] - mean) < 1e-5)
        }
      }
    }
  }

  /// Looking again at the rows that have changed gives the bits of looking at everything.
  @Test func levelLinesOfAChangedPicture() {
    for size in Self.sizes {
      var plane = noise(size)
      var lines = LevelLines(plane)
      for (first, last) in [(0, 0), (size.1 / 3, size.1 / 2), (size.1 - 1, size.1 - 1)] {
        for y in first...last { for x in 0..<size.0 where x % 3 != 1 { plane[x, y] = 0 } }
        lines.update(from: plane, rows: first..<last + 1)
        let fresh = LevelLines(plane)
        #expect(lines.ridges.values == fresh.ridges.values)
        #expect(lines.ink.values == fresh.ink.values)
      }
    }
  }

  @Test func samplingInterpolatesAndStaysInside() {
    let plane = Plane(width: 3, height: 3, values: [0, 1, 2, 10, 11, 12, 20, 21, 22])
    // The last column and row are only neighbors.
    let places: [(x: Float, y: Float, value: Float)] = [
      (0, 0, 0), (0.5, 0.25, 3), (1, 1, 11), (1.75, 9, 11), (-3, -3, 0), (0.5, .nan, 0.5), (.infinity, 0.5, 6),
    ]
    let sampled = plane.sampled(width: places.count, height: 1) { _, xs, ys in
      for (index, place) in places.enumerated() { (xs[index], ys[index]) = (place.x, place.y) }
    }
    #expect(sampled.values == places.map(\.value))
  }
}
