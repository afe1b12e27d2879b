/// What is minimized: a function of numbers in a row.
protocol Objective: AnyObject {
  /// How many numbers it takes.
  var count: Int { get }
  /// The distance from 1 to the next number of the coarsest type among parameters and value.
  var roundingUnit: Double { get }

  /// Whether nobody waits for a minimum any more.
  var isCanceled: Bool { get }

  /// The value at a point.
  func value(at point: [Double]) throws -> Double
  /// Value and gradient at a point.
  func evaluate(at point: [Double]) throws -> Evaluation
  /// Value and gradient where a step along a direction leads.
  func evaluate(from point: [Double], step: Double, along direction: [Double]) throws -> Evaluation
  /// The Hessian at a point times a vector.
  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double]
  /// The Hessian at a point, row by row.
  func hessian(at point: [Double]) throws -> [Double]
}

extension Objective {
  var isCanceled: Bool { Task.isCancelled }

  func evaluate(from point: [Double], step: Double, along direction: [Double]) throws -> Evaluation {
    var next = try evaluate(at: sum(point, step, direction))
    next.slope = dot(next.gradient, direction)
    return next
  }

  func hessian(at point: [Double]) throws -> [Double] {
    var matrix: [Double] = []
    var unit = [Double](repeating: 0, count: count)
    for row in 0..<count {
      unit[row] = 1
      matrix += try hessianProduct(at: point, unit)
      unit[row] = 0
    }
    return matrix
  }
}

/// A point with the function's value there, and its gradient where it was asked for.
struct Evaluation: Sendable {
  var point: [Double]
  var value: Double
  /// Empty where a method needs none.
  var gradient: [Double] = []
  /// The derivative along the direction of the step that led here.
  var slope = Double.nan

  /// Where the numbers are variables of which a box is the image, the point in it.
  var outside: Outside?

  /// A point in the function's own numbers, with the gradient there.
  struct Outside: Sendable {
    let point: [Double]
    let gradient: [Double]
  }

  /// The same in the function's own numbers.
  var outsideVariables: Evaluation {
    outside.map { Evaluation(point: $0.point, value: value, gradient: $0.gradient) } ?? self
  }

  /// Whether value and gradient are numbers.
  var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}
