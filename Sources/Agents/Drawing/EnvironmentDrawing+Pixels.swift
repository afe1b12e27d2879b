import DescentData
import DescentTensors
import Foundation

extension EnvironmentDrawing {
  /// The drawing in pixels, of red, green and blue, with smooth edges.
  ///
  /// - Parameter width: The width in pixels; the height follows.
  /// - Throws: `TensorError` where the drawing has no size, or more pixels than a picture may have.
  /// - Complexity: O(pixels · shapes).
  public func picture(width pixels: Int = 400) throws -> Picture {
    guard width > 0, height > 0, width.isFinite, height.isFinite, (1...8192).contains(pixels) else {
      throw TensorError(
        "EnvironmentDrawing",
        "a picture of \(width) × \(height) in \(pixels) pixels a line, where 1 to 8192 are possible")
    }
    let scale = Double(pixels) / width
    let rows = Int(min(max((height * scale).rounded(), 1), 8192))
    var canvas = PixelCanvas(width: pixels, height: rows, background)
    for shape in shapes {
      let (points, color) = outline(shape, scale)
      canvas.fill(points, color)
    }
    return try Picture(width: pixels, height: rows, channels: 3, pixels: canvas.pixels)
  }

  /// A shape as the corners of a polygon, in pixels.
  private func outline(_ shape: Shape, _ scale: Double) -> (points: [Point], color: Color) {
    func arc(_ center: Point, _ radius: Double, from start: Double, to end: Double) -> [Point] {
      let count = min(max(Int((radius * scale).squareRoot() * 6 * abs(end - start) / .pi), 4), 128)
      return (0...count).map { step in
        let angle = start + (end - start) * Double(step) / Double(count)
        return Point((center.x + radius * cos(angle)) * scale, (center.y + radius * sin(angle)) * scale)
      }
    }
    switch shape {
    case .polygon(let points, let color): return (points.map { Point($0.x * scale, $0.y * scale) }, color)
    case .circle(let center, let radius, let color): return (arc(center, radius, from: 0, to: 2 * .pi), color)
    case .line(let a, let b, let width, let color):
      let angle = atan2(b.y - a.y, b.x - a.x)
      let (first, second) = (angle + .pi / 2, angle - .pi / 2)
      return (
        arc(a, width / 2, from: first, to: first + .pi) + arc(b, width / 2, from: second, to: second + .pi), color
      )
    }
  }
}

/// Pixels that polygons are filled into.
private struct PixelCanvas {
  let width: Int
  let height: Int
  private(set) var pixels: [UInt8]
  /// Lines between which a pixel's cover is averaged.
  private static let lines = 4

  init(width: Int, height: Int, _ background: EnvironmentDrawing.Color) {
    (self.width, self.height) = (width, height)
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for place in 0..<width * height {
        buffer[3 * place] = background.red
        buffer[3 * place + 1] = background.green
        buffer[3 * place + 2] = background.blue
      }
      count = width * height * 3
    }
  }

  /// Fills a polygon by the rule of even and odd.
  mutating func fill(_ points: [EnvironmentDrawing.Point], _ color: EnvironmentDrawing.Color) {
    guard points.count >= 3, points.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return }
    let top = max(0, min(Double(height), (points.map(\.y).min() ?? 0).rounded(.down)))
    let bottom = max(0, min(Double(height), (points.map(\.y).max() ?? 0).rounded(.up)))
    guard top < bottom else { return }
    for row in Int(top)..<Int(bottom) {
      var cover = [Float](repeating: 0, count: width)
      var (least, most) = (width, -1)
      for line in 0..<Self.lines {
        let y = Double(row) + (Double(line) + 0.5) / Double(Self.lines)
        let crossings = Self.crossings(points, y)
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
          let (from, to) = (max(0, crossings[pair]), min(Double(width), crossings[pair + 1]))
          guard from < to else { continue }
          let (first, last) = (Int(from), min(Int(to), width - 1))
          (least, most) = (min(least, first), max(most, last))
          for column in first...last {
            let part = min(to, Double(column + 1)) - max(from, Double(column))
            cover[column] += Float(max(0, part)) / Float(Self.lines)
          }
        }
      }
      guard least <= most else { continue }
      for column in least...most where cover[column] > 0 { blend(row * width + column, color, min(1, cover[column])) }
    }
  }

  /// Where the sides of a polygon cross a line, from left to right.
  private static func crossings(_ points: [EnvironmentDrawing.Point], _ y: Double) -> [Double] {
    var found: [Double] = []
    var last = points[points.count - 1]
    for point in points {
      if (last.y <= y) != (point.y <= y) {
        found.append(last.x + (y - last.y) / (point.y - last.y) * (point.x - last.x))
      }
      last = point
    }
    return found.sorted()
  }

  private mutating func blend(_ place: Int, _ color: EnvironmentDrawing.Color, _ share: Float) {
    // Few steps of cover, so that a film has few colors.
    let share = (share * 4).rounded() / 4
    for (channel, value) in [color.red, color.green, color.blue].enumerated() {
      let old = Float(pixels[3 * place + channel])
      pixels[3 * place + channel] = UInt8(old + (Float(value) - old) * share)
    }
  }
}
