/// What a study looks for: the smallest or the largest of a measured number.
public struct StudyObjective: Hashable, Sendable, Codable {
  /// Its name.
  public var name: String
  /// Whether the smallest value is looked for; otherwise the largest.
  public var isMinimized: Bool

  init(_ name: String, isMinimized: Bool) {
    self.name = name
    self.isMinimized = isMinimized
  }

  /// The smallest value is looked for.
  public static func minimizing(_ name: String) -> StudyObjective { StudyObjective(name, isMinimized: true) }

  /// The largest value is looked for.
  public static func maximizing(_ name: String) -> StudyObjective { StudyObjective(name, isMinimized: false) }
}

extension StudyObjective: CustomStringConvertible {
  /// Such as `minimizing error`.
  public var description: String { (isMinimized ? "minimizing " : "maximizing ") + name }
}
