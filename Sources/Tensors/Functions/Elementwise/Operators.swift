import DescentGraph

// A number next to a tensor takes the tensor's element type; one that integers cannot hold, such as 0.5, is a mistake.

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
  public static func + (a: Tensor, b: Double) -> Tensor { elementwise(Add(), a, b) }
  /// The difference with a number.
  public static func - (a: Tensor, b: Double) -> Tensor { elementwise(Subtract(), a, b) }
  /// The product with a number.
  public static func * (a: Tensor, b: Double) -> Tensor { elementwise(Multiply(), a, b) }
  /// The quotient by a number.
  public static func / (a: Tensor, b: Double) -> Tensor { elementwise(Divide(), a, b) }

  /// The sum with a number.
  public static func + (a: Double, b: Tensor) -> Tensor { elementwise(Add(), a, b) }
  /// The difference from a number.
  public static func - (a: Double, b: Tensor) -> Tensor { elementwise(Subtract(), a, b) }
  /// The product with a number.
  public static func * (a: Double, b: Tensor) -> Tensor { elementwise(Multiply(), a, b) }
  /// A number divided by each element.
  public static func / (a: Double, b: Tensor) -> Tensor { elementwise(Divide(), a, b) }

  /// The elementwise negative.
  public static prefix func - (a: Tensor) -> Tensor { .calling { record(Negate(), [a]) } }

  /// Adds in place.
  public static func += (a: inout Tensor, b: Tensor) { a = elementwise(Add(), a, b) }
  /// Adds a number in place.
  public static func += (a: inout Tensor, b: Double) { a = elementwise(Add(), a, b) }
  /// Subtracts in place.
  public static func -= (a: inout Tensor, b: Tensor) { a = elementwise(Subtract(), a, b) }
  /// Subtracts a number in place.
  public static func -= (a: inout Tensor, b: Double) { a = elementwise(Subtract(), a, b) }
  /// Multiplies in place.
  public static func *= (a: inout Tensor, b: Tensor) { a = elementwise(Multiply(), a, b) }
  /// Multiplies by a number in place.
  public static func *= (a: inout Tensor, b: Double) { a = elementwise(Multiply(), a, b) }
  /// Divides in place.
  public static func /= (a: inout Tensor, b: Tensor) { a = elementwise(Divide(), a, b) }
  /// Divides by a number in place.
  public static func /= (a: inout Tensor, b: Double) { a = elementwise(Divide(), a, b) }
}
