extension ReferenceArray {
  /// Reads a computed tensor, copied from its backend's memory.
  ///
  /// - Throws: `OperationError` where computing or copying its elements fails.
  package init(_ literal: Literal) throws(OperationError) { self.init(try literal.host()) }

  /// Reads a tensor that the host knows.
  package init(_ literal: HostLiteral) {
    let type = literal.type
    func elements<T, R>(_: T.Type, _ convert: (T) -> R) -> [R] {
      literal.withBytes { bytes in
        bytes.withMemoryRebound(to: T.self) { $0.map(convert) }
      }
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
  package func literal() throws(OperationError) -> HostLiteral {
    let literal = try HostLiteral(uninitialized: type)
    func store<T>(reals convert: (Double) -> T) {
      literal.fill { bytes in
        let target = bytes.bindMemory(to: T.self)
        for (index, value) in reals.enumerated() { target.initializeElement(at: index, to: convert(value)) }
      }
    }
    func store<T>(integers convert: (Int64) -> T) {
      literal.fill { bytes in
        let target = bytes.bindMemory(to: T.self)
        for (index, value) in integers.enumerated() { target.initializeElement(at: index, to: convert(value)) }
      }
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
    return literal
  }
}
