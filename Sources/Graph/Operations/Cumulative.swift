import Foundation

/// Combines each element along an axis with all before it, or with all after it: the running sum, product, extreme or
/// log Σ eˣ. The shape stays.
package struct Cumulative: Operation {
  /// How elements are combined.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case sum, product, maximum, minimum, logSumExp
  }

  /// How elements are combined.
  package let combination: Kind
  /// The axis along which they are.
  package let axis: Int
  /// Whether each element is combined with those after it instead of those before it.
  package let isReversed: Bool

  /// Combines along an axis.
  package init(_ combination: Kind, axis: Int, isReversed: Bool = false) {
    self.combination = combination
    self.axis = axis
    self.isReversed = isReversed
  }

  package static var kind: OperationKind { .cumulative }

  package var name: String {
    let own = combination.rawValue
    return "cumulative" + own.prefix(1).uppercased() + own.dropFirst()
  }

  package var attributes: String { "axis: \(axis)" + (isReversed ? ", reversed" : "") }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0].elementType
    try checkAxes([axis], operands[0].shape)
    guard type != .bool else { throw OperationError(name, "takes numbers, not bool; convert with converted(to:)") }
    guard combination != .logSumExp || type.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(type); convert with converted(to:)")
    }
    return [operands[0]]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard combination == .sum else {
      context.builder.fail(OperationError(name, "is not linear, so it has no transpose"))
      return [nil]
    }
    return [context.cotangents[0]?.apply(Cumulative(.sum, axis: axis, isReversed: !isReversed))]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].apply(Cumulative(combination, axis: axis + 1, isReversed: isReversed))]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (source, type) = (operands[0], results[0])
    var result = source
    for places in ReductionGroups(type.shape, axes: [axis]).all {
      let order = isReversed ? Array(places.reversed()) : places
      let target = type.with(shape: [order.count])
      if type.elementType.isFloatingPoint {
        result.assign(ReferenceArray(target, reals: running(order.map { source.reals[$0] })), at: order)
      } else {
        let values = running(order.map { source.integers[$0] }, type.elementType)
        result.assign(ReferenceArray(target, integers: values), at: order)
      }
    }
    return [result]
  }

  private func running(_ values: [Double]) -> [Double] {
    func scanned(_ start: Double, _ combine: (Double, Double) -> Double) -> [Double] {
      var total = start
      return values.map { value in
        total = combine(total, value)
        return total
      }
    }
    switch combination {
    case .sum: return scanned(0, +)
    case .product: return scanned(1, *)
    case .maximum: return scanned(-.infinity, Maximum.value)
    case .minimum: return scanned(.infinity, Minimum.value)
    case .logSumExp:
      return zip(1..., scanned(-.infinity, Maximum.value)).map { count, largest in
        let shift = largest.isFinite ? largest : 0
        return log(values.prefix(count).reduce(0) { $0 + exp($1 - shift) }) + shift
      }
    }
  }

  private func running(_ values: [Int64], _ type: ElementType) -> [Int64] {
    var total = values.first ?? 0
    return values.enumerated().map { index, value in
      if index > 0 {
        switch combination {
        case .product: total &*= value
        case .maximum: total = Maximum.value(total, value, type)
        case .minimum: total = Minimum.value(total, value, type)
        case .sum, .logSumExp: total &+= value
        }
      }
      return total
    }
  }
}
