/// What names axes of a tensor: one axis, or an array of them; negative numbers count from the end.
///
/// `x.sum(axes: 0)` and `x.sum(axes: [0, -1])` both say what they mean.
public protocol AxisList: Sendable {
  /// The axes.
  var axes: [Int] { get }
}

extension Int: AxisList {
  public var axes: [Int] { [self] }
}

extension [Int]: AxisList {
  public var axes: [Int] { self }
}
