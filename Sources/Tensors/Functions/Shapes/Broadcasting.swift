import DescentGraph

/// Tensors repeated to the shape that all of them can be repeated to. A mistake gives one tensor, which carries it.
public func broadcast(_ tensors: [Tensor]) -> [Tensor] {
  if let failed = tensors.first(where: { $0.error != nil }) { return [failed] }
  var shape: Shape = []
  for tensor in tensors {
    guard let common = Tensor.commonShape(shape, tensor.shape) else {
      return [.failure("broadcast", "shapes \(tensors.map(\.shape)) do not fit: sizes must be equal or 1")]
    }
    shape = common
  }
  return tensors.map { $0.broadcast(to: shape) }
}

extension Tensor {
  /// The tensor repeated to a larger shape: axes are aligned at the end, and axes of size 1 repeat.
  public func broadcast(to shape: Shape) -> Tensor {
    if error != nil || self.shape == shape { return self }
    let offset = shape.rank - rank
    guard offset >= 0, (0..<rank).allSatisfy({ self.shape[$0] == shape[$0 + offset] || self.shape[$0] == 1 }) else {
      return .failure("broadcast", "\(self.shape) cannot be repeated to \(shape)")
    }
    let kept = (0..<rank).filter { self.shape[$0] == shape[$0 + offset] }
    let squeezed = kept.count == rank ? self : reshaped(Shape(kept.map { self.shape[$0] }))
    return .record(Broadcast(shape: shape, axes: kept.map { $0 + offset }), [squeezed])
  }

  /// Applies an elementwise operation to two tensors, repeated to a common shape, as one call of a function.
  static func elementwise(
    _ operation: some Operation, _ a: Tensor, _ b: Tensor, of function: String = #function
  ) -> Tensor {
    if a.error != nil { return a }
    if b.error != nil { return b }
    let call = FunctionCall(function)
    if a.shape == b.shape { return call(.record(operation, [a, b])) }
    guard let shape = commonShape(a.shape, b.shape) else {
      return call(
        .failure(operation.name, "shapes \(a.shape) and \(b.shape) do not fit: sizes must be equal or 1"))
    }
    return call(.record(operation, [a.broadcast(to: shape), b.broadcast(to: shape)]))
  }

  /// Applies an elementwise operation to a tensor and a number.
  static func elementwise(
    _ operation: some Operation, _ a: Tensor, _ b: Double, of function: String = #function
  ) -> Tensor {
    calling(function) { elementwise(operation, a, a.scalar(b, operation.name), of: function) }
  }

  /// Applies an elementwise operation to a number and a tensor.
  static func elementwise(
    _ operation: some Operation, _ a: Double, _ b: Tensor, of function: String = #function
  ) -> Tensor {
    calling(function) { elementwise(operation, b.scalar(a, operation.name), b, of: function) }
  }

  /// The shape that both can be repeated to, or `nil`.
  static func commonShape(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = Swift.max(a.rank, b.rank)
    var sizes: [Int] = []
    for axis in 0..<rank {
      let x = axis < rank - a.rank ? 1 : a[axis - rank + a.rank]
      let y = axis < rank - b.rank ? 1 : b[axis - rank + b.rank]
      guard x == y || x == 1 || y == 1 else { return nil }
      sizes.append(x == 1 ? y : x)
    }
    return Shape(sizes)
  }

  /// A number as a scalar of this tensor's element type, such that programs that differ only in it share a plan.
  ///
  /// Integers and booleans take only numbers that they hold: half of a tensor of integers would be 0 times it.
  func scalar(_ value: Double, _ operation: String) -> Tensor {
    if error != nil { return self }
    if let refusal = elementType.refusal(of: value, operation) { return refusal }
    return Tensor(value, elementType)
  }

  /// A number that belongs to the program as a scalar of this tensor's element type, which has to hold it.
  func constantScalar(_ value: Double, _ operation: String) -> Tensor {
    if error != nil { return self }
    return elementType.refusal(of: value, operation) ?? .constant(value, elementType)
  }

  /// The axis counted from the front, where a negative one counts from the end; `nil` where it does not exist.
  func resolved(_ axis: Int) -> Int? {
    let front = axis < 0 ? axis + rank : axis
    return shape.indices.contains(front) ? front : nil
  }

  /// The axes counted from the front, all where none are given.
  ///
  /// - Parameter operation: The function that asks, under whose name mistakes are reported.
  func resolved(_ list: (any AxisList)?, _ operation: String, _ body: ([Int]) -> Tensor) -> Tensor {
    if error != nil { return self }
    let call = FunctionCall(operation)
    guard let list else { return call(body(Array(shape.indices))) }
    guard let axes = (list as? any AxisNumbers)?.axes else {
      return call(.failure(operation, "axes are an Int or an array of them, not \(Swift.type(of: list))"))
    }
    var found: [Int] = []
    for axis in axes {
      guard let front = resolved(axis) else {
        return call(.failure(operation, "axis \(axis) does not exist in shape \(shape)"))
      }
      found.append(front)
    }
    return call(body(found))
  }
}

extension ElementType {
  /// The mistake of asking for a number that this type does not hold: integers and booleans are not given fractions, nor
  /// what lies out of their range.
  func refusal(of value: Double, _ operation: String) -> Tensor? {
    holds(value)
      ? nil : .failure(operation, "\(value) is not representable as \(self); convert the tensor with converted(to:)")
  }

  /// Whether a number is one of an integer type's own.
  func holds(_ value: Double) -> Bool {
    switch self {
    case .int8: Int8(exactly: value) != nil
    case .int16: Int16(exactly: value) != nil
    case .int32: Int32(exactly: value) != nil
    case .int64: Int64(exactly: value) != nil
    case .uint8: UInt8(exactly: value) != nil
    case .uint16: UInt16(exactly: value) != nil
    case .uint32: UInt32(exactly: value) != nil
    case .uint64: UInt64(exactly: value) != nil
    case .bool: value == 0 || value == 1
    case .float32, .float64, .bfloat16, .float16: true
    }
  }
}
