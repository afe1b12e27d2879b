import DescentTensors

/// Looks for the lowest point of a function.
///
/// ```swift
/// let result = try minimize(rosenbrock, from: Tensor([-1.2, 1.0], .float64), by: .lbfgs())
/// print(result)
/// ```
///
/// The function is recorded once; its value, its gradient and what second derivatives a method asks for are plans made of
/// that recording. Parameters keep their element types, and the method computes in Float64. What a search finds is the
/// bottom of a valley near the start, not the lowest of all.
///
/// - Parameters:
///   - function: Gives one floating-point number from a point.
///   - start: Where the search begins: tensors, or any models, of which all that can be trained moves.
///   - method: The method.
///   - set: Where the point has to lie. A start outside is moved to the nearest point within, and the result says so.
///   - equalities: Gives tensors that are to be zero; met by an augmented Lagrangian around the method.
///   - inequalities: Gives tensors that are not to be negative.
///   - stopping: When the search ends.
///   - recordsPath: Whether the result holds the point after each iteration.
///   - checksSecondOrder: Whether the result says, by the Hessian's eigenvalues, if the point is a minimum or a saddle.
/// - Returns: The lowest point that was found, and why the search ended there, which need not be at a minimum: ask
///   `isConverged`. Where the surrounding task is canceled, the lowest point until then.
/// - Throws: `TensorError` of a mistake in the function, its start, its set or the method's settings; `MinimizationError`
///   where the function is not a number at the start, or fails on the way, with the lowest point until then.
public func minimize<each Point: Codable & Sendable>(
  _ function: (repeat each Point) throws -> Tensor, from start: repeat each Point,
  by method: MinimizationMethod = .lbfgs(), within set: FeasibleSet = .everywhere,
  equalities: ((repeat each Point) throws -> [Tensor])? = nil,
  inequalities: ((repeat each Point) throws -> [Tensor])? = nil, stopping: Stopping = Stopping(),
  recordsPath: Bool = false, checksSecondOrder: Bool = false
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  return try Request(search: search, set: set, checksSecondOrder: checksSecondOrder).minimum(
    of: function, equalities, inequalities, from: repeat each start)
}

/// Looks for the lowest point of a function that is written as a trailing closure; see
/// `minimize(_:from:by:within:equalities:inequalities:stopping:recordsPath:checksSecondOrder:)`.
public func minimize<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: MinimizationMethod = .lbfgs(), within set: FeasibleSet = .everywhere,
  equalities: ((repeat each Point) throws -> [Tensor])? = nil,
  inequalities: ((repeat each Point) throws -> [Tensor])? = nil, stopping: Stopping = Stopping(),
  recordsPath: Bool = false, checksSecondOrder: Bool = false, of function: (repeat each Point) throws -> Tensor
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  return try Request(search: search, set: set, checksSecondOrder: checksSecondOrder).minimum(
    of: function, equalities, inequalities, from: repeat each start)
}

/// Looks for the highest point of a function; all else is as in
/// `minimize(_:from:by:within:equalities:inequalities:stopping:recordsPath:checksSecondOrder:)`.
public func maximize<each Point: Codable & Sendable>(
  _ function: (repeat each Point) throws -> Tensor, from start: repeat each Point,
  by method: MinimizationMethod = .lbfgs(), within set: FeasibleSet = .everywhere,
  equalities: ((repeat each Point) throws -> [Tensor])? = nil,
  inequalities: ((repeat each Point) throws -> [Tensor])? = nil, stopping: Stopping = Stopping(),
  recordsPath: Bool = false, checksSecondOrder: Bool = false
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("maximize", by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: true)
  return try Request(search: search, set: set, checksSecondOrder: checksSecondOrder).minimum(
    of: function, equalities, inequalities, from: repeat each start)
}

