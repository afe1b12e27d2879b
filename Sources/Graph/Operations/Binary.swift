/// A function of two numbers applied element by element to tensors of one type.
package protocol BinaryOperation: Operation {
  /// The element types it accepts.
  static var domain: ElementDomain { get }
  /// Its value at real numbers.
  static func value(_ x: Double, _ y: Double) -> Double
  /// Its value at integers of the given type, before wrapping.
  static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64
}

extension BinaryOperation {
  /// Numbers of any kind.
  package static var domain: ElementDomain { .numeric }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkAlike(operands)
    guard Self.domain.contains(operands[0].elementType) else {
      throw OperationError(name, "takes \(Self.domain.words), not \(operands[0].elementType)")
    }
    return [operands[0]]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operands = context.allBatched
    return [operands[0].apply(self, operands[1])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let type = results[0]
    if type.elementType.isFloatingPoint {
      return [ReferenceArray(type, reals: zip(operands[0].reals, operands[1].reals).map { Self.value($0, $1) })]
    }
    let pairs = zip(operands[0].integers, operands[1].integers)
    return [ReferenceArray(type, integers: pairs.map { Self.value($0, $1, type.elementType) })]
  }
}

extension Operation {
  /// Refuses operands that differ in shape or element type.
  func checkAlike(_ operands: [TensorType]) throws(OperationError) {
    guard operands[0].elementType == operands[1].elementType else {
      throw OperationError(
        name,
        "element types differ: \(operands[0].elementType) and \(operands[1].elementType);"
          + " convert one of them with converted(to:)")
    }
    guard operands[0].shape == operands[1].shape else {
      throw OperationError(name, "shapes differ: \(operands[0].shape) and \(operands[1].shape)")
    }
  }
}

/// The sum of two optional tangents, `nil` standing for zero.
func sum(_ a: Symbol?, _ b: Symbol?) -> Symbol? {
  guard let a else { return b }
  guard let b else { return a }
  return a + b
}
