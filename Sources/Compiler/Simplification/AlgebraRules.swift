import DescentGraph

extension Rule {
  /// Identities of arithmetic and logic that hold for every value, NaN, infinities and signed zeros included.
  static let algebra: [Rule] = [
    // x + (−0) = x; x + 0 = x except for −0, so only for integers.
    Rule(Add.self) { _, x, r in
      if isNeutralOfAddition(x[1], r) { return x[0] }
      if isNeutralOfAddition(x[0], r) { return x[1] }
      if let y = r.definition(x[1], as: Negate.self) { return r.one(Subtract(), x[0], y.operands[0]) }
      if let y = r.definition(x[0], as: Negate.self) { return r.one(Subtract(), x[1], y.operands[0]) }
      return addedInPlace(x[1], to: x[0], r) ?? addedInPlace(x[0], to: x[1], r)
    },
    Rule(Subtract.self) { _, x, r in
      if let zero = r.number(x[1]), zero == 0, zero.sign == .plus { return x[0] }
      if let y = r.definition(x[1], as: Negate.self) { return r.one(Add(), x[0], y.operands[0]) }
      if let zero = r.number(x[0]), zero == 0, zero.sign == .minus { return r.one(Negate(), x[1]) }
      return nil
    },
    Rule(Multiply.self) { _, x, r in
      for (factor, other) in [(x[1], x[0]), (x[0], x[1])] {
        guard let number = r.number(factor) else { continue }
        if number == 1 { return other }
        if number == -1 { return r.one(Negate(), other) }
        if number == 0, !other.type.elementType.isFloatingPoint { return factor }
      }
      return nil
    },
    Rule(Divide.self) { _, x, r in
      guard let number = r.number(x[1]) else { return nil }
      if number == 1 { return x[0] }
      guard x[0].type.elementType.isFloatingPoint, hasExactReciprocal(number, x[0].type.elementType) else { return nil }
      return r.one(Multiply(), x[0], r.constant(1 / number, like: x[0]))
    },
    Rule(Power.self) { _, x, r in
      switch r.number(x[1]) {
      case 1: x[0]
      case 2: r.one(Square(), x[0])
      case -1: r.one(Divide(), r.constant(1, like: x[0]), x[0])
      default: nil
      }
    },
    Rule(IntegerPower.self) { power, x, r in
      switch power.exponent {
      case 0: r.constant(1, like: x[0])
      case 1: x[0]
      case 2: r.one(Square(), x[0])
      case -1: r.one(Divide(), r.constant(1, like: x[0]), x[0])
      default: nil
      }
    },
    Rule(Bitcast.self) { bitcast, x, r in
      if x[0].type.elementType == bitcast.target { return x[0] }
      return r.definition(x[0], as: Bitcast.self).map { r.one(bitcast, $0.operands[0]) }
    },
    Rule(Negate.self) { _, x, r in r.definition(x[0], as: Negate.self)?.operands[0] },
    Rule(Not.self) { _, x, r in r.definition(x[0], as: Not.self)?.operands[0] },
    Rule(Abs.self) { _, x, r in
      if r.definition(x[0], as: Abs.self) != nil { return x[0] }
      // An unsigned number's negative wraps, so that its size is another one.
      guard x[0].type.elementType.isSigned else { return nil }
      return r.definition(x[0], as: Negate.self).map { r.one(Abs(), $0.operands[0]) }
    },
    Rule(Maximum.self) { _, x, _ in x[0].value == x[1].value ? x[0] : nil },
    Rule(Minimum.self) { _, x, _ in x[0].value == x[1].value ? x[0] : nil },
    Rule(And.self) { _, x, r in
      if x[0].value == x[1].value { return x[0] }
      guard x[0].type.elementType == .bool else { return nil }
      for (known, other) in [(x[0], x[1]), (x[1], x[0])] {
        if let number = r.number(known) { return number == 0 ? known : other }
      }
      return nil
    },
    Rule(Or.self) { _, x, r in
      if x[0].value == x[1].value { return x[0] }
      guard x[0].type.elementType == .bool else { return nil }
      for (known, other) in [(x[0], x[1]), (x[1], x[0])] {
        if let number = r.number(known) { return number == 0 ? other : known }
      }
      return nil
    },
    Rule(Select.self) { _, x, r in
      if x[1].value == x[2].value { return x[1] }
      if let condition = r.number(x[0]) { return condition == 0 ? x[2] : x[1] }
      return r.definition(x[0], as: Not.self).map { r.one(Select(), $0.operands[0], x[2], x[1]) }
    },
    Rule(Convert.self) { convert, x, r in
      if x[0].type.elementType == convert.target { return x[0] }
      guard let inner = r.definition(x[0], as: Convert.self) else { return nil }
      let source = inner.operands[0]
      let (first, middle) = (source.type.elementType, inner.operation.target)
      // Real numbers become integers by saturation, integers by wrapping: a detour through real numbers matters where the
      // target does not hold the source.
      let isAlike = convert.target.isFloatingPoint || !middle.isFloatingPoint || first.isFloatingPoint
      guard first.isContained(in: middle), isAlike || first.isContained(in: convert.target) else { return nil }
      return r.one(convert, source)
    },
    Rule(StopGradient.self) { _, x, _ in x[0] },
    Rule(Named.self) { _, x, _ in x[0] },
    // The least element is the largest of the negatives; backends need only one of the two choices.
    Rule(SelectAndGather.self) { gather, x, r in
      guard gather.choice == .minimum else { return nil }
      return r.one(SelectAndGather(.maximum, gather.windows), r.one(Negate(), x[0]), x[1])
    },
    Rule(SelectAndScatter.self) { scatter, x, r in
      guard scatter.choice == .minimum else { return nil }
      return r.one(SelectAndScatter(.maximum, scatter.windows), r.one(Negate(), x[0]), x[1])
    },
  ]

