/// What names axes of a tensor: an `Int` for one axis, or an array of them; negative numbers count from the end.
///
/// `x.sum(axes: 0)` and `x.sum(axes: [0, -1])` both say what they mean. No other type can name axes.
public protocol AxisList: Sendable {}

extension Int: AxisList {}
extension [Int]: AxisList {}

/// What an `AxisList` holds, as a protocol of its own so that standard types get no further public members.
protocol AxisNumbers {
  /// The axes.
  var axes: [Int] { get }
}

extension Int: AxisNumbers {
  var axes: [Int] { [self] }
}

extension [Int]: AxisNumbers {
  var axes: [Int] { self }
}
