/// The values that a parameter of a search may take.
public enum Domain: Hashable, Sendable {
  /// How the numbers of a range are spread over it.
  public enum Scale: String, Hashable, Sendable, Codable {
    /// Equal differences are equally far.
    case linear
    /// Equal ratios are equally far; for ranges above zero.
    case logarithmic
  }

  /// The real numbers of a range, or those that lie a multiple of the step above its lower end.
  case real(ClosedRange<Double>, scale: Scale = .linear, step: Double? = nil)
  /// The whole numbers of a range, or those that lie a multiple of the step above its lower end.
  case integer(ClosedRange<Int>, scale: Scale = .linear, step: Int = 1)
  /// One of the options.
  case choice([String])
  /// On or off.
  case toggle
  /// Any number of the options, also none.
  case subset([String])
  /// An order of the options.
  case permutation([String])
}
