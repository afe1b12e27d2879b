import DescentGraph

extension Tensor {
  /// A number that belongs to a formula, as a scalar of this tensor's element type.
  func number(_ value: Double) -> Tensor { error == nil ? .constant(value, elementType) : self }

  /// A function of floating-point numbers that is composed of others, under its own name in errors and explanations.
  static func composed(_ name: String, _ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    if x.error != nil { return x }
    guard x.elementType.isFloatingPoint else {
      return .failure(name, "takes floating-point numbers, not \(x.elementType); convert with converted(to:)")
    }
    return FunctionNames.result(of: name, x) { x, _ in body(x) }
  }

  /// A composed function of two tensors of one type, repeated to a common shape.
  static func composed(
    _ name: String, _ x: Tensor, _ y: Tensor, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    ofOneType(name, x, y) {
      guard let shape = commonShape(x.shape, y.shape) else {
        return .failure(name, "shapes \(x.shape) and \(y.shape) do not fit: sizes must be equal or 1")
      }
      return FunctionNames.result(of: name, x, y) { x, y in body(x.broadcast(to: shape), y.broadcast(to: shape)) }
    }
  }

  /// What a body gives, unless one of two tensors has failed or their element types differ.
  private static func ofOneType(_ name: String, _ x: Tensor, _ y: Tensor, _ body: () -> Tensor) -> Tensor {
    x.unlessFailed(y, of: name) {
      guard x.elementType == y.elementType else {
        return .failure(
          name,
          "element types differ: \(x.elementType) and \(y.elementType); convert one of them with converted(to:)")
      }
      return body()
    }
  }

  /// A composed function that sums: it is computed in the accumulator's type, and its result alone is rounded to the
  /// tensor's, since 16 bits need not hold a sum whose quotient they hold.
  static func accumulated(_ name: String, _ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    composed(name, x) { x in
      body(x.converted(to: x.elementType.accumulator)).converted(to: x.elementType)
    }
  }

  /// A composed function of two tensors that sums; see `accumulated(_:_:_:)`.
  static func accumulated(
    _ name: String, _ x: Tensor, _ y: Tensor, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    ofOneType(name, x, y) {
      composed(name, x) { x in
        let type = x.elementType.accumulator
        return body(x.converted(to: type), y.converted(to: type)).converted(to: x.elementType)
      }
    }
  }

  /// Between this tensor and another, a part of the way from 0 up to but not including 1. The other one stays out where
  /// the part is 0, even if it is infinite.
  func interpolated(to other: Tensor, _ part: Tensor) -> Tensor {
    let step = other - self
    // The straight line from here is exact at both ends and between equal numbers; a step that overflows, or that leads
    // from or to an infinity, is left to the weighted sum.
    let isStep = isFinite(step)
    let line = self + `where`(isStep, step, step.number(0)) * part
    let weighted = (part.number(1) - part) * self + part * other
    return `where`(part .== part.number(0), self, `where`(isStep, line, weighted))
  }

  /// A function that is odd, from its formula for positive numbers.
  ///
  /// The size is a choice and no absolute value, whose derivative at 0 is 0: both choices take the same side there, so
  /// that the derivative of the formula comes through. The side is the sign bit's, since −0 gives −0.
  static func odd(_ name: String, _ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    composed(name, x) { x in
      let isNegative = signBit(x)
      let result = body(`where`(isNegative, -x, x))
      return `where`(isNegative, -result, result)
    }
  }
}
