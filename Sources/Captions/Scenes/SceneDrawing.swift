import Descent
import Foundation

extension Scene {
  /// Draws scenes: `[count, side, side, 3]`, from 0 for black to 1.
  ///
  /// A pixel takes of a shape's color as much as the shape covers of it, which is told by the distance of its middle from
  /// the shape's edge. It is one compiled function of the shapes' numbers, and so differentiable in them.
  ///
  /// - Parameters:
  ///   - scenes: What to draw.
  ///   - side: The height and width in pixels.
  /// - Throws: `TensorError` where the side is not positive, or memory runs out.
  /// - Complexity: O(scenes · side²).
  public static func pictures(of scenes: [Scene], side: Int) throws -> Tensor {
    guard (1...4096).contains(side) else { throw TensorError("Scene", "cannot be drawn \(side) pixels high and wide") }
    return try drawing(SceneNumbers(scenes, side: side))
  }

  private static let drawing = compiled { (numbers: SceneNumbers) in numbers.drawn() }
}

/// Scenes as tensors: the numbers of their shapes.
struct SceneNumbers: Codable, Sendable {
  private let side: Int
  private var paper: Tensor
  /// Middle from the left and the top, radius, cosine and sine of the turn, 1 for a shape that is there:
  /// `[count, shapes, 6, 1, 1]`.
  private var geometry: Tensor
  /// 1 for the kind of shape that it is: `[count, shapes, kinds, 1, 1]`.
  private var kinds: Tensor
  /// `[count, shapes, 1, 1, 3]`.
  private var colors: Tensor

  init(_ scenes: [Scene], side: Int) {
    self.side = side
    let (count, most, all) = (scenes.count, Scene.mostObjects, SceneShape.allCases)
    var geometry: [Float] = []
    var kinds: [Float] = []
    var colors: [Float] = []
    for scene in scenes {
      for object in scene.objects.prefix(most) {
        geometry += [object.x, object.y, object.radius, cos(object.turn), sin(object.turn), 1].map { Float($0) }
        kinds += all.map { $0 == object.shape ? 1 : 0 }
        colors += object.samples.map { Float($0) }
      }
      let missing = max(0, most - scene.objects.count)
      geometry += [Float](repeating: 0, count: 6 * missing)
      kinds += [Float](repeating: 0, count: all.count * missing)
      colors += [Float](repeating: 0, count: 3 * missing)
    }
    paper = Tensor(floats: scenes.map { Float($0.paper) }, shape: [count, 1, 1, 1])
    self.geometry = Tensor(floats: geometry, shape: [count, most, 6, 1, 1])
    self.kinds = Tensor(floats: kinds, shape: [count, most, all.count, 1, 1])
    self.colors = Tensor(floats: colors, shape: [count, most, 1, 1, 3])
  }

  func drawn() -> Tensor {
    let count = paper.shape[0]
    let middles = (Tensor(rangeTo: side, .float32) + 0.5) / Double(side)
    func number(_ place: Int) -> Tensor { geometry[0..., 0..., place] }
    // Each pixel's place in a shape's own axes, with its middle as origin and pixels as units.
    let right = (middles.reshaped([1, 1, 1, side]) - number(0)) * Double(side)
    let down = (middles.reshaped([1, 1, side, 1]) - number(1)) * Double(side)
    let u = number(3) * right + number(4) * down
    let v = number(3) * down - number(4) * right
    let distances = SceneShape.allCases.map { $0.distance(u, v, radius: number(2) * Double(side)) }
    var distance = Tensor(zeros: [count, Scene.mostObjects, side, side])
    for (kind, own) in distances.enumerated() { distance = distance + kinds[0..., 0..., kind] * own }
    let cover = number(5) * (0.5 - distance).clamped(0, 1)
    var picture = paper.broadcast(to: [count, side, side, 3])
    for place in 0..<Scene.mostObjects {
      let own = cover[0..., place].expanded(axis: -1)
      picture = picture + own * (colors[0..., place] - picture)
    }
    return picture
  }
}

extension SceneShape {
  /// How far points are from the edge, negative inside, in the unit of the radius; exact but near corners.
  fileprivate func distance(_ u: Tensor, _ v: Tensor, radius: Tensor) -> Tensor {
    // But for the triangle, which would reach far beyond the others, and the cross all cover as much as a circle.
    switch self {
    case .circle: return sqrt(u * u + v * v + 1e-6) - radius
    case .square: return maximum(abs(u), abs(v)) - 0.886 * radius
    case .diamond: return (abs(u) + abs(v)) * 0.5.squareRoot() - 0.886 * radius
    case .triangle:
      let inner = 0.68 * radius
      // The middle of the box around it, not that of the triangle, is the place.
      let lower = v - 0.34 * radius
      let bottom = lower - inner
      let sides = abs(u) * 0.75.squareRoot() - 0.5 * lower - inner
      return maximum(bottom, sides)
    case .cross:
      let (long, short) = (1.02 * radius, 0.36 * radius)
      let (x, y) = (abs(u), abs(v))
      return minimum(maximum(x - long, y - short), maximum(x - short, y - long))
    }
  }
}
