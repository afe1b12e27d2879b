/// Capital letters as pen strokes: what a reader of digits has to recognize as none.
///
/// Each letter is a list of strokes on a grid 6 wide and 8 high, from the top left. A stroke is a chain of points; a
/// curved one is drawn as a Catmull–Rom spline through them. The points are moved at random each time a letter is
/// written.
enum StrokeFont {
  struct Stroke: Sendable {
    let points: [(x: Float, y: Float)]
    let isCurved: Bool
  }

  /// Letters that nobody takes for a digit, however badly they are written.
  static let unmistakable: [Character] = Array("AEFHKMNPRUWXY")

  /// Every letter of the font.
  static var letters: [Character] { strokes.keys.sorted() }

  static let strokes: [Character: [Stroke]] = [
    "A": [line(0, 8, 3, 0, 6, 8), line(1, 5, 5, 5)],
    "B": [line(0, 0, 0, 8), curve(0, 0, 4, 0, 5, 2, 3, 4, 0, 4), curve(0, 4, 4, 4, 6, 6, 4, 8, 0, 8)],
    "C": [curve(6, 1.5, 3.5, 0, 0.5, 2, 0.5, 6, 3.5, 8, 6, 6.5)],
    "D": [line(0, 0, 0, 8), curve(0, 0, 4, 0.5, 6, 4, 4, 7.5, 0, 8)],
    "E": [line(6, 0, 0, 0, 0, 8, 6, 8), line(0, 4, 4.5, 4)],
    "F": [line(6, 0, 0, 0, 0, 8), line(0, 4, 4.5, 4)],
    "G": [curve(6, 1.5, 3.5, 0, 0.5, 2, 0.5, 6, 3.5, 8, 6, 6.5), line(3.5, 4.8, 6, 4.8, 6, 8)],
    "H": [line(0, 0, 0, 8), line(6, 0, 6, 8), line(0, 4, 6, 4)],
    "I": [line(3, 0, 3, 8), line(1, 0, 5, 0), line(1, 8, 5, 8)],
    "J": [line(2, 0, 6, 0), curve(5, 0, 5, 5, 4, 8, 1.5, 8, 0, 6)],
    "K": [line(0, 0, 0, 8), line(6, 0, 0, 4.5), line(1.5, 3.5, 6, 8)],
    "L": [line(0, 0, 0, 8, 6, 8)],
    "M": [line(0, 8, 0.5, 0, 3, 5, 5.5, 0, 6, 8)],
    "N": [line(0, 8, 0, 0, 6, 8, 6, 0)],
    "O": [curve(3, 0, 0.5, 2, 0.5, 6, 3, 8, 5.5, 6, 5.5, 2, 3, 0)],
    "P": [line(0, 0, 0, 8), curve(0, 0, 4.5, 0, 6, 2, 4.5, 4.3, 0, 4.3)],
    "Q": [curve(3, 0, 0.5, 2, 0.5, 6, 3, 8, 5.5, 6, 5.5, 2, 3, 0), line(3.5, 5.5, 6, 8.3)],
    "R": [line(0, 0, 0, 8), curve(0, 0, 4.5, 0, 6, 2, 4.5, 4.2, 0, 4.2), line(2.5, 4.2, 6, 8)],
    "S": [curve(6, 1.2, 3.5, 0, 0.5, 1.5, 1.5, 3.6, 4.5, 4.5, 5.6, 6.5, 3, 8, 0, 6.8)],
    "T": [line(0, 0, 6, 0), line(3, 0, 3, 8)],
    "U": [curve(0, 0, 0, 5.5, 1.5, 8, 4.5, 8, 6, 5.5, 6, 0)],
    "V": [line(0, 0, 3, 8, 6, 0)],
    "W": [line(0, 0, 1.5, 8, 3, 2.5, 4.5, 8, 6, 0)],
    "X": [line(0, 0, 6, 8), line(6, 0, 0, 8)],
    "Y": [line(0, 0, 3, 4, 6, 0), line(3, 4, 3, 8)],
    "Z": [line(0, 0, 6, 0, 0, 8, 6, 8)],
  ]

