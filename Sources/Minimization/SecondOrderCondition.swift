import DescentPlotting
import DescentTensors

/// What the second derivatives say of the point at which a search ended.
public enum SecondOrderCondition: Sendable, Hashable, CustomStringConvertible {
  /// The curvature is positive in all directions: a minimum. The least and the largest eigenvalue of the Hessian.
  case minimum(least: Double, largest: Double)
  /// The curvature is positive in some directions and negative in others: a saddle.
  case saddle(least: Double, largest: Double)
  /// The curvature is negative in all directions: a maximum.
  case maximum(least: Double, largest: Double)
  /// In some direction there is no curvature to tell by.
  case degenerate(least: Double, largest: Double)
  /// The gradient does not vanish, so that it is not any of these.
  case notStationary

  init(eigenvalues: [Double], of search: String = "", sign: Double) {
    let values = sign < 0 ? eigenvalues.reversed().map { -$0 } : eigenvalues
    let (least, largest) = (values.first ?? 0, values.last ?? 0)
    let rounding = 1e-10 * max(abs(least), abs(largest))
    switch (least, largest) {
    case _ where least > rounding: self = .minimum(least: least, largest: largest)
    case _ where largest < -rounding: self = .maximum(least: least, largest: largest)
    case _ where least < -rounding && largest > rounding: self = .saddle(least: least, largest: largest)
    default: self = .degenerate(least: least, largest: largest)
    }
  }

  /// The finding in words, with the range of the Hessian's eigenvalues.
  public var description: String {
    func range(_ least: Double, _ largest: Double) -> String {
      " (eigenvalues of the Hessian from \(NumberText.short(least)) to \(NumberText.short(largest)))"
    }
    switch self {
    case .minimum(let least, let largest): return "a minimum" + range(least, largest)
    case .saddle(let least, let largest): return "a saddle" + range(least, largest)
    case .maximum(let least, let largest): return "a maximum" + range(least, largest)
    case .degenerate(let least, let largest): return "flat in some direction" + range(least, largest)
    case .notStationary: return "not stationary: the gradient does not vanish"
    }
  }
}

extension SecondOrderCondition {
  /// The condition at the end of a search, in the numbers that are not at a bound.
  ///
  /// - Parameters:
  ///   - sign: −1 where the function is the negative of the user's.
  ///   - tolerance: The largest magnitude in a gradient that is none.
  static func check(
    _ objective: any Objective, at last: Evaluation, in region: Region, sign: Double, tolerance: Double,
    counts: inout EvaluationCounts, of name: String
  ) throws -> SecondOrderCondition {
    let point = last.point
    var gradient = last.gradient
    if gradient.isEmpty {
      gradient = try objective.evaluate(at: point).gradient
      counts.gradients += 1
      counts.values += 1
    }
    // A search that ended for another reason than its gradient has come as close as rounding lets it.
    let slack = max(tolerance, objective.roundingUnit.squareRoot() * max(1, abs(last.value)))
    guard region.stationarity(at: point, gradient) <= 10 * slack else { return .notStationary }
    let count = point.count
    let free = region.box.map { box in
      point.indices.filter { point[$0] > box.lower[$0] && point[$0] < box.upper[$0] }
    }
    let matrix = try objective.hessian(at: point)
    counts.hessianProducts += count
    guard isFinite(matrix) else { throw TensorError(name, "the Hessian holds a number that is not finite") }
    let places = free ?? Array(point.indices)
    guard !places.isEmpty else { return .minimum(least: 0, largest: 0) }
    let part = places.flatMap { row in
      places.map { column in 0.5 * (matrix[row * count + column] + matrix[column * count + row]) }
    }
    let values = try eighValues(Tensor(part, shape: [places.count, places.count], .float64)).scalars()
    return SecondOrderCondition(eigenvalues: values, sign: sign)
  }
}
