import DescentGraph
import DescentTensors

/// What is minimized: a function of numbers in a row.
protocol Objective: AnyObject {
  /// How many numbers it takes.
  var count: Int { get }
  /// The distance from 1 to the next number of the coarsest type among parameters and value.
  var roundingUnit: Double { get }

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

  /// Whether value and gradient are numbers.
  var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// A recorded function, its derivatives by Descent's transforms: one compiled plan for each.
final class RecordedObjective: Objective {
  private enum Plan: Hashable { case value, gradient, step, hessianProduct, hessian }

  let count: Int
  let roundingUnit: Double
  private let plans: VectorPlans<Plan>

  /// - Throws: `TensorError` where the function does not give one floating-point number.
  init(_ function: FlatFunction, named name: String, isMaximized: Bool) throws {
    count = function.form.count
    let type = function.trace.graph.outputTypes.first ?? TensorType([0], .float32)
    guard type.elementType.isFloatingPoint, type.count == 1 else {
      throw TensorError(name, "the function gives \(type), where one floating-point number is needed")
    }
    roundingUnit = max(function.form.roundingUnit, type.elementType.roundingUnit)
    plans = VectorPlans(function.trace) { plan, graph throws(OperationError) in
      let scalar = try graph.scalar(negated: isMaximized)
      switch plan {
      case .value: return scalar
      case .gradient: return try scalar.gradient(parameters: [0])
      case .step: return try scalar.gradient(parameters: [0]).afterStep()
      case .hessianProduct: return try scalar.hessianVectorProduct(parameters: [0]).withDirectionSecond()
      case .hessian: return try scalar.hessian(parameters: [0])
      }
    }
  }

  func value(at point: [Double]) throws -> Double { try plans.run(.value, [point])[0].firstElement(as: Double.self) }

  func evaluate(at point: [Double]) throws -> Evaluation {
    let results = try plans.run(.gradient, [point])
    return Evaluation(
      point: point, value: try results[0].firstElement(as: Double.self), gradient: try results[1].doubles())
  }

  func evaluate(from point: [Double], step: Double, along direction: [Double]) throws -> Evaluation {
    let results = try plans.run(.step, [point, direction], step)
    return Evaluation(
      point: try results[0].doubles(), value: try results[1].firstElement(as: Double.self),
      gradient: try results[2].doubles(), slope: try results[3].firstElement(as: Double.self))
  }

  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    try plans.run(.hessianProduct, [point, vector])[0].doubles()
  }

  func hessian(at point: [Double]) throws -> [Double] { try plans.run(.hessian, [point])[0].doubles() }
}

extension Graph {
  /// The first output alone, as one Float64 number.
  fileprivate func scalar(negated isNegated: Bool) throws(OperationError) -> Graph {
    let builder = GraphBuilder()
    let arguments = inputs.map { builder.input(type(of: $0), name: nodes[$0.node].operation.name) }
    let value = builder.inline(self, arguments)[0].reshaped([]).converted(to: .float64)
    return try builder.graph(outputs: [isNegated ? value.apply(Negate()) : value]).removingDeadNodes()
  }

  /// Of a function that gives value and gradient at a vector, the one that is given a vector, a direction and the length
  /// of a step, and gives the point that it leads to, value and gradient there, and the slope along the direction.
  fileprivate func afterStep() throws(OperationError) -> Graph {
    let builder = GraphBuilder()
    let vector = type(of: inputs[0])
    let point = builder.input(vector, name: "point")
    let direction = builder.input(vector, name: "direction")
    let step = builder.input(TensorType([], .float64), name: "step")
    let others = inputs.dropFirst().map { builder.input(type(of: $0), name: nodes[$0.node].operation.name) }
    let next = point + step.broadcast(vector.shape, axes: []) * direction
    let results = builder.inline(self, [next] + others)
    return try builder.graph(outputs: [next] + results + [(results[1] * direction).sum(axes: [0])])
  }

  /// A function whose last argument is a direction, with that after the first.
  fileprivate func withDirectionSecond() throws(OperationError) -> Graph {
    let builder = GraphBuilder()
    let point = builder.input(type(of: inputs[0]), name: "point")
    let direction = builder.input(type(of: inputs[0]), name: "direction")
    let others = inputs.dropFirst().dropLast().map {
      builder.input(type(of: $0), name: nodes[$0.node].operation.name)
    }
    return try builder.graph(outputs: builder.inline(self, [point] + others + [direction]))
  }
}
