import DescentGraph
import DescentTensors

/// How often a function was asked for what.
public struct EvaluationCounts: Sendable, Hashable {
  /// How often for its value, alone or with the gradient.
  public internal(set) var values = 0
  /// How often for its gradient.
  public internal(set) var gradients = 0
  /// How often for a product of its Hessian with a vector; a whole Hessian counts as one for each column.
  public internal(set) var hessianProducts = 0
}

/// A point with the function's value there, and its gradient where it was asked for.
struct Evaluation: Sendable {
  var point: [Double]
  var value: Double
  /// Empty where a method needs none.
  var gradient: [Double] = []

  /// Whether value and gradient are numbers.
  var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// A function of numbers in a row, as plans that are recorded and compiled once.
final class PointFunction {
  /// How many numbers.
  let count: Int
  /// The distance from 1 to the next number of the coarsest type among parameters and value.
  let roundingUnit: Double
  private let function: (Tensor) throws -> Tensor
  private let sign: Double
  private var plans: [Derivative: CompiledFunction] = [:]
  private(set) var counts = EvaluationCounts()
  /// The most evaluations that a method may make within one iteration and before.
  var mostEvaluations: Int?

  private enum Derivative: Hashable { case value, gradient, hessianProduct, hessian }

  /// Prepares a function of a Float64 vector.
  ///
  /// - Parameters:
  ///   - count: How many numbers it takes.
  ///   - parameterUnit: The rounding unit of the coarsest parameter.
  ///   - isMaximized: Whether the function's negative is asked for.
  init(
    count: Int, parameterUnit: Double, isMaximized: Bool, _ function: @escaping (Tensor) throws -> Tensor
  ) throws {
    self.count = count
    self.function = function
    sign = isMaximized ? -1 : 1
    var unit = parameterUnit
    // What type the value has is seen by recording it.
    let value = try function(.placeholder(Self.type(count)))
    if let error = value.error { throw error }
    guard value.elementType.isFloatingPoint, value.count == 1 else {
      throw TensorError("minimize", "the function gives \(value.type), where one floating-point number is needed")
    }
    unit = max(unit, value.elementType.roundingUnit)
    roundingUnit = unit
  }

  private static func type(_ count: Int) -> TensorType { TensorType([count], .float64) }

  private func plan(_ derivative: Derivative) throws -> CompiledFunction {
    if let known = plans[derivative] { return known }
    let epoch = Trace.beginRecording()
    let x = Tensor.placeholder(Self.type(count), name: "point")
    let v = Tensor.placeholder(Self.type(count), name: "direction")
    func scalar(_ x: Tensor) throws -> Tensor { try function(x).reshaped([]).converted(to: .float64) * sign }
    let (arguments, outputs): ([Tensor], [Tensor])
    switch derivative {
    case .value: (arguments, outputs) = ([x], [try scalar(x)])
    case .gradient:
      let (value, gradient) = try valueAndGradient(at: x) { x in try scalar(x) }
      (arguments, outputs) = ([x], [value, gradient])
    case .hessianProduct:
      let product = try hessianVectorProduct(at: x, along: v) { x in try scalar(x) }
      (arguments, outputs) = ([x, v], [product])
    case .hessian: (arguments, outputs) = ([x], [try DescentTensors.hessian(at: x) { x in try scalar(x) }])
    }
    let plan = try CompiledFunction(Trace(arguments: arguments, outputs: outputs, since: epoch))
    plans[derivative] = plan
    return plan
  }

  private func run(_ derivative: Derivative, _ vectors: [[Double]]) throws -> [Literal] {
    let plan = try plan(derivative)
    return try plan.run(try vectors.map { try Self.buffer($0) })
  }

  private static func buffer(_ vector: [Double]) throws -> Buffer {
    do throws(OperationError) {
      let literal = try HostLiteral(uninitialized: type(vector.count))
      vector.withUnsafeBytes { source in literal.fill { $0.copyMemory(from: source) } }
      return literal.buffer
    } catch { throw TensorError(error) }
  }

  private static func numbers(_ literal: Literal) throws -> [Double] {
    try literal.withHostBytes { Array($0.bindMemory(to: Double.self)) }
  }

  /// The function's value.
  func value(at point: [Double]) throws -> Double {
    counts.values += 1
    return try run(.value, [point])[0].firstElement(as: Double.self)
  }

  /// The function's value and its gradient.
  func evaluate(at point: [Double]) throws -> Evaluation {
    counts.values += 1
    counts.gradients += 1
    let results = try run(.gradient, [point])
    return Evaluation(
      point: point, value: try results[0].firstElement(as: Double.self), gradient: try Self.numbers(results[1]))
  }

  /// The Hessian at a point times a vector.
  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    counts.hessianProducts += 1
    return try Self.numbers(try run(.hessianProduct, [point, vector])[0])
  }

  /// The Hessian at a point, row by row.
  func hessian(at point: [Double]) throws -> [Double] {
    counts.hessianProducts += count
    return try Self.numbers(try run(.hessian, [point])[0])
  }
}

extension ElementType {
  /// The distance from 1 to the next number.
  var roundingUnit: Double {
    switch self {
    case .float64: 0x1p-52
    case .float32: 0x1p-23
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-52
    }
  }
}
