/// A picture's plan: one to three shapes on light paper.
public struct Scene: Codable, Hashable, Sendable {
  /// A shape.
  public struct Object: Codable, Hashable, Sendable {
    /// What it looks like, in words.
    public var color: SceneColor
    public var shape: SceneShape
    public var size: SceneSize
    public var place: ScenePlace
    /// Where the middle lies, from the left and the top, and the radius, as parts of the picture's side.
    var x, y, radius: Double
    /// By how much it is turned, in radians.
    var turn: Double
    /// Red, green and blue, from 0 to 1.
    var samples: [Double]
  }

  /// The shapes, in the order in which one reads: from the top, and within a row from the left.
  public var objects: [Object]
  /// The lightness of the paper, from 0 to 1.
  var paper: Double

  /// The most shapes of a scene.
  public static let mostObjects = 3
}

/// Which combinations of color and shape scenes are made of.
public enum SceneCombinations: String, CaseIterable, Codable, Hashable, Sendable {
  /// Those to learn from: 32 of the 40.
  case seen
  /// Those that are held out: every color in one shape, every shape in one or two colors.
  case unseen

  /// Whether a shape in a color is of this kind.
  public func contains(_ color: SceneColor, _ shape: SceneShape) -> Bool {
    let (color, shape) = (SceneColor.allCases.firstIndex(of: color), SceneShape.allCases.firstIndex(of: shape))
    guard let color, let shape else { return false }
    let isHeldOut = (2 * color + 1) % SceneShape.allCases.count == shape
    return isHeldOut == (self == .unseen)
  }
}
