import DescentGraph

/// Where the elements of a tensor lie within a densely packed base: element `[i, j, …]` is at
/// `offset + i · strides[0] + j · strides[1] + …`, counted in elements.
package struct Layout: Sendable, Hashable {
  /// The place of the first element.
  package var offset: Int
  /// The distance between neighbors along each axis; 0 repeats, negative ones reverse.
  package var strides: [Int]

  /// Describes a layout.
  package init(offset: Int = 0, strides: [Int]) {
    self.offset = offset
    self.strides = strides
  }

  /// The layout of a densely packed tensor.
  package init(dense shape: Shape) { self.init(strides: shape.strides) }

  /// Whether the elements follow each other in row-major order without gaps.
  package func isPacked(_ shape: Shape) -> Bool {
    var expected = 1
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      if strides[axis] != expected { return false }
      expected *= shape[axis]
    }
    return true
  }

  /// Whether one element is shown several times, and no other.
  package func isRepeated(_ shape: Shape) -> Bool {
    shape.count > 1 && shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == 0 }
  }

  /// The layout of a view of a tensor laid out like this; `nil` where strides cannot express it or the operation is no
  /// view.
  package func viewed(through operation: any Operation, from source: Shape, to result: Shape) -> Layout? {
    switch operation {
    case let transpose as Transpose:
      return Layout(offset: offset, strides: transpose.permutation.map { strides[$0] })
    case let broadcast as Broadcast:
      var spread = [Int](repeating: 0, count: result.rank)
      for (axis, target) in broadcast.axes.enumerated() { spread[target] = strides[axis] }
      return Layout(offset: offset, strides: spread)
    case let slice as Slice:
      let start = zip(slice.starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
      return Layout(offset: offset + start, strides: zip(strides, slice.steps).map { $0 * $1 })
    case let reverse as Reverse:
      var turned = self
      for axis in reverse.axes {
        turned.offset += (source[axis] - 1) * strides[axis]
        turned.strides[axis].negate()
      }
      return turned
    case is Reshape: return reshaped(from: source, to: result)
    case is StopGradient: return self
    default: return nil
    }
  }

  /// The layout under another shape of the same, nonzero number of elements.
  private func reshaped(from source: Shape, to result: Shape) -> Layout? {
    // Axes that follow each other without a gap form one run; each run must be cut up by whole axes of the result.
    var runs: [(size: Int, stride: Int)] = []
    for axis in source.indices where source[axis] != 1 {
      if let last = runs.last, last.stride == strides[axis] * source[axis] {
        runs[runs.count - 1] = (last.size * source[axis], strides[axis])
      } else {
        runs.append((source[axis], strides[axis]))
      }
    }
    var cut = [Int](repeating: 0, count: result.rank)
    var (remaining, stride) = (1, 1)
    for axis in result.indices.reversed() where result[axis] != 1 {
      if remaining == 1, let run = runs.popLast() { (remaining, stride) = run }
      guard remaining % result[axis] == 0 else { return nil }
      cut[axis] = stride
      stride *= result[axis]
      remaining /= result[axis]
    }
    return Layout(offset: offset, strides: cut)
  }
}

extension Operation {
  /// Whether the result only shows elements of the operand, in other places.
  package var isView: Bool {
    switch Self.kind {
    case .transpose, .broadcast, .slice, .reverse, .reshape, .stopGradient: true
    default: false
    }
  }
}
