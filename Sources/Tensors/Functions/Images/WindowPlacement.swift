import DescentGraph

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
