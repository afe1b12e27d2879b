import DescentPlotting
import DescentTypes

/// A search for a minimum that cannot go on, with the best point that it found.
public struct MinimizationError: DescentError {
  /// The function that was asked, such as `minimize`.
  public let subject: String
  /// What was found.
  public let message: String
  /// The numbers of the best point so far, in the order of its tensors.
  public let best: [Double]
  /// The function's value there; NaN where it has none.
  public let value: Double

  init(_ subject: String, _ message: String, best: [Double], value: Double) {
    self.subject = subject
    let shown = best.prefix(4).map { NumberText.short($0, digits: 6) }.joined(separator: ", ")
    let place =
      value.isFinite
      ? "; the best point so far is (\(shown)\(best.count > 4 ? ", …" : "")) with the value \(NumberText.short(value, digits: 6))"
      : ""
    self.message = message + place
    self.best = best
    self.value = value
  }
}
