/// What a method is made for.
struct MethodSetting {
  /// How many numbers move.
  let count: Int
  /// Where they may be; everywhere, for a method that is given variables of which a box is the image.
  let region: Region
}

/// How a method keeps to a set.
enum BoundHandling: Sendable {
  /// It projects on any set.
  case anySet
  /// It has a way of its own for boxes.
  case box
  /// It is given variables of which a box is the image.
  case variables
}