  /// Writes a letter 28 pixels high with its points moved at random; a letter outside the font is written as an X.
  static func written(_ letter: Character, random: inout RandomStream) -> Plane {
    let pitch: Float = 24 / 8
    let width = 6 * pitch * random.uniform(in: 0.75...1.25)
    var segments: [Segment] = []
    for stroke in strokes[letter] ?? strokes["X"] ?? [] {
      let moved = stroke.points.map { point in
        (
          x: 2 + (point.x + 0.35 * random.normal()) * width / 6,
          y: 2 + (point.y + 0.35 * random.normal()) * pitch
        )
      }
      segments += Self.segments(through: moved, isCurved: stroke.isCurved)
    }
    return inked(segments, width: Int(width) + 5, height: 29, radius: random.uniform(in: 0.8...1.7))
  }

  /// Pen strokes without meaning, somewhat longer than high.
  static func scribble(random: inout RandomStream) -> Plane {
    let height: Float = 36
    let width = height * random.uniform(in: 1...5)
    var segments: [Segment] = []
    for _ in 0..<random.integer(in: 1...3) {
      var x = random.uniform(in: 3...width * 0.4)
      let step = random.uniform(in: 0.03...0.25) * width
      var points: [(x: Float, y: Float)] = []
      for _ in 0..<random.integer(in: 8...22) {
        points.append((x: min(max(x, 2), width - 3), y: random.uniform(in: 2...height - 3)))
        x += step * random.uniform(in: -0.7...1.2)
        if x > width - 3 { x = random.uniform(in: 3...width * 0.6) }
      }
      segments += Self.segments(through: points, isCurved: random.chance(0.75))
    }
    return inked(segments, width: Int(width), height: Int(height), radius: random.uniform(in: 0.7...2))
  }

  // MARK: - Ink

  typealias Segment = (x0: Float, y0: Float, x1: Float, y1: Float)

  static func segments(through points: [(x: Float, y: Float)], isCurved: Bool) -> [Segment] {
    var chain = points
    if isCurved, points.count > 2 {
      chain = []
      for index in 0..<(points.count - 1) {
        let p0 = points[max(index - 1, 0)]
        let p1 = points[index]
        let p2 = points[index + 1]
        let p3 = points[min(index + 2, points.count - 1)]
        for part in 0..<4 {
          let t = Float(part) / 4
          chain.append((x: catmullRom(p0.x, p1.x, p2.x, p3.x, t), y: catmullRom(p0.y, p1.y, p2.y, p3.y, t)))
        }
      }
      chain.append(points[points.count - 1])
    }
    return zip(chain, chain.dropFirst()).map { (x0: $0.x, y0: $0.y, x1: $1.x, y1: $1.y) }
  }

  private static func catmullRom(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ t: Float) -> Float {
    let linear = c - a
    let quadratic = 2 * a - 5 * b + 4 * c - d
    let cubic = 3 * b - a - 3 * c + d
    return b + 0.5 * t * (linear + t * (quadratic + t * cubic))
  }

  /// Draws segments with a round pen; each touches only the pixels around it.
  static func inked(_ segments: [Segment], width: Int, height: Int, radius: Float) -> Plane {
    var plane = Plane(width: width, height: height)
    plane.values.withUnsafeMutableBufferPointer { values in
      for segment in segments {
        let reach = radius + 1
        let left = max(Int(min(segment.x0, segment.x1) - reach), 0)
        let right = min(Int(max(segment.x0, segment.x1) + reach) + 1, width - 1)
        let top = max(Int(min(segment.y0, segment.y1) - reach), 0)
        let bottom = min(Int(max(segment.y0, segment.y1) + reach) + 1, height - 1)
        guard left <= right, top <= bottom else { continue }
        let dx = segment.x1 - segment.x0
        let dy = segment.y1 - segment.y0
        let lengthSquared = max(dx * dx + dy * dy, 1e-6)
        for y in top...bottom {
          for x in left...right {
            let px = Float(x) - segment.x0
            let py = Float(y) - segment.y0
            let t = min(max((px * dx + py * dy) / lengthSquared, 0), 1)
            let ex = px - t * dx
            let ey = py - t * dy
            let distance = (ex * ex + ey * ey).squareRoot()
            let ink = min(max(radius + 0.5 - distance, 0), 1)
            values[y * width + x] = max(values[y * width + x], ink)
          }
        }
      }
    }
    return plane
  }

  private static func line(_ numbers: Float...) -> Stroke { stroke(numbers, isCurved: false) }

  private static func curve(_ numbers: Float...) -> Stroke { stroke(numbers, isCurved: true) }

  private static func stroke(_ numbers: [Float], isCurved: Bool) -> Stroke {
    Stroke(
      points: stride(from: 0, to: numbers.count - 1, by: 2).map { (x: numbers[$0], y: numbers[$0 + 1]) },
      isCurved: isCurved)
  }
}
