import Foundation

/// xⁿ for a whole number n; of integers for n ≥ 0, wrapping like a product. 0⁰ is 1.
package struct IntegerPower: Operation {
  /// The exponent n.
  package let exponent: Int

  /// Raises to a whole power.
  package init(_ exponent: Int) { self.exponent = exponent }

  package static var kind: OperationKind { .integerPower }
  package var attributes: String { "exponent: \(exponent)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0].elementType
    guard type != .bool else { throw OperationError(name, "takes numbers, not bool") }
    guard exponent >= 0 || type.isFloatingPoint else {
      throw OperationError(
        name, "a negative power (\(exponent)) of \(type) is not a whole number; convert with converted(to:)")
    }
    return [operands[0]]
  }

  /// n xⁿ⁻¹, without the factor x⁰ or 0 · x⁻¹ that would turn into NaN where x is infinite or 0.
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil] }
    let x = context.operands[0]
    switch exponent {
    case 0: return [nil]
    case 1: return [tangent]
    case 2: return [2.0 * tangent * x]
    case .min: return [Double(exponent) * tangent * (context.results[0] / x)]
    default: return [Double(exponent) * tangent * x.apply(IntegerPower(exponent - 1))]
    }
  }

  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let type = results[0]
    if type.elementType.isFloatingPoint {
      return [ReferenceArray(type, reals: operands[0].reals.map { pow($0, Double(exponent)) })]
    }
    return [ReferenceArray(type, integers: operands[0].integers.map(power))]
  }

  /// By squaring: x¹³ = x⁸ · x⁴ · x.
  private func power(_ x: Int64) -> Int64 {
    var (result, square, left) = (Int64(1), x, exponent)
    while left > 0 {
      if left % 2 == 1 { result &*= square }
      square &*= square
      left /= 2
    }
    return result
  }
}
