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
///   - stopping: When the search ends.
///   - recordsPath: Whether the result holds the point after each iteration.
/// - Returns: The lowest point that was found, and why the search ended there, which need not be at a minimum: ask
///   `isConverged`. Where the surrounding task is canceled, the lowest point until then.
/// - Throws: `TensorError` of a mistake in the function, its start or the method's settings; `MinimizationError` where the
///   function is not a number at the start, or fails on the way.
public func minimize<each Point: Codable & Sendable>(
  _ function: (repeat each Point) throws -> Tensor, from start: repeat each Point,
  by method: MinimizationMethod = .lbfgs(), stopping: Stopping = Stopping(), recordsPath: Bool = false
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  return try search.minimum(of: function, from: repeat each start)
}

/// Looks for the lowest point of a function that is written as a trailing closure; see `minimize(_:from:by:stopping:recordsPath:)`.
public func minimize<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: MinimizationMethod = .lbfgs(), stopping: Stopping = Stopping(),
  recordsPath: Bool = false, of function: (repeat each Point) throws -> Tensor
) throws -> Minimum<(repeat each Point)> {
  let search = try Search("minimize", by: method, stopping: stopping, recordsPath: recordsPath)
  return try search.minimum(of: function, from: repeat each start)
}

/// Looks for the highest point of a function; see `minimize(_:from:by:stopping:recordsPath:)`.
public func maximize<each Point: Codable & Sendable>(
  _ function: (repeat each Point) throws -> Tensor, from start: repeat each Point,
  by method: MinimizationMethod = .lbfgs(), stopping: Stopping = Stopping(), recordsPath: Bool = false
) throws -> Minimum<(repeat each Point)> {
  let search = try Search(
    "maximize", by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: true)
  return try search.minimum(of: function, from: repeat each start)
}

/// Looks for the highest point of a function that is written as a trailing closure; see
/// `minimize(_:from:by:stopping:recordsPath:)`.
public func maximize<each Point: Codable & Sendable>(
  from start: repeat each Point, by method: MinimizationMethod = .lbfgs(), stopping: Stopping = Stopping(),
  recordsPath: Bool = false, of function: (repeat each Point) throws -> Tensor
) throws -> Minimum<(repeat each Point)> {
  let search = try Search(
    "maximize", by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: true)
  return try search.minimum(of: function, from: repeat each start)
}

extension Search {
  /// The minimum of a user's function.
  func minimum<each Point: Codable & Sendable>(
    of function: (repeat each Point) throws -> Tensor, from start: repeat each Point
  ) throws -> Minimum<(repeat each Point)> {
    let form = try PointForm(try ArgumentList(repeat each start), of: name)
    let recorded = try FlatFunction(name, of: form) { inside in
      try ArgumentList(try function(repeat try inside.next((each Point).self)))
    }
    let objective = try RecordedObjective(recorded, named: name, isMaximized: sign < 0)
    let numbers = try form.numbers()
    let counted = PointFunction(objective, mostEvaluations: stopping.evaluations)
    guard recorded.dependsOnPoint else {
      throw MinimizationError(
        name, "the function does not depend on the point", best: numbers,
        value: sign * (try counted.value(at: numbers)))
    }
    let outcome = try run(counted, from: numbers)
    let inside = form.cursor(outcome.last.point)
    return Minimum(
      point: (repeat try inside.next((each Point).self)), value: sign * outcome.last.value,
      gradientNorm: outcome.last.gradient.isEmpty ? .nan : largestMagnitude(outcome.last.gradient),
      iterations: outcome.iterations, evaluations: counted.counts, reason: outcome.reason, method: method.description,
      path: outcome.path, numbers: outcome.last.point)
  }
}
