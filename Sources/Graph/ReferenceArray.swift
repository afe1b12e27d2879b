/// A tensor of the reference evaluation: real numbers in Float64, integers and booleans in Int64.
///
/// Unsigned 64-bit integers are kept as their bit pattern. Exactly one of the two arrays holds the elements, in
/// row-major order.
package struct ReferenceArray: Sendable, Equatable {
  /// The shape and the element type that the values stand for.
  package let type: TensorType
  /// The elements of a floating-point tensor.
  package private(set) var reals: [Double] = []
  /// The elements of an integer or boolean tensor.
  package private(set) var integers: [Int64] = []

  /// A floating-point tensor.
  package init(_ type: TensorType, reals: [Double]) {
    self.type = type
    self.reals = reals
  }

  /// An integer or boolean tensor; values are wrapped to the element type.
  package init(_ type: TensorType, integers: [Int64]) {
    self.type = type
    self.integers = integers.map { Self.wrapped($0, type.elementType) }
  }

  /// The same number everywhere, rounded toward zero where the element type is an integer.
  package init(_ type: TensorType, repeating number: Double) {
    self.type = type
    if type.elementType.isFloatingPoint {
      reals = [Double](repeating: number, count: type.count)
    } else {
      integers = [Int64](repeating: Self.integer(number, type.elementType), count: type.count)
    }
  }

  /// The elements taken from places of another array, in order.
  package init(_ type: TensorType, from source: ReferenceArray, at places: [Int]) {
    self.type = type
    if source.type.elementType.isFloatingPoint {
      reals = places.map { source.reals[$0] }
    } else {
      integers = places.map { source.integers[$0] }
    }
  }

  /// The same elements under another type of the same size and kind.
  package func retyped(_ type: TensorType) -> ReferenceArray {
    type.elementType.isFloatingPoint
      ? ReferenceArray(type, reals: reals) : ReferenceArray(type, integers: integers)
  }

  /// The elements as their element type holds them.
  package var rounded: ReferenceArray {
    switch type.elementType {
    case .float32: ReferenceArray(type, reals: reals.map { Double(Float($0)) })
    case .float16: ReferenceArray(type, reals: reals.map { HalfPrecision.double(float16: HalfPrecision.float16($0)) })
    case .bfloat16:
      ReferenceArray(type, reals: reals.map { HalfPrecision.double(bfloat16: HalfPrecision.bfloat16($0)) })
    default: self
    }
  }

  /// Element `index` as a real number.
  package func real(_ index: Int) -> Double {
    if type.elementType.isFloatingPoint { return reals[index] }
    return type.elementType == .uint64 ? Double(UInt64(bitPattern: integers[index])) : Double(integers[index])
  }

  /// Replaces elements at places by those of another array.
  package mutating func assign(_ other: ReferenceArray, at places: [Int]) {
    if type.elementType.isFloatingPoint {
      for (index, place) in places.enumerated() { reals[place] = other.reals[index] }
    } else {
      for (index, place) in places.enumerated() { integers[place] = other.integers[index] }
    }
  }

  /// An integer reduced to the range of an element type, as two's complement wraps it.
  package static func wrapped(_ value: Int64, _ type: ElementType) -> Int64 {
    switch type {
    case .int8: Int64(Int8(truncatingIfNeeded: value))
    case .int16: Int64(Int16(truncatingIfNeeded: value))
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .uint16: Int64(UInt16(truncatingIfNeeded: value))
    case .uint32: Int64(UInt32(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    default: value
    }
  }

  /// A real number as an integer of the given type: toward zero, saturating, NaN to 0.
  package static func integer(_ value: Double, _ type: ElementType) -> Int64 {
    func saturated<I: FixedWidthInteger>(_: I.Type) -> I {
      if value.isNaN { return 0 }
      return I(exactly: value.rounded(.towardZero)) ?? (value < 0 ? I.min : I.max)
    }
    return switch type {
    case .int8: Int64(saturated(Int8.self))
    case .int16: Int64(saturated(Int16.self))
    case .int32: Int64(saturated(Int32.self))
    case .uint8: Int64(saturated(UInt8.self))
    case .uint16: Int64(saturated(UInt16.self))
    case .uint32: Int64(saturated(UInt32.self))
    case .uint64: Int64(bitPattern: saturated(UInt64.self))
    case .bool: value == 0 ? 0 : 1
    default: saturated(Int64.self)
    }
  }
}
