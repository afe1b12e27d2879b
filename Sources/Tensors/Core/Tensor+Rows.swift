import DescentGraph

extension Tensor {
  /// Whether the value depends on an argument of a function that is being recorded, so that it cannot be read.
  package var isSymbolic: Bool { expression.isSymbolic }

  /// The indices `range` of the leading axis, copied.
  ///
  /// Unlike `sliced`, whose result is another function for every place, all parts of one size share their plans.
  ///
  /// - Throws: `TensorError` that the tensor carries, or where the range does not fit.
  package func rows(_ range: Range<Int>) throws -> Tensor {
    let literal = try literal()
    guard let rows = shape.first, range.lowerBound >= 0, range.upperBound <= rows else {
      throw TensorError("rows", "\(range) does not fit the leading axis of \(shape)")
    }
    let rowBytes = rows == 0 ? 0 : literal.type.byteCount / rows
    var sizes = shape
    sizes[0] = range.count
    let places = range.lowerBound * rowBytes..<range.upperBound * rowBytes
    return try literal.withHostBytes { bytes in
      Tensor.copied(UnsafeRawBufferPointer(rebasing: bytes[places]), sizes.count, TensorType(sizes, elementType))
    }
  }

  /// Computed tensors one after the other along the leading axis, copied into one.
  ///
  /// - Throws: `TensorError` that one of them carries, or where they do not fit together.
  package static func joiningRows(_ parts: [Tensor]) throws -> Tensor {
    guard let first = parts.first else { throw TensorError("joiningRows", "needs at least one tensor") }
    var type = first.type
    let rowSizes = type.shape.sizes.dropFirst()
    guard type.rank > 0,
      parts.allSatisfy({ $0.elementType == type.elementType && $0.rank > 0 && $0.shape.sizes.dropFirst() == rowSizes })
    else { throw TensorError("joiningRows", "the shapes \(parts.map(\.shape)) do not fit") }
    type.shape[0] = parts.reduce(0) { $0 + $1.shape[0] }
    let joined = try derived { () throws(OperationError) in try HostLiteral(uninitialized: type) }
    try joined.fill { target in
      var place = 0
      for part in parts {
        let literal = try part.literal()
        let end = place + literal.type.byteCount
        try literal.copyElements(to: UnsafeMutableRawBufferPointer(rebasing: target[place..<end]))
        place = end
      }
    }
    return Tensor(joined)
  }
}
