// The forward rules of the combinations that are not linear.

extension Scatter {
  /// Sums of what updates bring, at each element, in addition to what the tensor brings itself.
  private struct Sums {
    let indices: Symbol
    let geometry: IndexGeometry

    func callAsFunction(_ tensor: Symbol, _ updates: Symbol) -> Symbol {
      tensor.apply(Scatter(.add, geometry), indices, updates)
    }
  }

  /// The tangents of all that equal the result, averaged.
  func extremeTangent(_ context: ForwardContext) -> Symbol {
    let (tensor, indices, updates) = (context.operands[0], context.operands[1], context.operands[2])
    let (result, elementType) = (context.results[0], context.results[0].type.elementType)
    let sum = Sums(indices: indices, geometry: geometry)
    let isTensor = tensor.equals(result).converted(to: elementType)
    let isUpdate = updates.equals(result.apply(Gather(geometry), indices)).converted(to: elementType)
    let tensorPart = context.tangents[0].map { $0 * isTensor } ?? tensor.zeros
    let updatePart = context.tangents[2].map { $0 * isUpdate } ?? updates.zeros
    return sum(tensorPart, updatePart) / sum(isTensor, isUpdate)
  }

  /// The product's tangent, written as that of P · Z: P the product of the factors other than 0, whose others are the
  /// quotient P/x, and Z the product of those that are 0, where a quotient would not exist.
  ///
  /// Z is 1, the only factor, or for two factors e₂ = (e₁² − Σx²)/2, so that derivatives of Z may be taken at 0.
  func productTangent(_ context: ForwardContext) -> Symbol {
    let (tensor, indices, updates) = (context.operands[0], context.operands[1], context.operands[2])
    let sum = Sums(indices: indices, geometry: geometry)
    let factors = (Factor(tensor, context.tangents[0]), Factor(updates, context.tangents[2]))
    let product = factors.0.other.apply(self, indices, factors.1.other)
    let zeros = sum(factors.0.isZero, factors.1.isZero)
    let first = sum(factors.0.zero, factors.1.zero)
    let firstTangent = sum(factors.0.zeroTangent, factors.1.zeroTangent)
    let squares = sum(factors.0.zero * factors.0.zero, factors.1.zero * factors.1.zero)
    let squaresTangent = sum(factors.0.zero * factors.0.zeroTangent, factors.1.zero * factors.1.zeroTangent)

    func byCount(_ none: Symbol, _ one: Symbol, _ two: Symbol) -> Symbol {
      let several = two.selected(where: zeros.equals(zeros.constant(2)), otherwise: zeros.zeros)
      let some = one.selected(where: zeros.equals(zeros.constant(1)), otherwise: several)
      return none.selected(where: zeros.equals(zeros.zeros), otherwise: some)
    }
    let z = byCount(zeros.constant(1), first, 0.5 * (first * first - squares))
    let zTangent = byCount(zeros.zeros, firstTangent, first * firstTangent - squaresTangent)
    let productTangent = product * sum(factors.0.relativeTangent, factors.1.relativeTangent)
    return productTangent * z + product * zTangent
  }

  /// A factor taken apart into what it is where it is 0 and where it is not.
  private struct Factor {
    /// 1 where the factor is 0, and 0 elsewhere.
    let isZero: Symbol
    /// The factor where it is 0, and 0 elsewhere: always 0, but with the factor's derivative.
    let zero: Symbol
    /// The factor where it is not 0, and 1 elsewhere.
    let other: Symbol
    let zeroTangent: Symbol
    /// x′/x where the factor is not 0, and 0 elsewhere.
    let relativeTangent: Symbol

    init(_ factor: Symbol, _ tangent: Symbol?) {
      let (zeros, tangent) = (factor.zeros, tangent ?? factor.zeros)
      let condition = factor.equals(zeros)
      isZero = condition.converted(to: factor.type.elementType)
      zero = factor.selected(where: condition, otherwise: zeros)
      other = factor.constant(1).selected(where: condition, otherwise: factor)
      zeroTangent = tangent.selected(where: condition, otherwise: zeros)
      relativeTangent = zeros.selected(where: condition, otherwise: tangent) / other
    }
  }
}
