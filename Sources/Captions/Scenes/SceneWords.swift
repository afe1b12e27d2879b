/// The colors of shapes in scenes.
public enum SceneColor: String, CaseIterable, Codable, Hashable, Sendable {
  case red, orange, yellow, green, blue, purple, brown, black

  /// Red, green and blue, from 0 to 1.
  var samples: [Double] {
    switch self {
    case .red: [0.86, 0.12, 0.14]
    case .orange: [0.98, 0.55, 0.10]
    case .yellow: [0.95, 0.86, 0.15]
    case .green: [0.15, 0.62, 0.22]
    case .blue: [0.16, 0.34, 0.86]
    case .purple: [0.56, 0.20, 0.70]
    case .brown: [0.48, 0.29, 0.13]
    case .black: [0.10, 0.10, 0.10]
    }
  }
}

/// The kinds of shapes in scenes.
public enum SceneShape: String, CaseIterable, Codable, Hashable, Sendable {
  case circle, square, triangle, diamond, cross

  /// What the shape is called, the usual word first.
  var words: [String] {
    switch self {
    case .circle: ["circle", "disk"]
    case .square: ["square", "box"]
    case .triangle: ["triangle"]
    case .diamond: ["diamond"]
    case .cross: ["cross", "plus"]
    }
  }
}

/// The sizes of shapes in scenes.
public enum SceneSize: String, CaseIterable, Codable, Hashable, Sendable {
  case small, large

  /// What the size is called, the usual word first.
  var words: [String] { self == .small ? ["small", "tiny"] : ["large", "big"] }

  /// The radii of such shapes, as parts of the picture's side.
  var radii: ClosedRange<Double> { self == .small ? 0.072...0.086 : 0.128...0.147 }
}

/// Where a shape lies: one of nine places in three rows and three columns.
public struct ScenePlace: Codable, Hashable, Sendable {
  /// The row, from the top, and the column, from the left: 0, 1 or 2.
  public var row, column: Int

  /// A place.
  public init(row: Int, column: Int) { (self.row, self.column) = (row, column) }

  /// All places in the order in which one reads.
  static let all = (0..<9).map { ScenePlace(row: $0 / 3, column: $0 % 3) }

  /// What the place is called, the usual words first.
  var words: [String] {
    let vertical = ["top", nil, "bottom"][row]
    let horizontal = ["left", nil, "right"][column]
    return switch (vertical, horizontal) {
    case (let vertical?, let horizontal?):
      ["at the \(vertical) \(horizontal)", "in the \(vertical) \(horizontal) corner"]
    case (let word?, nil), (nil, let word?): ["at the \(word)", "at the \(word) edge"]
    case (nil, nil): ["in the middle", "in the center"]
    }
  }
}

/// Where one shape lies, seen from another.
public enum SceneRelation: String, CaseIterable, Codable, Hashable, Sendable {
  case leftOf, rightOf, above, below

  /// What the relation is called, the usual words first.
  var words: [String] {
    switch self {
    case .leftOf: ["left of", "to the left of"]
    case .rightOf: ["right of", "to the right of"]
    case .above: ["above", "over"]
    case .below: ["below", "under"]
    }
  }

  /// The relation of the second to the first.
  var converse: SceneRelation {
    switch self {
    case .leftOf: .rightOf
    case .rightOf: .leftOf
    case .above: .below
    case .below: .above
    }
  }

  /// Whether it holds of things at two places.
  func holds(_ first: ScenePlace, _ second: ScenePlace) -> Bool {
    switch self {
    case .leftOf: first.column < second.column
    case .rightOf: first.column > second.column
    case .above: first.row < second.row
    case .below: first.row > second.row
    }
  }
}
