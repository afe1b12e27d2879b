import DescentGraph

/// 1 divided by each element.
public func reciprocal(_ x: Tensor) -> Tensor { .composed("reciprocal", x) { $0.number(1) / $0 } }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { .record(Sqrt(), [x]) }
/// 1/√x of each element.
public func rsqrt(_ x: Tensor) -> Tensor { .record(Rsqrt(), [x]) }
/// ∛x of each element, of negative ones too.
public func cbrt(_ x: Tensor) -> Tensor { .record(Cbrt(), [x]) }
/// x² of each element.
public func square(_ x: Tensor) -> Tensor { .record(Square(), [x]) }
/// |x| of each element.
public func abs(_ x: Tensor) -> Tensor { .record(Abs(), [x]) }
/// −1, 0 or 1 by the sign of each element.
public func sign(_ x: Tensor) -> Tensor { .record(Sign(), [x]) }

/// xʸ of each pair of elements.
public func pow(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Power(), x, y) }
/// xʸ of each element.
public func pow(_ x: Tensor, _ y: Double) -> Tensor { .elementwise(Power(), x, y) }
/// xⁿ of each element for a whole number n; of integers for n ≥ 0. The derivative is right at 0 too.
public func pow(_ x: Tensor, _ n: Int) -> Tensor { .calling { .record(IntegerPower(n), [x]) } }
/// xʸ of a number and each element.
public func pow(_ x: Double, _ y: Tensor) -> Tensor { .elementwise(Power(), x, y) }
/// The larger of each pair of elements.
public func maximum(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Maximum(), x, y) }
/// The larger of each element and a number.
public func maximum(_ x: Tensor, _ y: Double) -> Tensor { .elementwise(Maximum(), x, y) }
/// The smaller of each pair of elements.
public func minimum(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Minimum(), x, y) }
/// The smaller of each element and a number.
public func minimum(_ x: Tensor, _ y: Double) -> Tensor { .elementwise(Minimum(), x, y) }

extension Tensor {
  /// The elements in another type: from real numbers to integers toward zero, saturating, NaN to 0.
  public func converted(to elementType: ElementType) -> Tensor {
    error != nil || self.elementType == elementType ? self : .record(Convert(to: elementType), [self])
  }

  /// Each element held between two bounds; derivatives pass strictly inside. Bounds of integers are whole numbers; those
  /// that the type does not reach hold nothing back.
  public func clamped(_ lower: Double, _ upper: Double) -> Tensor {
    if error != nil { return self }
    let fraction = [lower, upper].first { $0.rounded() != $0 }
    if let refusal = fraction.flatMap({ elementType.refusal(of: $0, "clamped") }) { return refusal }
    return clamped(Tensor(lower, elementType), Tensor(upper, elementType))
  }

  /// Each element held between its bounds, which are repeated to this tensor's shape; derivatives pass strictly inside,
  /// and to a bound strictly where it holds the element. The upper bound wins where they cross.
  public func clamped(_ lower: Tensor, _ upper: Tensor) -> Tensor {
    if let failed = [self, lower, upper].first(where: { $0.error != nil }) { return failed }
    return .calling { .record(Clamp(), [lower.broadcast(to: shape), self, upper.broadcast(to: shape)]) }
  }
}

/// The same value, through which no derivative passes.
public func stopGradient(_ x: Tensor) -> Tensor { .record(StopGradient(), [x]) }
