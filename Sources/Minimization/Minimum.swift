import DescentPlotting

/// What a search for a minimum found.
public struct Minimum<Point>: Sendable where Point: Sendable {
  /// The lowest point that was found.
  public let point: Point
  /// The function's value there.
  public let value: Double
  /// The largest magnitude in the gradient there; NaN for methods that need none.
  public let gradientNorm: Double
  /// How many iterations were done.
  public let iterations: Int
  /// How often the function was asked for what.
  public let evaluations: EvaluationCounts
  /// Why the search ended.
  public let reason: StopReason
  /// The method, in words.
  public let method: String
  /// The point after each iteration, beginning with the start; empty where it was not asked for.
  public let path: [MinimizationPath.Step]
  /// The point's numbers, in the order of its tensors.
  public let numbers: [Double]

  /// Whether what was looked for was found.
  public var isConverged: Bool { reason.isConverged }
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
    lines += [
      "iterations   \(iterations)",
      "evaluations  \(counts)",
      "method       \(method)",
      "stopped      \(reason)",
    ]
    return lines.joined(separator: "\n")
  }
}