/// Looks for the highest point of a function that is written as a trailing closure; see
/// `maximize(_:from:by:within:equalities:inequalities:stopping:recordsPath:checksSecondOrder:)`.
public func maximize<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: MinimizationMethod = .lbfgs(), within set: FeasibleSet = .everywhere,
  equalities: ((repeat each Point) throws -> [Tensor])? = nil,
  inequalities: ((repeat each Point) throws -> [Tensor])? = nil, stopping: Stopping = Stopping(),
  recordsPath: Bool = false, checksSecondOrder: Bool = false, of function: (repeat each Point) throws -> Tensor
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("maximize", by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: true)
  return try Request(search: search, set: set, checksSecondOrder: checksSecondOrder).minimum(
    of: function, equalities, inequalities, from: repeat each start)
}

/// Looks for the lowest point of a function that gives something else as well, such as predictions, which is computed at
/// the lowest point alone; see
/// `minimize(_:from:by:within:equalities:inequalities:stopping:recordsPath:checksSecondOrder:)`.
///
/// - Parameter function: Gives one floating-point number, followed by anything else.
/// - Returns: The minimum, and what else the function gives there.
public func minimizeWithAuxiliary<each Point: Codable & Sendable, Auxiliary: Codable>(
  from start: repeat each Point, by method: MinimizationMethod = .lbfgs(), within set: FeasibleSet = .everywhere,
  stopping: Stopping = Stopping(), recordsPath: Bool = false, checksSecondOrder: Bool = false,
  of function: (repeat each Point) throws -> (Tensor, Auxiliary)
) throws -> (minimum: Minimum<(repeat each Point)>, auxiliary: Auxiliary) {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  let request = Request(search: search, set: set, checksSecondOrder: checksSecondOrder)
  let form = try PointForm(try ArgumentList(repeat each start), of: search.name)
  let (finding, recorded) = try request.finding(form, equalities: nil, inequalities: nil) { inside in
    let (value, auxiliary) = try function(repeat try inside.next((each Point).self))
    return try ArgumentList(value, auxiliary)
  }
  guard finding.recorded == nil else {
    throw TensorError(search.name, "further results are not possible within a function that is being recorded")
  }
  let results = try recorded.results(at: finding.outcome.last.point)
  _ = try results.next(Tensor.self)
  let inside = form.cursor(finding.outcome.last.point)
  let point = (repeat try inside.next((each Point).self))
  return (finding.minimum(at: point, by: method), try results.next(Auxiliary.self))
}

/// Looks for the lowest point of a function of numbers that is not made of tensors; see
/// `minimize(_:from:by:within:equalities:inequalities:stopping:recordsPath:checksSecondOrder:)`.
///
/// - Parameters:
///   - function: The function, with derivatives where the method needs them.
///   - start: Where the search begins.
public func minimize(
  _ function: NumericFunction, from start: [Double], by method: MinimizationMethod = .lbfgs(),
  within set: FeasibleSet = .everywhere, stopping: Stopping = Stopping(), recordsPath: Bool = false,
  checksSecondOrder: Bool = false
) throws -> Minimum<[Double]> {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  guard !start.isEmpty else { throw TensorError(search.name, "the start has no numbers that can move") }
  let objective = NumericObjective(function, count: start.count, named: search.name)
  let finding = try Request(search: search, set: set, checksSecondOrder: checksSecondOrder).finding(
    objective, from: start)
  return finding.minimum(at: finding.outcome.last.point, by: method)
}

extension Request {
  /// The minimum of a user's function.
  fileprivate func minimum<each Point: Codable & Sendable>(
    of function: (repeat each Point) throws -> Tensor, _ equalities: ((repeat each Point) throws -> [Tensor])?,
    _ inequalities: ((repeat each Point) throws -> [Tensor])?, from start: repeat each Point
  ) throws -> Minimum<(repeat each Point)> {
    var (zero, positive): (Constraints?, Constraints?)
    if let equalities { zero = { inside in try equalities(repeat try inside.next((each Point).self)) } }
    if let inequalities { positive = { inside in try inequalities(repeat try inside.next((each Point).self)) } }
    let form = try PointForm(try ArgumentList(repeat each start), of: search.name)
    let (finding, _) = try finding(
      form, equalities: zero, inequalities: positive
    ) { inside in try ArgumentList(try function(repeat try inside.next((each Point).self))) }
    let inside = form.cursor(finding)
    return finding.minimum(at: (repeat try inside.next((each Point).self)), by: search.method)
  }
}
