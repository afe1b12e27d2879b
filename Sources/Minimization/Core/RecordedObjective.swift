import DescentGraph
import DescentTensors

/// A recorded function, its derivatives by Descent's transforms: one compiled plan for each.
final class RecordedObjective: Objective {
  private enum Plan: Hashable { case value, gradient, step, hessianProduct, hessian }

  let count: Int
  let roundingUnit: Double
  /// Further numbers that the function depends on; as many as when it was made.
  var parameters: [Double]
  private let plans: VectorPlans<Plan>

  /// - Parameters:
  ///   - trace: The function; it takes a vector, then one of parameters where there are some, then captured tensors.
  ///   - parameterUnit: The rounding unit of the coarsest number in the vector.
  /// - Throws: `TensorError` where the function does not give one floating-point number.
  init(
    _ trace: Trace, count: Int, parameterUnit: Double, parameters: [Double] = [], named name: String,
    isMaximized: Bool = false
  ) throws {
    (self.count, self.parameters) = (count, parameters)
    let type = trace.graph.outputTypes.first ?? TensorType([0], .float32)
    guard type.elementType.isFloatingPoint, type.count == 1 else {
      throw TensorError(name, "the function gives \(type), where one floating-point number is needed")
    }
    roundingUnit = max(parameterUnit, type.elementType.roundingUnit)
    plans = VectorPlans(trace) { plan, graph throws(OperationError) in
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

  /// Runs a plan on its arguments and the parameters.
  private func run(_ plan: Plan, _ arguments: VectorPlans<Plan>.Argument...) throws -> [Literal] {
    try plans.run(plan, parameters.isEmpty ? arguments : arguments + [.vector(parameters)])
  }

  func value(at point: [Double]) throws -> Double { try run(.value, .vector(point))[0].firstElement(as: Double.self) }

  func evaluate(at point: [Double]) throws -> Evaluation {
    let results = try run(.gradient, .vector(point))
    return Evaluation(
      point: point, value: try results[0].firstElement(as: Double.self), gradient: try results[1].doubles())
  }

  func evaluate(from point: [Double], step: Double, along direction: [Double]) throws -> Evaluation {
    let results = try run(.step, .vector(point), .vector(direction), .number(step))
    return Evaluation(
      point: try results[0].doubles(), value: try results[1].firstElement(as: Double.self),
      gradient: try results[2].doubles(), slope: try results[3].firstElement(as: Double.self))
  }

  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    try run(.hessianProduct, .vector(point), .vector(vector))[0].doubles()
  }

  func hessian(at point: [Double]) throws -> [Double] { try run(.hessian, .vector(point))[0].doubles() }
}

extension Graph {
  /// The first output alone, as one Float64 number.
  func scalar(negated isNegated: Bool) throws(OperationError) -> Graph {
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
  func withDirectionSecond() throws(OperationError) -> Graph {
    let builder = GraphBuilder()
    let point = builder.input(type(of: inputs[0]), name: "point")
    let direction = builder.input(type(of: inputs[0]), name: "direction")
    let others = inputs.dropFirst().dropLast().map {
      builder.input(type(of: $0), name: nodes[$0.node].operation.name)
    }
    return try builder.graph(outputs: builder.inline(self, [point] + others + [direction]))
  }
}
