import DescentPlotting

/// What a search for a minimum found.
public struct Minimum<Point: Sendable>: Sendable {
  /// The lowest point that was found.
  public let point: Point
  /// The point's numbers, in the order of its tensors.
  public let numbers: [Double]
  /// The function's value there.
  public let value: Double
  /// The largest magnitude in the gradient there; NaN for methods that need none. Within a set, or with constraints, what
  /// a step along the negative gradient would change.
  public let gradientNorm: Double
  /// How many iterations were done.
  public let iterations: Int
  /// How often the function was asked for what.
  public let evaluations: EvaluationCounts
  /// Why the search ended.
  public let reason: StopReason
  /// The method, in words.
  public let method: String
  /// What the second derivatives say of the point; `nil` where it was not asked for.
  public let secondOrder: SecondOrderCondition?
  /// How well constraints are met, and what they cost; `nil` where there are none.
  public let constraints: ConstraintReport?
  /// What else is to be known, such as a start that was outside of its bounds.
  public let notes: [String]
  /// The point after each iteration, beginning with the start; empty where it was not asked for.
  public let path: [MinimizationPath.Step]

  /// Whether what was looked for was found.
  public var isConverged: Bool { reason.isConverged }
}

/// How well constraints are met, and what they cost.
public struct ConstraintReport: Sendable, Hashable {
  /// The largest violation of a constraint.
  public let violation: Double
  /// The Lagrange multiplier of each equality: by how much the least value falls where its right side grows by one, for
  /// small changes.
  public let equalityMultipliers: [Double]
  /// The Lagrange multiplier of each inequality; 0 of those that do not hold the point back.
  public let inequalityMultipliers: [Double]
}

/// The way of a search for a minimum.
public enum MinimizationPath {
  /// Where a search was after an iteration.
  public struct Step: Sendable, Hashable {
    /// The point's numbers, in the order of its tensors.
    public let point: [Double]
    /// The function's value there.
    public let value: Double
  }
}

extension Minimum: CustomStringConvertible {
  /// The result as a table of a few lines.
  public var description: String {
    var counts = "\(evaluations.values) of the value"
    if evaluations.gradients > 0 { counts += ", \(evaluations.gradients) of the gradient" }
    if evaluations.hessianProducts > 0 { counts += ", \(evaluations.hessianProducts) Hessian products" }
    var lines = [
      "point        \(NumberText.point(numbers, most: 8, digits: 10))",
      "value        \(NumberText.short(value, digits: 10))",
    ]
    if !gradientNorm.isNaN { lines.append("gradient     \(NumberText.short(gradientNorm, digits: 3))") }
    if let constraints { lines.append("violation    \(NumberText.short(constraints.violation, digits: 3))") }
    lines += [
      "iterations   \(iterations)",
      "evaluations  \(counts)",
      "method       \(method)",
      "stopped      \(reason)",
    ]
    if let secondOrder { lines.append("curvature    \(secondOrder)") }
    lines += notes.map { "note         \($0)" }
    return lines.joined(separator: "\n")
  }
}
