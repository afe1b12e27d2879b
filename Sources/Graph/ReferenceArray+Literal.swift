extension ReferenceArray {
  /// Reads a computed tensor.
  package init(_ literal: Literal) {
    let type = literal.type
    func elements<T, R>(_: T.Type, _ convert: (T) -> R) -> [R] {
      UnsafeBufferPointer(start: literal.buffer.pointer.assumingMemoryBound(to: T.self), count: type.count).map(convert)
    }
    switch type.elementType {
    case .float32: self.init(type, reals: elements(Float.self) { Double($0) })
    case .float64: self.init(type, reals: elements(Double.self) { $0 })
    case .float16: self.init(type, reals: elements(UInt16.self) { HalfPrecision.double(float16: $0) })
    case .bfloat16: self.init(type, reals: elements(UInt16.self) { HalfPrecision.double(bfloat16: $0) })
    case .int8: self.init(type, integers: elements(Int8.self) { Int64($0) })
    case .int16: self.init(type, integers: elements(Int16.self) { Int64($0) })
    case .int32: self.init(type, integers: elements(Int32.self) { Int64($0) })
    case .int64: self.init(type, integers: elements(Int64.self) { $0 })
    case .uint8, .bool: self.init(type, integers: elements(UInt8.self) { Int64($0) })
    case .uint16: self.init(type, integers: elements(UInt16.self) { Int64($0) })
    case .uint32: self.init(type, integers: elements(UInt32.self) { Int64($0) })
    case .uint64: self.init(type, integers: elements(UInt64.self) { Int64(bitPattern: $0) })
    }
  }

  /// The tensor in memory, rounded to its element type.
  ///
  /// - Throws: `OperationError` where the system has no memory left.
  package func literal() throws(OperationError) -> Literal {
    let buffer = try Buffer(byteCount: type.byteCount)
    func store<T>(reals convert: (Double) -> T) {
      let target = buffer.pointer.bindMemory(to: T.self, capacity: reals.count)
      for (index, value) in reals.enumerated() { (target + index).initialize(to: convert(value)) }
    }
    func store<T>(integers convert: (Int64) -> T) {
      let target = buffer.pointer.bindMemory(to: T.self, capacity: integers.count)
      for (index, value) in integers.enumerated() { (target + index).initialize(to: convert(value)) }
    }
    switch type.elementType {
    case .float32: store(reals: { Float($0) })
    case .float64: store(reals: { $0 })
    case .float16: store(reals: { HalfPrecision.float16($0) })
    case .bfloat16: store(reals: { HalfPrecision.bfloat16($0) })
    case .int8: store(integers: { Int8(truncatingIfNeeded: $0) })
    case .int16: store(integers: { Int16(truncatingIfNeeded: $0) })
    case .int32: store(integers: { Int32(truncatingIfNeeded: $0) })
    case .int64: store(integers: { $0 })
    case .uint8, .bool: store(integers: { UInt8(truncatingIfNeeded: $0) })
    case .uint16: store(integers: { UInt16(truncatingIfNeeded: $0) })
    case .uint32: store(integers: { UInt32(truncatingIfNeeded: $0) })
    case .uint64: store(integers: { UInt64(bitPattern: $0) })
    }
    return Literal(type: type, buffer: buffer)
  }
}
