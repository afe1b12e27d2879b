import DescentGraph

extension Tensor {
  /// The same elements in row-major order under another shape; one size may be −1 and is then computed.
  public func reshaped(_ shape: Shape) -> Tensor {
    .calling {
      if error != nil || self.shape == shape { return self }
      var target = shape
      if let open = shape.firstIndex(of: -1) {
        target[open] = 1
        let rest = target.checkedCount ?? 0
        guard rest > 0, count % rest == 0 else {
          return .failure("reshaped", "\(self.shape) has \(count) elements, which do not fill \(shape)")
        }
        target[open] = count / rest
      }
      return .record(Reshape(shape: target), [self])
    }
  }

  /// All axes after the first `keeping` ones joined into one: `[batch, …]` becomes `[batch, features]`.
  public func flattened(keeping: Int = 1) -> Tensor {
    .calling {
      if error != nil { return self }
      guard keeping >= 0, keeping <= rank else {
        return .failure("flattened", "\(shape) does not have \(keeping) axes to keep")
      }
      guard let features = Shape(Array(shape.sizes[keeping...])).checkedCount else {
        return .failure(
          "flattened", "the axes of \(shape) after the first \(keeping) join to more elements than can be addressed")
      }
      return reshaped(Shape(shape.sizes[..<keeping] + [features]))
    }
  }

  /// The axes in another order, reversed where none is given: result axis `i` is axis `order[i]`, where a negative number
  /// counts from the end.
  public func transposed(_ order: [Int]? = nil) -> Tensor {
    .calling {
      if error != nil { return self }
      // A number that names no axis is passed on, so that the operation's complaint repeats what was asked.
      let permutation = order.map { $0.map { resolved($0) ?? $0 } }
      return .record(Transpose(permutation: permutation ?? shape.indices.reversed()), [self])
    }
  }

  /// A new axis of size 1 at the given place.
  public func expanded(axis: Int) -> Tensor {
    .calling {
      if error != nil { return self }
      let place = axis < 0 ? axis + rank + 1 : axis
      guard (0...rank).contains(place) else { return .failure("expanded", "\(shape) has no place \(axis) for an axis") }
      return reshaped(Shape(shape.sizes[..<place] + [1] + shape.sizes[place...]))
    }
  }

  /// The part with indices `range` along an axis.
  public func sliced(_ range: Range<Int>, axis: Int = 0) -> Tensor {
    resolved([axis], "sliced") { axes in
      var starts = shape.map { _ in 0 }
      var limits = shape.sizes
      starts[axes[0]] = range.lowerBound
      limits[axes[0]] = range.upperBound
      return .record(Slice(starts: starts, limits: limits), [self])
    }
  }

  /// The elements in opposite order along the given axes, along all where none are given.
  public func reversed(axes: (any AxisList)? = nil) -> Tensor {
    resolved(axes, "reversed") { .record(Reverse(axes: $0), [self]) }
  }

  /// The tensor padded with one value before and after, along each axis.
  public func padded(low: [Int], high: [Int], with value: Double = 0) -> Tensor {
    .calling {
      if error != nil { return self }
      return .record(Pad(low: low, high: high), [self, constantScalar(value, "padded")])
    }
  }

  /// For each element, a vector along a new last axis that is 1 at the element's index and 0 elsewhere.
  ///
  /// An index outside `0..<count` gives zeros.
  public func oneHot(count: Int, _ elementType: ElementType = .float32) -> Tensor {
    .calling {
      if error != nil { return self }
      guard self.elementType.isInteger else {
        return .failure("oneHot", "takes integers, not \(self.elementType)")
      }
      guard count >= 0 else { return .failure("oneHot", "the count \(count) is negative") }
      // More places than the type counts would be named twice.
      let type = self.elementType.holds(Double(count)) ? self.elementType : .int64
      let indices = Tensor(rangeTo: count, type)
      return (converted(to: type).expanded(axis: -1) .== indices).converted(to: elementType)
    }
  }
}

/// Tensors concatenated along an axis.
public func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  if let failed = tensors.first(where: { $0.error != nil }) { return failed }
  guard let first = tensors.first else { return .failure("concatenated", "needs at least one tensor") }
  return first.resolved([axis], "concatenated") { .record(Concatenate(axis: $0[0]), tensors) }
}

/// Tensors of one shape stacked along a new axis.
public func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  .calling { concatenated(tensors.map { $0.expanded(axis: axis) }, axis: axis) }
}
