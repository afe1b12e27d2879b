import DescentGraph

extension Tensor {
  /// All elements in row-major order, as Float64.
  ///
  /// - Throws: `TensorError` that the tensor carries, with the place of the mistake.
  /// - Complexity: O(elements) in addition to what computing them takes.
  public func scalars() throws -> [Double] {
    let literal = try literal(in: .float64)
    return try [Double](unsafeUninitializedCapacity: count) { target, filled in
      try literal.copyElements(to: UnsafeMutableRawBufferPointer(target))
      filled = count
    }
  }

  /// All elements in row-major order, as Float32.
  ///
  /// - Throws: `TensorError` that the tensor carries.
  public func floats() throws -> [Float] {
    let literal = try literal(in: .float32)
    return try [Float](unsafeUninitializedCapacity: count) { target, filled in
      try literal.copyElements(to: UnsafeMutableRawBufferPointer(target))
      filled = count
    }
  }

  /// All elements in row-major order, as integers: real numbers toward zero.
  ///
  /// - Throws: `TensorError` where an unsigned number is larger than the largest `Int`, or that the tensor carries.
  public func integers() throws -> [Int] {
    let numbers = try integerBits()
    if elementType == .uint64, let large = numbers.first(where: { $0 < 0 }) {
      throw TensorError("integers", "\(UInt(bitPattern: large)) is larger than the largest Int; read it with scalars()")
    }
    return numbers
  }

  /// All elements as integers, those of 64 unsigned bits as their bit pattern.
  private func integerBits() throws -> [Int] {
    let literal = try literal(in: .int64, for: "integers")
    return try [Int](unsafeUninitializedCapacity: count) { target, filled in
      try literal.copyElements(to: UnsafeMutableRawBufferPointer(target))
      filled = count
    }
  }

  /// All elements in row-major order, as truth values: whether they differ from 0.
  ///
  /// - Throws: `TensorError` that the tensor carries.
  public func booleans() throws -> [Bool] {
    let literal = try literal(in: .bool)
    return try literal.withHostBytes { $0.map { $0 != 0 } }
  }

  /// The only element, as Float64.
  ///
  /// - Throws: `TensorError` where there is not exactly one element, or that the tensor carries.
  public func item() throws -> Double {
    try checkSingle()
    switch elementType {
    // Read where it lies: a plan that converts one number takes longer than many a training step.
    case .float32: return Double(try stored(Float.self))
    case .float64: return try stored(Double.self)
    default: return try scalars()[0]
    }
  }

  /// The only element in a type of Swift, such as `item(as: Int.self)`: real numbers as integers toward zero, any other
  /// number than 0 as `true`.
  ///
  /// - Throws: `TensorError` where there is not exactly one element or it does not fit into an `Int`, or that the tensor
  ///   carries.
  public func item<Value: TensorReadableElement>(as type: Value.Type) throws -> Value {
    try checkSingle()
    guard let number = type as? any ReadNumber.Type, let value = try number.elements(of: self)[0] as? Value else {
      throw TensorError("item", "elements are read as Double, Float, Int or Bool, not as \(type)")
    }
    return value
  }

  /// The elements as nested arrays of the tensor's rank, such as `[[Float]]` for a matrix.
  ///
  /// ```swift
  /// let rows: [[Float]] = try matrix.array()
  /// ```
  ///
  /// - Throws: `TensorError` where the tensor has another rank than the arrays or an element does not fit into an `Int`,
  ///   or that the tensor carries.
  /// - Complexity: O(elements).
  public func array<Value: TensorReadable>(as type: Value.Type = Value.self) throws -> Value {
    try checkReadable()
    guard let nested = type as? any ReadValue.Type else {
      throw TensorError("array", "elements are read as Double, Float, Int, Bool or arrays of them, not as \(type)")
    }
    guard rank == nested.readRank else {
      throw TensorError("array", "the tensor \(shape) has rank \(rank), \(type) has rank \(nested.readRank)")
    }
    guard let value = try read(nested) as? Value else { throw TensorError("array", "\(type) cannot be read") }
    return value
  }

  private func read<Value: ReadValue>(_ type: Value.Type) throws -> Value {
    Value(reading: try Value.ReadElement.elements(of: self)[...], sizes: shape.sizes[...])
  }

  private func checkSingle() throws {
    try checkReadable("item")
    guard count == 1 else { throw TensorError("item", "the tensor \(shape) has \(count) elements, not one") }
  }

  private func stored<Value: BitwiseCopyable>(_ type: Value.Type) throws -> Value {
    try checkReadable()
    return try literal().firstElement(as: Value.self)
  }

  private func literal(in elementType: ElementType, for function: String = #function) throws -> Literal {
    try checkReadable(function)
    let converted = converted(to: elementType)
    // The tensor keeps its own value too, so that neither a second reading nor what follows from it computes it again.
    try evaluate([self, converted])
    return try converted.literal()
  }
}

extension Tensor: CustomStringConvertible {
  /// The type, and the elements where they are few; the error where the tensor carries one or cannot be computed.
  public var description: String {
    if let error { return "Tensor(error: \(error))" }
    guard !expression.isSymbolic, count <= 64 else { return "Tensor(\(type))" }
    do {
      return "Tensor(\(type): \(nested(try words()[...], shape.sizes[...])))"
    } catch {
      return "Tensor(\(type), error: \(error))"
    }
  }

  /// The elements as text.
  private func words() throws -> [String] {
    switch elementType {
    case .float64: try scalars().map { String($0) }
    case let type where type.isFloatingPoint: try floats().map { String($0) }
    case .bool: try integers().map { $0 == 0 ? "false" : "true" }
    case .uint64: try integerBits().map { String(UInt(bitPattern: $0)) }
    default: try integers().map { String($0) }
    }
  }

  private func nested(_ words: ArraySlice<String>, _ sizes: ArraySlice<Int>) -> String {
    guard let size = sizes.first else { return words.first ?? "" }
    guard size > 0 else { return "[]" }
    let part = words.count / size
    let parts = (0..<size).map { index in
      let start = words.startIndex + index * part
      return nested(words[start..<start + part], sizes.dropFirst())
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
