/// What a part of a plan is for.
public enum PlanPhase: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
  /// A function's values.
  case forward
  /// Derivatives, and what is computed for them alone.
  case backward
  /// The next values of parameters, and what an optimizer remembers.
  case update

  public static func < (a: PlanPhase, b: PlanPhase) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .forward: 0
    case .backward: 1
    case .update: 2
    }
  }
}