  /// The sum with a tensor that is zero outside of some windows, as the derivative of reading them is: only there is
  /// there anything to add. A negative zero elsewhere stays one.
  private static func addedInPlace(_ windows: Symbol, to tensor: Symbol, _ rewriter: Rewriter) -> Symbol? {
    // Sums of narrower numbers are computed in wider ones, for which the whole tensor would be converted.
    guard tensor.type.elementType.byteCount >= 4 else { return nil }
    if let inner = rewriter.definition(windows, as: Scatter.self), inner.operation.combination == .add,
      rewriter.number(inner.operands[0]) == 0
    {
      return rewriter.one(inner.operation, tensor, inner.operands[1], inner.operands[2])
    }
    if let inner = rewriter.definition(windows, as: DynamicUpdateSlice.self), rewriter.number(inner.operands[0]) == 0 {
      let scatter = Scatter(.add, inner.operation.geometry(of: inner.operands[2].shape))
      return rewriter.one(scatter, tensor, inner.operands[1], inner.operands[2])
    }
    return nil
  }

  private static func isNeutralOfAddition(_ symbol: Symbol, _ rewriter: Rewriter) -> Bool {
    guard let number = rewriter.number(symbol), number == 0 else { return false }
    return !symbol.type.elementType.isFloatingPoint || number.sign == .minus
  }

  /// Whether a quotient by the number equals the product with its reciprocal: powers of two whose reciprocal is normal.
  private static func hasExactReciprocal(_ number: Double, _ type: ElementType) -> Bool {
    guard number.isNormal, number.significand == 1 else { return false }
    let range: ClosedRange<Double.Exponent> =
      switch type {
      case .float64: -1022...1022
      case .float16: -14...14
      default: -126...126
      }
    return range.contains(number.exponent)
  }
}

extension ElementType {
  /// Whether every value of this type is also one of another, so that converting there and onward loses nothing.
  func isContained(in other: ElementType) -> Bool {
    if self == other || self == .bool { return true }
    switch (isFloatingPoint, other.isFloatingPoint) {
    case (true, true): return other == .float64 || (other == .float32 && byteCount == 2)
    case (true, false): return false
    case (false, true): return byteCount * 8 <= (other == .float64 ? 53 : other == .float32 ? 24 : 8)
    case (false, false):
      if other == .bool { return false }
      if isSigned == other.isSigned { return byteCount <= other.byteCount }
      return !isSigned && byteCount < other.byteCount
    }
  }
}
