import DescentPlotting

/// What a search for a minimum found.
public struct Minimum<Point: Sendable>: Sendable {
  /// The lowest point that was found.
  public let point: Point
  /// The function's value there.
  public let value: Double
  /// The largest magnitude in the gradient there; NaN for methods that need none.
  public let gradient: Double
  /// How many iterations were done.
  public let iterations: Int
  /// How often the function was asked for what.
  public let evaluations: EvaluationCounts
  /// Why the search ended.
  public let reason: StopReason
  /// The method, in words.
  public let method: String
  /// The point after each iteration, beginning with the start; empty where it was not asked for.
  public let path: [Step]
  /// The point's numbers, in the order of its tensors.
  public let numbers: [Double]

  /// Where a search was after an iteration.
  public struct Step: Sendable {
    /// The point's numbers, in the order of its tensors.
    public let point: [Double]
    /// The function's value there.
    public let value: Double
  }

  /// Whether what was looked for was found.
  public var isConverged: Bool { reason.isConverged }
}

extension Minimum: CustomStringConvertible {
  /// The result as a table of a few lines.
  public var description: String {
    let shown = numbers.prefix(8).map { NumberText.short($0, digits: 10) }.joined(separator: ", ")
    let more = numbers.count > 8 ? ", … (\(numbers.count) numbers)" : ""
    var counts = "\(evaluations.values) of the value"
    if evaluations.gradients > 0 { counts += ", \(evaluations.gradients) of the gradient" }
    if evaluations.hessianProducts > 0 { counts += ", \(evaluations.hessianProducts) Hessian products" }
    var lines = [
      "point        (\(shown)\(more))",
      "value        \(NumberText.short(value, digits: 10))",
    ]
    if !gradient.isNaN { lines.append("gradient     \(NumberText.short(gradient, digits: 3))") }
    lines += [
      "iterations   \(iterations)",
      "evaluations  \(counts)",
      "method       \(method)",
      "stopped      \(reason)",
    ]
    return lines.joined(separator: "\n")
  }
}
