extension Cumulative {
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil] }
    if combination == .sum { return [tangent.apply(self)] }
    // Written for the forward direction; the other is that of the reversed axis.
    func turned(_ symbol: Symbol) -> Symbol { isReversed ? symbol.apply(Reverse(axes: [axis])) : symbol }
    let (x, y, slope) = (turned(context.operands[0]), turned(context.results[0]), turned(tangent))
    switch combination {
    case .sum: return [nil]
    case .product: return [turned(productTangent(x, slope))]
    case .maximum: return [turned(extremeTangent(x, slope, .greater))]
    case .minimum: return [turned(extremeTangent(x, slope, .less))]
    case .logSumExp: return [turned(logSumExpTangent(x, y, slope))]
    }
  }

  /// The rule for two factors, carried along by doubling: a quotient by the own element would be wrong where it is 0.
  private func productTangent(_ x: Symbol, _ slope: Symbol) -> Symbol {
    doubled([x, slope]) { before, own in
      [before[0] * own[0], before[1] * own[0] + before[0] * own[1]]
    }[1]
  }

  /// The tangent of the element that is the extreme so far: the first of equals, the first NaN before all.
  private func extremeTangent(_ x: Symbol, _ slope: Symbol, _ relation: Compare.Relation) -> Symbol {
    doubled([x, slope]) { before, own in
      let isNumber = before[0].equals(before[0])
      let isBetter = own[0].apply(Compare(relation), before[0])
        .apply(Or(), isNumber.apply(And(), own[0].apply(Compare(.notEqual), own[0])))
      return [0, 1].map { own[$0].selected(where: isBetter, otherwise: before[$0]) }
    }[1]
  }

  /// Σ exp(xⱼ − yᵢ) dxⱼ over j ≤ i as the recurrence tᵢ = exp(yᵢ₋₁ − yᵢ) tᵢ₋₁ + exp(xᵢ − yᵢ) dxᵢ, none of whose factors is
  /// above 1. The sum of exp(xⱼ) dxⱼ divided by exp(yᵢ) overflows.
  private func logSumExpTangent(_ x: Symbol, _ y: Symbol, _ slope: Symbol) -> Symbol {
    let count = y.shape[axis]
    guard count > 0 else { return slope }
    let previous = y.part(0..<1, axis).joined(y.part(0..<count - 1, axis), axis)
    let isFinite = y.apply(IsFinite())
    // Where all so far are −∞, or one is ∞, the difference would be NaN.
    func weight(_ exponent: Symbol) -> Symbol {
      (exponent - y).selected(where: isFinite, otherwise: y.constant(-.infinity)).apply(Exp())
    }
    return doubled([weight(previous), weight(x) * slope]) { before, own in
      [before[0] * own[0], before[1] * own[0] + own[1]]
    }[1]
  }

  /// The running combination by an associative rule: each element with the one 1 before, 2 before, 4 before, …
  /// (Hillis and Steele, "Data Parallel Algorithms", 1986), O(n log n) work in O(log n) steps.
  private func doubled(_ parts: [Symbol], _ combine: (_ before: [Symbol], _ own: [Symbol]) -> [Symbol]) -> [Symbol] {
    var parts = parts
    let count = parts[0].shape[axis]
    var distance = 1
    while distance < count {
      let combined = combine(
        parts.map { $0.part(0..<count - distance, axis) }, parts.map { $0.part(distance..<count, axis) })
      parts = zip(parts, combined).map { $0.part(0..<distance, axis).joined($1, axis) }
      distance *= 2
    }
    return parts
  }
}

extension Symbol {
  /// The part with the indices of a range along an axis.
  func part(_ range: Range<Int>, _ axis: Int) -> Symbol {
    if range == 0..<shape[axis] { return self }
    var (starts, limits) = (shape.map { _ in 0 }, shape.sizes)
    (starts[axis], limits[axis]) = (range.lowerBound, range.upperBound)
    return apply(Slice(starts: starts, limits: limits))
  }

  /// This value with another after it along an axis.
  func joined(_ other: Symbol, _ axis: Int) -> Symbol {
    if other.shape[axis] == 0 { return self }
    return shape[axis] == 0 ? other : apply(Concatenate(axis: axis), other)
  }
}
