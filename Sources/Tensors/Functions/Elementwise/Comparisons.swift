import DescentGraph

prefix operator .!

extension Tensor {
  /// Where elements are equal, as booleans.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.equal), a, b) }
  /// Where elements differ, as booleans.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.notEqual), a, b) }
  /// Where the left element is smaller, as booleans.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.less), a, b) }
  /// Where the left element is not larger, as booleans.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.lessOrEqual), a, b) }
  /// Where the left element is larger, as booleans.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.greater), a, b) }
  /// Where the left element is not smaller, as booleans.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.greaterOrEqual), a, b) }

  /// Where elements equal a number, as booleans.
  public static func .== (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.equal), a, b) }
  /// Where elements differ from a number, as booleans.
  public static func .!= (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.notEqual), a, b) }
  /// Where elements are smaller than a number, as booleans.
  public static func .< (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.less), a, b) }
  /// Where elements are not larger than a number, as booleans.
  public static func .<= (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.lessOrEqual), a, b) }
  /// Where elements are larger than a number, as booleans.
  public static func .> (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.greater), a, b) }
  /// Where elements are not smaller than a number, as booleans.
  public static func .>= (a: Tensor, b: Double) -> Tensor { elementwise(Compare(.greaterOrEqual), a, b) }

  /// The logical conjunction of booleans, or the bitwise AND of integers.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { elementwise(And(), a, b) }
  /// The logical disjunction of booleans, or the bitwise OR of integers.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { elementwise(Or(), a, b) }
  /// The exclusive disjunction of booleans, or the bitwise XOR of integers.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { elementwise(Xor(), a, b) }
  /// The logical negation of booleans, or the bitwise complement of integers.
  public static prefix func .! (a: Tensor) -> Tensor { .calling { record(Not(), [a]) } }

  /// The bits of integers shifted left, filled with zeros; 0 where they are shifted by the type's width or more.
  public static func << (a: Tensor, b: Tensor) -> Tensor { elementwise(ShiftLeft(), a, b) }
  /// The bits of integers shifted left by a number of places.
  public static func << (a: Tensor, b: Int) -> Tensor { .calling { a << a.places(b, "shiftLeft") } }
  /// The bits of integers shifted right: filled with zeros, or with the sign bit of a negative number.
  public static func >> (a: Tensor, b: Tensor) -> Tensor {
    switch a.elementType {
    case .uint8, .uint16, .uint32, .uint64: elementwise(ShiftRight(), a, b)
    default: elementwise(ShiftRightArithmetic(), a, b)
    }
  }
  /// The bits of integers shifted right by a number of places.
  public static func >> (a: Tensor, b: Int) -> Tensor { .calling { a >> a.places(b, "shiftRight") } }

  /// A number of places as a scalar of this tensor's type.
  private func places(_ count: Int, _ operation: String) -> Tensor {
    if error != nil { return self }
    guard count >= 0 else { return .failure(operation, "cannot shift by \(count) places; shift the other way") }
    // No type is wider, and none is too narrow for the number.
    return Tensor(integers: [Swift.min(count, 64)], shape: [], elementType)
  }
}

/// Elements of the first tensor where the condition is true, of the second elsewhere; shapes are repeated to a common one.
///
/// Both are computed everywhere, and so are their derivatives: where an element that is not chosen has an infinite
/// derivative, as √x has at 0, the derivative of the choice is 0 · ∞ = NaN. `where(_:of:standIn:_:otherwise:)` keeps such
/// elements from the function.
public func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
  .calling("where") {
    if let failed = [condition, a, b].first(where: { $0.error != nil }) { return failed }
    guard let pair = Tensor.commonShape(a.shape, b.shape), let shape = Tensor.commonShape(condition.shape, pair) else {
      return .failure(
        "where", "shapes \(condition.shape), \(a.shape) and \(b.shape) do not fit: sizes must be equal or 1")
    }
    return .record(Select(), [condition, a, b].map { $0.broadcast(to: shape) })
  }
}

/// Elements of the tensor where the condition is true, a number elsewhere.
public func `where`(_ condition: Tensor, _ a: Tensor, _ b: Double) -> Tensor {
  .calling("where") { `where`(condition, a, a.scalar(b, "where")) }
}

/// A number where the condition is true, elements of the tensor elsewhere.
public func `where`(_ condition: Tensor, _ a: Double, _ b: Tensor) -> Tensor {
  .calling("where") { `where`(condition, b.scalar(a, "where"), b) }
}

/// A function of a tensor where the condition is true, another tensor elsewhere, with a derivative that is right whatever the
/// function does where it is not asked: there it is given a number in the element's place.
///
/// ```swift
/// let root = `where`(x .> 0, of: x, standIn: 1, sqrt, otherwise: Tensor(0))
/// ```
///
/// - Parameters:
///   - condition: Booleans, repeated to the tensor's shape or it to theirs.
///   - x: What the function is applied to.
///   - standIn: A number at which the function and its derivatives are finite.
///   - function: An elementwise function.
///   - other: The values where the condition is false.
public func `where`(
  _ condition: Tensor, of x: Tensor, standIn: Double, _ function: (Tensor) -> Tensor, otherwise other: Tensor
) -> Tensor {
  `where`(condition, function(`where`(condition, x, standIn)), other)
}
