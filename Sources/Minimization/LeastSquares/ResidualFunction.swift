import DescentGraph
import DescentTensors

/// How often residuals were asked for what.
public struct ResidualCounts: Sendable, Hashable {
  /// How often for the residuals.
  public internal(set) var residuals = 0
  /// How often for their Jacobian.
  public internal(set) var jacobians = 0
}

/// Residuals as functions of numbers in a row: one plan for what they sum up to, and one for the linear model.
final class ResidualFunction: ResidualSource {
  private enum Plan: Hashable { case value, linearized, residuals }

  /// How many residuals count.
  let observationCount: Int
  /// The distance from 1 to the next number of the coarsest type among parameters and residuals.
  let roundingUnit: Double
  /// The most evaluations.
  var mostEvaluations: Int?
  private(set) var counts = ResidualCounts()
  private let count: Int
  private let residualCount: Int
  private let residuals: FlatFunction
  private let jacobian: FlatFunction?
  private let loss: ResidualLoss
  /// The roots of the weights.
  private let roots: Tensor?
  private var plans: [Plan: CompiledFunction] = [:]

  /// - Parameters:
  ///   - residuals: Gives one tensor.
  ///   - jacobian: The user's own derivative of every residual in every number.
  ///   - numbers: What the square of each residual is multiplied by.
  /// - Throws: `TensorError` where these do not fit together.
  init(_ residuals: FlatFunction, jacobian: FlatFunction?, weights numbers: [Double]?, loss: ResidualLoss) throws {
    count = residuals.form.count
    (self.residuals, self.jacobian, self.loss) = (residuals, jacobian, loss)
    let types = residuals.trace.graph.outputTypes
    guard types.count == 1, types[0].elementType.isFloatingPoint else {
      let given = types.map(\.description).joined(separator: ", ")
      throw TensorError(
        "leastSquares", "the function gives \(given), where one tensor of floating-point residuals is needed")
    }
    residualCount = types[0].count
    roundingUnit = max(residuals.form.roundingUnit, types[0].elementType.roundingUnit)
    let size = residualCount
    let (product, isTooLarge) = size.multipliedReportingOverflow(by: count + 1)
    guard !isTooLarge, product <= Self.mostNumbers else {
      throw TensorError(
        "leastSquares",
        "\(size) residuals of \(count) parameters have a Jacobian of more than \(Self.mostNumbers) numbers; minimize the"
          + " sum of their squares by .newtonCG() or .lbfgs(), which need none")
    }
    if let type = jacobian?.trace.graph.outputTypes.first {
      guard type.elementType.isFloatingPoint, type.count == size * count else {
        throw TensorError(
          "leastSquares",
          "the jacobian gives \(type), where \(size) residuals of \(count) parameters need [\(size), \(count)]")
      }
    }
    var counted = size
    if let numbers {
      guard numbers.count == size else {
        throw TensorError("leastSquares", "\(numbers.count) weights of \(size) residuals; each needs one")
      }
      if let index = numbers.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        throw TensorError(
          "leastSquares", "the weight \(numbers[index]) of residual \(index), where 0 or more is needed")
      }
      counted = numbers.count { $0 > 0 }
      roots = Tensor(numbers.map { $0.squareRoot() }, shape: [size], .float64)
    } else {
      roots = nil
    }
    observationCount = counted
    guard counted >= count else {
      throw TensorError(
        "leastSquares",
        "\(counted) residuals\(numbers == nil ? "" : " with a weight"), where \(count) parameters need at least as many"
      )
    }
  }

  /// The most numbers of a Jacobian: a gigabyte of them.
  private static let mostNumbers = 1 << 27

  var isExhausted: Bool { mostEvaluations.map { counts.residuals >= $0 } ?? false }

  func value(at point: [Double]) throws -> Double {
    counts.residuals += 1
    return try run(.value, point)[0].firstElement(as: Double.self)
  }

  func linearized(at point: [Double]) throws -> LinearizedResiduals {
    counts.jacobians += 1
    let results = try run(.linearized, point)
    let factor = try results[2].doubles()
    let rows = min(residualCount, count + 1)
    // The rows of R below its columns hold but the residuals that the Jacobian does not explain.
    func column(_ index: Int) -> [Double] { (0..<count).map { factor[$0 * (count + 1) + index] } }
    guard rows >= count else { throw TensorError("leastSquares", "fewer residuals than parameters") }
    return LinearizedResiduals(
      point: point, value: try results[0].firstElement(as: Double.self),
      residualNorm: try results[1].firstElement(as: Double.self), columns: (0..<count).map(column),
      projected: column(count))
  }

  /// The residuals themselves, without weights and loss.
  func residuals(at point: [Double]) throws -> [Double] { try run(.residuals, point)[0].doubles() }

  private func run(_ plan: Plan, _ point: [Double]) throws -> [Literal] {
    let known = try plans[plan] ?? compiled(plan)
    plans[plan] = known
    return try known.run([try Buffer.doubles(point, [point.count])])
  }

  private func compiled(_ plan: Plan) throws -> CompiledFunction {
    let epoch = Trace.beginRecording()
    let point = Tensor.placeholder(TensorType([count], .float64), name: "point")
    let plain = residuals.trace.graph.applied(on: [point] + residuals.trace.captured)[0]
      .reshaped([residualCount]).converted(to: .float64)
    let weighted = roots.map { plain * $0 } ?? plain
    let outputs: [Tensor]
    switch plan {
    case .residuals: outputs = [plain]
    case .value: outputs = [loss.total(weighted)]
    case .linearized:
      var matrix = try derivative(at: point).reshaped([residualCount, count]).converted(to: .float64)
      if let roots { matrix = matrix * roots.expanded(axis: 1) }
      var rest = weighted
      if let factors = loss.factors(weighted) {
        matrix = matrix * factors.expanded(axis: 1)
        rest = rest * factors
      }
      // One decomposition gives R, and in its last column Qᵀ·r.
      let factor = qr(concatenated([matrix, rest.expanded(axis: 1)], axis: 1)).r
      outputs = [loss.total(weighted), rest.norm(), factor]
    }
    return try CompiledFunction(Trace(arguments: [point], outputs: outputs, since: epoch))
  }

  /// The Jacobian, `[residuals…, parameters]`.
  private func derivative(at point: Tensor) throws -> Tensor {
    if let jacobian { return jacobian.trace.graph.applied(on: [point] + jacobian.trace.captured)[0] }
    do throws(OperationError) {
      let graph = try residuals.trace.graph.jacobian(parameters: [0])
      return graph.applied(on: [point] + residuals.trace.captured)[0]
    } catch { throw TensorError(error) }
  }
}
