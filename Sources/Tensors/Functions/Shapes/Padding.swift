import DescentGraph

/// The padding of the spatial axes of an image before windows slide over it.
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

/// What the padding of a tensor is filled with.
public enum PaddingMode: Sendable, Hashable, Codable {
  /// One number.
  case constant(Double)
  /// The elements mirrored at the edge, which is not repeated.
  case reflect
  /// The outermost element, repeated.
  case edge
  /// The elements from the other end, as on a circle.
  case circular
}

extension Tensor {
  /// Further elements before and after, along each axis, taken from the tensor itself or one number.
  public func padded(low: [Int], high: [Int], mode: PaddingMode) -> Tensor {
    .calling {
      if error != nil { return self }
      if case .constant(let value) = mode { return padded(low: low, high: high, with: value) }
      guard low.count == rank, high.count == rank, (low + high).allSatisfy({ $0 >= 0 }) else {
        return .failure("padded", "amounts \(low) and \(high) do not fit the \(rank) axes of \(shape)")
      }
      var result = self
      for axis in shape.indices where (low[axis] > 0 || high[axis] > 0) && result.error == nil {
        result = result.padded(low[axis], high[axis], mode, axis)
      }
      return result
    }
  }

  private func padded(_ low: Int, _ high: Int, _ mode: PaddingMode, _ axis: Int) -> Tensor {
    let size = shape[axis]
    let most =
      switch mode {
      case .reflect: size - 1
      case .circular: size
      default: size > 0 ? Int.max : 0
      }
    guard low <= most, high <= most else {
      return .failure("padded", "axis \(axis) of \(shape) is too short to be padded by \(low) and \(high): \(mode)")
    }
    func part(_ range: Range<Int>) -> Tensor { sliced(range, axis: axis) }
    func edge(_ index: Int, _ count: Int) -> Tensor {
      var wide = shape
      wide[axis] = count
      return part(index..<index + 1).broadcast(to: wide)
    }
    let parts: [Tensor] =
      switch mode {
      case .reflect:
        [
          part(1..<1 + low).reversed(axes: [axis]), self,
          part(size - 1 - high..<size - 1).reversed(axes: [axis]),
        ]
      case .circular: [part(size - low..<size), self, part(0..<high)]
      default: [edge(0, low), self, edge(size - 1, high)]
      }
    return concatenated(parts, axis: axis)
  }
}
