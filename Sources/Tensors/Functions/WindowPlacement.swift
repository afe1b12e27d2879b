import DescentGraph

/// How the edges of an image are treated by a window that reaches over them.
public enum Padding: Sendable, Hashable, Codable {
  /// No padding: windows lie inside.
  case valid
  /// As much padding as gives size ÷ stride windows, rounded up; an odd element goes at the end of the axis.
  case same
  /// The same number of elements on each side of each axis.
  case each(Int)
  /// Numbers of elements before and after, for each spatial axis; one number serves all axes.
  case sides(low: [Int], high: [Int])

  /// The padding before and after, for each axis.
  func amounts(_ sizes: [Int], window: [Int], strides: [Int], dilation: [Int]) -> (low: [Int], high: [Int]) {
    switch self {
    case .valid: return (sizes.map { _ in 0 }, sizes.map { _ in 0 })
    case .each(let amount): return (sizes.map { _ in amount }, sizes.map { _ in amount })
    case .sides(let low, let high): return (perAxis(low, sizes.count), perAxis(high, sizes.count))
    case .same:
      let totals = sizes.indices.map { axis in
        // What windows do not reach of their last stride; the shape rule refuses the absurd numbers that would overflow.
        let stride = Swift.max(1, strides[axis])
        let rest = sizes[axis] % stride
        return Swift.max(0, (window[axis] &- 1) &* dilation[axis] &+ 1 &- (rest == 0 ? stride : rest))
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    }
  }
}

/// A number for each axis, of which one alone serves all.
func perAxis(_ values: [Int]?, _ rank: Int, otherwise: Int = 1) -> [Int] {
  guard let values else { return [Int](repeating: otherwise, count: rank) }
  return values.count == 1 ? [Int](repeating: values[0], count: rank) : values
}

/// How windows lie over spatial axes of the given sizes. Wrong numbers of numbers are left to the shape rule to refuse.
func windowGeometry(
  over spatial: [Int], size: [Int], strides: [Int]?, padding: Padding, dilation: [Int]?
) -> WindowGeometry {
  let (strides, dilation) = (perAxis(strides, size.count), perAxis(dilation, size.count))
  guard [spatial, strides, dilation].allSatisfy({ $0.count == size.count }) else {
    return WindowGeometry(size: size, strides: strides, dilation: dilation)
  }
  let (low, high) = padding.amounts(spatial, window: size, strides: strides, dilation: dilation)
  return WindowGeometry(size: size, strides: strides, low: low, high: high, dilation: dilation)
}
