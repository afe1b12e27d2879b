import DescentGraph

/// One application of an operation that the table tries.
struct Sample: Sendable {
  /// What is applied.
  let operation: any Operation
  /// What it is applied to.
  let operands: [ReferenceArray]
  /// Whether derivatives exist at the operands, so that differences can be held against them.
  let isSmooth: Bool

  init(_ operation: any Operation, _ operands: ReferenceArray..., isSmooth: Bool = true) {
    self.init(operation, operands: operands, isSmooth: isSmooth)
  }

  init(_ operation: any Operation, operands: [ReferenceArray], isSmooth: Bool = true) {
    self.operation = operation
    self.operands = operands
    self.isSmooth = isSmooth
  }

  /// The function that applies the operation to its operands.
  func graph() throws -> Graph {
    let builder = GraphBuilder()
    let inputs = operands.map { builder.input($0.type).value }
    return try builder.graph(outputs: try builder.add(operation, inputs))
  }

  /// The operands that can move.
  var parameters: [Int] { operands.indices.filter { operands[$0].type.elementType.isFloatingPoint } }
}

extension Sample: CustomStringConvertible {
  var description: String {
    "\(operation.name)(\(operation.attributes)) of \(operands.map(\.type))" + (isSmooth ? "" : ", not smooth")
  }
}

/// Writes the operands of samples, in one floating-point type.
struct Operands {
  /// The floating-point type.
  let float: ElementType

  /// Numbers in no particular order that fill a range, the same for the same salt.
  func spread(_ shape: Shape, _ range: ClosedRange<Double> = -1.5...1.5, salt: UInt64 = 1) -> ReferenceArray {
    var random = SplitMix64(state: salt &* 0x9E37_79B9 &+ UInt64(shape.count))
    return exactly((0..<shape.count).map { _ in random.number(in: range) }, shape)
  }

  /// The given numbers, rounded to the floating-point type; one axis where no shape is given.
  func exactly(_ values: [Double], _ shape: Shape? = nil) -> ReferenceArray {
    let type = TensorType(shape ?? [values.count], float)
    return ReferenceArray(type, reals: float == .float32 ? values.map { Double(Float($0)) } : values)
  }

  /// The given integers; one axis where no shape is given.
  func integers(_ values: [Int64], _ type: ElementType, _ shape: Shape? = nil) -> ReferenceArray {
    ReferenceArray(TensorType(shape ?? [values.count], type), integers: values)
  }

  /// The given booleans; one axis where no shape is given.
  func booleans(_ values: [Bool], _ shape: Shape? = nil) -> ReferenceArray {
    integers(values.map { $0 ? 1 : 0 }, .bool, shape)
  }

  /// ±0, ±∞, NaN, subnormal, tiny and large numbers, and some that tie.
  var edges: ReferenceArray {
    exactly([
      0, -0.0, .infinity, -.infinity, .nan, 1e-40, -1e-40, .leastNonzeroMagnitude, 0.5, -0.5, 1, 1, -1, 1.5, 2.5, 1e4,
      -1e4, 1e30, 88.5,
      -103.5,
    ])
  }
}

/// A small generator of test numbers, the same on every machine. Source: Steele et al., "Fast Splittable
/// Pseudorandom Number Generators", 2014.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in a range.
  mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }
}
