import DescentTensors

/// Finds the parameters for which the sum of the squares of residuals is least: a fit of a model to data.
///
/// ```swift
/// let fit = try leastSquares(from: Tensor([500.0, 1e-4], .float64)) { b in y - b[0] * (1 - exp(-b[1] * x)) }
/// print(fit)          // parameters ± standard errors, residual sum of squares, …
/// ```
///
/// Residuals, their Jacobian and its QR decomposition are one compiled plan; JᵀJ, which would cost half of the digits, is
/// not formed. The Jacobian is Descent's own, forward or in reverse by its shape. A search ends where the residuals cannot
/// be explained further: `stopping.gradient` is compared with the relative offset of Bates and Watts, the share of the
/// residuals that a step could still take away, which no choice of units changes.
///
/// - Parameters:
///   - start: Where the search begins: tensors, or any models, of which all that can be trained moves.
///   - method: The method.
///   - set: The box within which the parameters stay.
///   - loss: What residuals count; those other than squares let outliers pull less.
///   - weights: What the square of each residual is multiplied by, such as 1 / σ²: as many as there are residuals.
///   - observed: What is fitted, for R² alone.
///   - stopping: When the search ends. The `gradient` is the relative offset.
///   - recordsPath: Whether the result holds the point after each iteration.
///   - residuals: Gives the residuals, a floating-point tensor of any shape, at least as many as there are parameters.
/// - Returns: The parameters with their standard errors, and why the search ended there.
/// - Throws: `TensorError` of a mistake in the function, its start or the settings; `MinimizationError` where residuals or
///   Jacobian are not finite at the start, or do not depend on the parameters there.
/// - Complexity: O(residuals · parameters²) an iteration.
public func leastSquares<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: LeastSquaresMethod = .levenbergMarquardt(),
  within set: FeasibleSet = .everywhere, loss: ResidualLoss = .squares, weights: Tensor? = nil, observed: Tensor? = nil,
  stopping: Stopping = Stopping(gradient: 1e-11), recordsPath: Bool = false,
  residuals: (repeat each Point) throws -> Tensor
) throws -> Fit<(repeat each Point)> {
  let problem = try LeastSquaresProblem(
    method: method, set: set, loss: loss, weights: weights, observed: observed, stopping: stopping,
    recordsPath: recordsPath)
  let form = try problem.form(try ArgumentList(repeat each start))
  let recorded = try problem.recorded(form) { inside in
    try ArgumentList(try residuals(repeat try inside.next((each Point).self)))
  }
  let found = try problem.search(recorded, jacobian: nil)
  let inside = form.cursor(found.outcome.last.point)
  return try Fit(point: (repeat try inside.next((each Point).self)), found, problem, names: form.names)
}

/// Finds the parameters for which the sum of the squares of residuals is least, by a Jacobian of the user's own; see
/// `leastSquares(from:by:within:loss:weights:observed:stopping:recordsPath:residuals:)`.
///
/// - Parameter jacobian: The derivative of every residual in every parameter, `[residuals…, parameters]`.
public func leastSquares<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: LeastSquaresMethod = .levenbergMarquardt(),
  within set: FeasibleSet = .everywhere, loss: ResidualLoss = .squares, weights: Tensor? = nil, observed: Tensor? = nil,
  stopping: Stopping = Stopping(gradient: 1e-11), recordsPath: Bool = false,
  jacobian: (repeat each Point) throws -> Tensor, residuals: (repeat each Point) throws -> Tensor
) throws -> Fit<(repeat each Point)> {
  let problem = try LeastSquaresProblem(
    method: method, set: set, loss: loss, weights: weights, observed: observed, stopping: stopping,
    recordsPath: recordsPath)
  let form = try problem.form(try ArgumentList(repeat each start))
  let recorded = try problem.recorded(form) { inside in
    try ArgumentList(try residuals(repeat try inside.next((each Point).self)))
  }
  let derivative = try problem.recorded(form) { inside in
    try ArgumentList(try jacobian(repeat try inside.next((each Point).self)))
  }
  let found = try problem.search(recorded, jacobian: derivative)
  let inside = form.cursor(found.outcome.last.point)
  return try Fit(point: (repeat try inside.next((each Point).self)), found, problem, names: form.names)
}

/// What is asked of a fit.
struct LeastSquaresProblem {
  let method: LeastSquaresMethod
  let set: FeasibleSet
  let loss: ResidualLoss
  let weights: [Double]?
  let observed: [Double]?
  private let stopping: Stopping
  private let recordsPath: Bool
  private static let name = "leastSquares"

  /// - Throws: `TensorError` of settings that make no sense.
  init(
    method: LeastSquaresMethod, set: FeasibleSet, loss: ResidualLoss, weights: Tensor?, observed: Tensor?,
    stopping: Stopping, recordsPath: Bool
  ) throws {
    try method.check()
    try loss.check()
    try stopping.check(Self.name)
    (self.method, self.set, self.loss) = (method, set, loss)
    (self.stopping, self.recordsPath) = (stopping, recordsPath)
    self.weights = try weights?.scalars()
    self.observed = try observed?.scalars()
  }

  func form(_ start: ArgumentList) throws -> PointForm { try PointForm(start, of: Self.name) }

  /// Records the residuals, or their Jacobian.
  func recorded(_ form: PointForm, _ body: (ArgumentList.Cursor) throws -> ArgumentList) throws -> FlatFunction {
    let recorded = try FlatFunction(Self.name, of: form, body)
    guard !recorded.isWithinRecording else {
      throw TensorError(
        Self.name, "the residuals use an argument of a function that is being recorded; fit outside of it")
    }
    return recorded
  }

  /// Looks for the least sum.
  func search(
    _ residuals: FlatFunction, jacobian: FlatFunction?
  ) throws -> (outcome: LeastSquaresSearch.Outcome, function: ResidualFunction) {
    let function = try ResidualFunction(residuals, jacobian: jacobian, weights: weights, loss: loss)
    let box = try box(of: residuals.form)
    let search = LeastSquaresSearch(
      function, method: method, box: box, stopping: stopping, recordsPath: recordsPath)
    return (try search.run(from: try residuals.form.numbers()), function)
  }

  private func box(of form: PointForm) throws -> Box {
    let region = try Region(set, count: form.count, places: form.places, names: form.names, of: Self.name)
    if region.isEverywhere { return Box(unbounded: form.count) }
    guard let box = region.box else {
      throw TensorError(
        Self.name,
        "parameters stay within boxes; for a simplex, a ball or a half-space, minimize the sum of the squares")
    }
    return box
  }
}
