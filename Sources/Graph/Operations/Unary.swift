/// The element types that an elementwise operation accepts.
package enum ElementDomain: Sendable {
  case floating, numeric, integral, integer

  func contains(_ type: ElementType) -> Bool {
    switch self {
    case .floating: type.isFloatingPoint
    case .numeric: type != .bool
    case .integral: !type.isFloatingPoint
    case .integer: type.isInteger
    }
  }

  var words: String {
    switch self {
    case .floating: "floating-point numbers"
    case .numeric: "numbers"
    case .integral: "integers or booleans"
    case .integer: "integers"
    }
  }
}

/// A function of one number applied to every element, with the result in the same element type.
package protocol UnaryOperation: Operation {
  /// The element types it accepts.
  static var domain: ElementDomain { get }
  /// Its value at a real number.
  static func value(_ x: Double) -> Double
  /// Its value at an integer of the given type, before wrapping.
  static func value(_ x: Int64, _ type: ElementType) -> Int64
  /// Its forward rule: `gradient` is the tangent of `x`, `y` the value at `x`.
  static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol?
}

extension UnaryOperation {
  /// Floating-point numbers only.
  package static var domain: ElementDomain { .floating }
  /// The integer itself, for operations that take none.
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 { x }
  /// Piecewise constant: the tangent is zero.
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { nil }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard Self.domain.contains(operands[0].elementType) else {
      throw OperationError(name, "takes \(Self.domain.words), not \(operands[0].elementType)")
    }
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0].flatMap { Self.tangent(context.operands[0], context.results[0], $0) }]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [
      results[0].elementType.isFloatingPoint
        ? ReferenceArray(results[0], reals: operands[0].reals.map(Self.value))
        : ReferenceArray(results[0], integers: operands[0].integers.map { Self.value($0, results[0].elementType) })
    ]
  }
}
