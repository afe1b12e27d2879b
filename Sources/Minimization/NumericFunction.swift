import DescentTensors

/// A function of numbers that is not made of tensors, such as a simulation, or whose derivatives are the user's own.
///
/// ```swift
/// let bowl = NumericFunction { x in (x[0] - 1) * (x[0] - 1) } gradient: { x in [2 * (x[0] - 1)] }
/// let result = try minimize(bowl, from: [3])
/// ```
///
/// A function of tensors can have a gradient of the user's own, too: by ``customGradient(_:forward:backward:)`` within it.
public struct NumericFunction {
  let value: ([Double]) throws -> Double
  let gradient: (([Double]) throws -> [Double])?
  let hessianProduct: (([Double], [Double]) throws -> [Double])?

  /// Creates a function.
  ///
  /// - Parameters:
  ///   - value: Gives the value at a point.
  ///   - gradient: Gives the gradient at a point; needed by methods that use derivatives.
  ///   - hessianProduct: Gives the Hessian at a point times a vector; needed by methods of second order.
  public init(
    _ value: @escaping ([Double]) throws -> Double, gradient: (([Double]) throws -> [Double])? = nil,
    hessianProduct: (([Double], [Double]) throws -> [Double])? = nil
  ) {
    self.value = value
    self.gradient = gradient
    self.hessianProduct = hessianProduct
  }
}

/// A numeric function as methods see it.
final class NumericObjective: Objective {
  private let function: NumericFunction
  private let name: String
  private let sign: Double
  let count: Int
  let roundingUnit = 0x1p-52

  init(_ function: NumericFunction, count: Int, named name: String, isMaximized: Bool = false) {
    (self.function, self.count, self.name, sign) = (function, count, name, isMaximized ? -1 : 1)
  }

  func value(at point: [Double]) throws -> Double { sign * (try function.value(point)) }

  func evaluate(at point: [Double]) throws -> Evaluation {
    guard let gradient = function.gradient else {
      throw TensorError(
        name, "the method needs the gradient, and the function has none; give it, or use .nelderMead() or .powell()")
    }
    return Evaluation(
      point: point, value: try value(at: point), gradient: try checked(try gradient(point), "the gradient"))
  }

  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    guard let product = function.hessianProduct else {
      throw TensorError(
        name, "the method needs products of the Hessian, and the function has none; give them, or use .lbfgs()")
    }
    return try checked(try product(point, vector), "the product of the Hessian")
  }

  private func checked(_ numbers: [Double], _ what: String) throws -> [Double] {
    guard numbers.count == count else {
      throw TensorError(name, "\(what) has \(numbers.count) numbers, the point \(count)")
    }
    return sign < 0 ? scaled(numbers, by: -1) : numbers
  }
}
