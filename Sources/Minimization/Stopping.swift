import DescentTensors

/// When a search for a minimum ends: at the first condition that holds.
public struct Stopping: Sendable {
  /// The largest magnitude in the gradient that counts as none.
  public var gradient: Double
  /// The change of the value from one iteration to the next, as a share of the value, that counts as none; `nil` where
  /// it does not matter.
  public var valueChange: Double?
  /// The change of the point from one iteration to the next, as a share of the point's norm, that counts as none; `nil`
  /// where it does not matter.
  public var pointChange: Double?
  /// The most iterations.
  public var iterations: Int
  /// The most evaluations of the value; `nil` for any number.
  public var evaluations: Int?
  /// The longest time in seconds; `nil` for any. A result that depends on it differs from run to run.
  public var seconds: Double?
  /// A value that is low enough (high enough for `maximize`); `nil` for none.
  public var target: Double?
  /// A condition of the user's own.
  public var condition: (@Sendable (MinimizationProgress) -> Bool)?

  /// Creates conditions.
  ///
  /// - Parameters:
  ///   - gradient: The largest magnitude in the gradient that counts as none.
  ///   - valueChange: The relative change of the value that counts as none.
  ///   - pointChange: The relative change of the point that counts as none.
  ///   - iterations: The most iterations.
  ///   - evaluations: The most evaluations of the value.
  ///   - seconds: The longest time.
  ///   - target: A value that is low enough.
  ///   - condition: A condition of the user's own; the search ends where it gives `true`.
  public init(
    gradient: Double = 1e-8, valueChange: Double? = nil, pointChange: Double? = nil, iterations: Int = 10_000,
    evaluations: Int? = nil, seconds: Double? = nil, target: Double? = nil,
    condition: (@Sendable (MinimizationProgress) -> Bool)? = nil
  ) {
    self.gradient = gradient
    self.valueChange = valueChange
    self.pointChange = pointChange
    self.iterations = iterations
    self.evaluations = evaluations
    self.seconds = seconds
    self.target = target
    self.condition = condition
  }

  /// Refuses conditions that make no sense.
  func check(_ name: String) throws {
    func refused(_ words: String) -> TensorError { TensorError(name, "stopping \(words), where 0 or more is needed") }
    guard gradient >= 0 else { throw refused("at a gradient of \(gradient)") }
    guard iterations >= 0 else { throw refused("after \(iterations) iterations") }
    if let valueChange, !(valueChange >= 0) { throw refused("at a change of the value of \(valueChange)") }
    if let pointChange, !(pointChange >= 0) { throw refused("at a change of the point of \(pointChange)") }
    if let evaluations, evaluations < 0 { throw refused("after \(evaluations) evaluations") }
    if let seconds, !(seconds >= 0) { throw refused("after \(seconds) seconds") }
  }
}

/// How far a search for a minimum is.
public struct MinimizationProgress: Sendable {
  /// How many iterations are done.
  public let iteration: Int
  /// The function's value.
  public let value: Double
  /// The largest magnitude in the gradient; NaN for methods that need none.
  public let gradientNorm: Double
  /// The numbers of the point, in the order of its tensors.
  public let point: [Double]
}

/// Why a search for a minimum ended.
public enum StopReason: Sendable, Hashable, CustomStringConvertible {
  /// The gradient is none.
  case gradient
  /// The value does not change any more.
  case valueChange
  /// The point does not change any more.
  case pointChange
  /// No lower value can be found in the precision that the function is computed in.
  case precision
  /// The value is low enough.
  case target
  /// The user's own condition held.
  case condition
  /// There were as many iterations as allowed.
  case iterations
  /// There were as many evaluations as allowed.
  case evaluations
  /// The time is over.
  case time
  /// The search is part of a function that is being recorded, and has not run yet.
  case recorded
  /// The constraints could not be met.
  case infeasible
  /// The task was canceled.
  case canceled
  /// No length of the step was found; the reason.
  case lineSearch(StepSearch.Failure)
  /// The value falls without end.
  case unbounded

  /// Whether what was looked for was found.
  public var isConverged: Bool {
    switch self {
    case .gradient, .valueChange, .pointChange, .precision, .target, .condition: true
    case .iterations, .evaluations, .time, .recorded, .infeasible, .canceled, .lineSearch, .unbounded: false
    }
  }

  /// Whether the search came to rest by itself.
  var isSettled: Bool {
    switch self {
    case .gradient, .valueChange, .pointChange, .precision, .lineSearch: true
    default: false
    }
  }

  /// The reason in words.
  public var description: String {
    switch self {
    case .gradient: "the gradient is zero within its tolerance"
    case .valueChange: "the value changes less than its tolerance"
    case .pointChange: "the point changes less than its tolerance"
    case .precision: "no lower value can be found in the precision of the function"
    case .target: "the target value is reached"
    case .condition: "the user's condition holds"
    case .iterations: "the most iterations are done"
    case .evaluations: "the most evaluations are done"
    case .time: "the time is over"
    case .recorded: "the search is part of a recorded function, and runs with it"
    case .infeasible: "the constraints could not be met"
    case .canceled: "the task was canceled"
    case .lineSearch(let failure): "no step was found: \(failure)"
    case .unbounded: "the value falls without end"
    }
  }
}
