import DescentGraph
import DescentTensors

/// What a fit by least squares found.
public struct Fit<Point: Sendable>: Sendable {
  /// The parameters.
  public let point: Point
  /// Their numbers, in the order of their tensors.
  public let numbers: [Double]
  /// What each number is called: its tensor's path, and its place there.
  public let names: [String]
  /// The standard error of each number: the root of its variance, as far as the linear model tells. NaN where there is
  /// none: of a number that is at a bound, or that the data do not determine, or where there are as many numbers as
  /// residuals.
  public let standardErrors: [Double]
  /// The covariances of the numbers `[numbers, numbers]`, Float64; NaN where there is none.
  public let covariance: Tensor
  /// The sum of the squares of the residuals, each with its weight.
  public let residualSumOfSquares: Double
  /// The sum of the losses, which is that of squares where nothing else was asked for.
  public let value: Double
  /// How many more residuals there are than numbers; those without weight do not count.
  public let degreesOfFreedom: Int
  /// The share of the variance of what is fitted that the fit explains, R²; `nil` where that was not given.
  public let explainedVariance: Double?
  /// The residuals, without weights.
  public let residuals: [Double]
  /// The share of the residuals that a step could still take away.
  public let relativeOffset: Double
  /// How many iterations were done.
  public let iterations: Int
  /// How often the residuals were asked for what.
  public let evaluations: ResidualCounts
  /// Why the search ended.
  public let reason: StopReason
  /// The method, in words.
  public let method: String
  /// The point after each iteration, beginning with the start; empty where it was not asked for.
  public let path: [MinimizationPath.Step]
  /// What else is to be said, such as that a parameter is at its bound.
  public let notes: [String]

  /// Whether what was looked for was found.
  public var isConverged: Bool { reason.isConverged }

  /// The standard deviation of the residuals, with their weights; NaN where there are no degrees of freedom.
  public var residualDeviation: Double {
    degreesOfFreedom > 0 ? (value / Double(degreesOfFreedom)).squareRoot() : .nan
  }

  init(
    point: Point, _ found: (outcome: LeastSquaresSearch.Outcome, function: ResidualFunction),
    _ problem: LeastSquaresProblem, names: [String]
  ) throws {
    let (outcome, function) = found
    let (weights, loss) = (problem.weights, problem.loss)
    let last = outcome.last
    let residuals = try function.residuals(at: last.point)
    let freedom = function.observationCount - last.point.count
    let covariance = ParameterCovariance(last, box: outcome.box)
    let variance = freedom > 0 ? last.value / Double(freedom) : .nan
    self.point = point
    numbers = last.point
    self.names = names
    standardErrors = covariance.diagonal.map { ($0 * variance).squareRoot() }
    self.covariance = Tensor(
      covariance.matrix.map { $0 * variance }, shape: [numbers.count, numbers.count], .float64)
    let squares = residuals.indices.map { (weights?[$0] ?? 1) * residuals[$0] * residuals[$0] }
    let sum = loss.kind == .squares ? last.value : squares.reduce(0, +)
    residualSumOfSquares = sum
    value = last.value
    degreesOfFreedom = freedom
    explainedVariance = try problem.observed.map {
      try Self.explained(of: $0, weights, sum, residuals.count)
    }
    self.residuals = residuals
    relativeOffset = outcome.offset
    iterations = outcome.iterations
    evaluations = function.counts
    reason = outcome.reason
    method = problem.method.description + (loss.kind == .squares ? "" : ", \(loss)")
    path = outcome.path
    var notes: [String] = []
    if outcome.isStartMoved { notes.append("the start lay outside of its bounds and was moved to them") }
    let atBounds = covariance.atBounds.map { names[$0] }
    if !atBounds.isEmpty { notes.append("at a bound, without a standard error: \(atBounds.joined(separator: ", "))") }
    let undetermined = covariance.undetermined.map { names[$0] }
    if !undetermined.isEmpty {
      notes.append("not determined by the data: \(undetermined.joined(separator: ", "))")
    }
    self.notes = notes
  }

  private static func explained(
    of observed: [Double], _ weights: [Double]?, _ rest: Double, _ count: Int
  ) throws -> Double {
    guard observed.count == count else {
      throw TensorError("leastSquares", "\(observed.count) observed numbers and \(count) residuals; each needs one")
    }
    let weights = weights ?? [Double](repeating: 1, count: count)
    let mean = dot(weights, observed) / weights.reduce(0, +)
    let whole = observed.indices.reduce(0.0) {
      $0 + weights[$1] * (observed[$1] - mean) * (observed[$1] - mean)
    }
    return 1 - rest / whole
  }
}
