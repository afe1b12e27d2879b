import DescentGraph

extension Tensor {
  /// The elementwise sum; shapes are repeated to a common one.
  public static func + (a: Tensor, b: Tensor) -> Tensor { elementwise(Add(), a, b) }
  /// The elementwise difference; shapes are repeated to a common one.
  public static func - (a: Tensor, b: Tensor) -> Tensor { elementwise(Subtract(), a, b) }
  /// The elementwise product; shapes are repeated to a common one.
  public static func * (a: Tensor, b: Tensor) -> Tensor { elementwise(Multiply(), a, b) }
  /// The elementwise quotient; shapes are repeated to a common one.
  public static func / (a: Tensor, b: Tensor) -> Tensor { elementwise(Divide(), a, b) }

  /// The sum with a number.
  public static func + (a: Tensor, b: Double) -> Tensor { a + a.scalar(b) }
  /// The difference with a number.
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.scalar(b) }
  /// The product with a number.
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.scalar(b) }
  /// The quotient by a number.
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.scalar(b) }

  /// The sum with a number.
  public static func + (a: Double, b: Tensor) -> Tensor { b.scalar(a) + b }
  /// The difference from a number.
  public static func - (a: Double, b: Tensor) -> Tensor { b.scalar(a) - b }
  /// The product with a number.
  public static func * (a: Double, b: Tensor) -> Tensor { b.scalar(a) * b }
  /// A number divided by each element.
  public static func / (a: Double, b: Tensor) -> Tensor { b.scalar(a) / b }

  /// The elementwise negative.
  public static prefix func - (a: Tensor) -> Tensor { record(Negate(), [a]) }

  /// Adds in place.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// Subtracts in place.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// Multiplies in place.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// Divides in place.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
}
