import DescentTensors

/// Looks for the lowest point of a function.
///
/// ```swift
/// let result = try minimize(rosenbrock, from: Tensor([-1.2, 1.0], .float64), by: .lbfgs())
/// print(result)
/// ```
///
/// The function is recorded and compiled once, together with its gradient; its parameters keep their element types, and
/// the method computes in Float64. What a search finds is the bottom of a valley near the start, not the lowest of all.
///
/// - Parameters:
///   - function: Gives one floating-point number from a point.
///   - start: Where the search begins: a tensor, or any model, of which all that can be trained moves.
///   - method: The method.
///   - stopping: When the search ends.
///   - recordsPath: Whether the result holds the point after each iteration.
/// - Returns: The lowest point that was found, and why the search ended there, which need not be at a minimum: ask
///   `isConverged`.
/// - Throws: `TensorError` of a mistake in the function, its start or the method's settings; `MinimizationError` where the
///   function is not a number at the start.
public func minimize<Point: Codable & Sendable>(
  _ function: @escaping (Point) throws -> Tensor, from start: Point, by method: MinimizationMethod = .lbfgs(),
  stopping: Stopping = Stopping(), recordsPath: Bool = false
) throws -> Minimum<Point> {
  try Search(
    function, from: start, by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: false
  ).run()
}

/// Looks for the lowest point of a function that is written as a trailing closure; see `minimize(_:from:by:stopping:recordsPath:)`.
public func minimize<Point: Codable & Sendable>(
  from start: Point, by method: MinimizationMethod = .lbfgs(), stopping: Stopping = Stopping(),
  recordsPath: Bool = false, _ function: @escaping (Point) throws -> Tensor
) throws -> Minimum<Point> {
  try minimize(function, from: start, by: method, stopping: stopping, recordsPath: recordsPath)
}

/// Looks for the highest point of a function; see `minimize(_:from:by:stopping:recordsPath:)`.
public func maximize<Point: Codable & Sendable>(
  _ function: @escaping (Point) throws -> Tensor, from start: Point, by method: MinimizationMethod = .lbfgs(),
  stopping: Stopping = Stopping(), recordsPath: Bool = false
) throws -> Minimum<Point> {
  try Search(
    function, from: start, by: method, stopping: stopping, recordsPath: recordsPath, isMaximized: true
  ).run()
}
