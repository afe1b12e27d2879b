import DescentGraph

/// Complex numbers as two tensors of one shape, the real and the imaginary parts.
public struct ComplexTensor: Sendable {
  /// The real parts.
  public var real: Tensor
  /// The imaginary parts.
  public var imaginary: Tensor

  /// Puts real and imaginary parts together; where one is a mistake, or their types differ, both carry the error.
  public init(real: Tensor, imaginary: Tensor) {
    let failed = [real, imaginary].first { $0.error != nil }
    if let failed {
      (self.real, self.imaginary) = (failed, failed)
    } else if real.type != imaginary.type {
      let failed = Tensor.failure("ComplexTensor", "the parts differ: \(real.type) and \(imaginary.type)")
      (self.real, self.imaginary) = (failed, failed)
    } else {
      (self.real, self.imaginary) = (real, imaginary)
    }
  }

  /// Real numbers.
  public init(_ real: Tensor) {
    self.init(real: real, imaginary: real.error == nil ? Tensor(zeros: real.shape, real.elementType) : real)
  }

  /// The sizes along the axes.
  public var shape: Shape { real.shape }
  /// The distances from 0. At 0 the derivative counts as 0.
  public var magnitude: Tensor {
    let squares = squaredMagnitude
    if squares.error != nil { return squares }
    let isZero = squares .== Tensor(zeros: squares.shape, squares.elementType)
    let ones = Tensor(ones: squares.shape, squares.elementType)
    return `where`(isZero, squares, sqrt(`where`(isZero, ones, squares)))
  }
  /// The squares of the distances from 0.
  public var squaredMagnitude: Tensor { square(real) + square(imaginary) }
  /// The numbers with the opposite imaginary parts.
  public var conjugate: ComplexTensor { ComplexTensor(real: real, imaginary: -imaginary) }

  /// The elementwise sum.
  public static func + (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
  }
  /// The elementwise difference.
  public static func - (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
  }
  /// The elementwise product.
  public static func * (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(
      real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
  }
  /// The elementwise product with real numbers.
  public static func * (a: ComplexTensor, b: Tensor) -> ComplexTensor {
    ComplexTensor(real: a.real * b, imaginary: a.imaginary * b)
  }

  /// The same function of both parts.
  func map(_ body: (Tensor) -> Tensor) -> ComplexTensor {
    ComplexTensor(real: body(real), imaginary: body(imaginary))
  }
}
