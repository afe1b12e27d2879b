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
  /// What the function threw, where that is why.
  public let underlying: (any Error)?

  init(_ subject: String, _ message: String, best: [Double], value: Double, underlying: (any Error)? = nil) {
    self.subject = subject
    let place =
      value.isFinite
      ? "; the best point so far is \(NumberText.point(best)) with the value \(NumberText.short(value, digits: 6))"
      : "; the start is \(NumberText.point(best))"
    self.message = message + place
    self.best = best
    self.value = value
    self.underlying = underlying
  }
}

extension NumberText {
  /// The first numbers of a point, such as `(1, 2.5, …)`.
  static func point(_ numbers: [Double], most: Int = 4, digits: Int = 6) -> String {
    let shown = numbers.prefix(most).map { short($0, digits: digits) }.joined(separator: ", ")
    return "(\(shown)\(numbers.count > most ? ", … \(numbers.count) numbers" : ""))"
  }
}
