import DescentGraph

/// What stands where a tensor is made longer.
public enum PaddingMode: Sendable, Hashable {
  /// One number.
  case constant(Double)
  /// The elements in opposite order, the outermost one not repeated.
  case reflect
  /// The outermost element, again and again.
  case edge
  /// The elements from the other end.
  case circular
}

extension Tensor {
  /// Further elements before and after, along each axis, taken from the tensor itself or one number.
  public func padded(low: [Int], high: [Int], mode: PaddingMode) -> Tensor {
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
