import DescentCompiler
import DescentGraph

/// Computes several tensors in one plan, so that what they share is computed once.
///
/// Reading a tensor computes it alone; this is for results that belong together.
///
/// - Throws: `TensorError` that a tensor carries, or that the system has no memory left.
public func evaluate(_ tensors: Tensor...) throws { try evaluate(tensors) }

/// Computes tensors in one plan.
///
/// - Throws: `TensorError` that a tensor carries, or that the system has no memory left.
public func evaluate(_ tensors: [Tensor]) throws {
  for tensor in tensors { try tensor.checkReadable("evaluate") }
  let open = tensors.map(\.expression).filter { $0.literal == nil }
  guard !open.isEmpty else { return }
  if try compute(open, limit: History.partSize) { return }
  var history = History(of: open)
  while let part = history.next() { _ = try compute(part, limit: .max) }
}

/// Computes expressions in one plan, unless that takes more operations than allowed.
///
/// - Returns: Whether they were computed.
private func compute(_ expressions: [Expression], limit: Int) throws -> Bool {
  guard let (trace, companions) = try Trace.computing(expressions, limit: limit) else { return false }
  let results = try trace.run([])
  for (expression, result) in zip(expressions + companions, results) { expression.settle(result) }
  return true
}

extension Trace {
  /// Runs the function on computed arguments; captured tensors are computed first where they are not.
  func run(_ arguments: [Literal]) throws -> [Literal] {
    try evaluate(captured)
    let inputs = arguments + captured.compactMap(\.expression.literal)
    do throws(OperationError) {
      let plan = try PlanCache.shared.plan(for: graph)
      let outputs = try plan.run(inputs.map(\.buffer))
      return zip(plan.outputTypes, outputs).map { Literal(type: $0, buffer: $1) }
    } catch { throw TensorError(error) }
  }
}

extension Tensor {
  /// Refuses a tensor without a value: one that carries an error, or an argument of a function being recorded.
  ///
  /// - Parameter function: The function that asks for the value.
  func checkReadable(_ function: String = #function) throws {
    if let error { throw error }
    guard !expression.isSymbolic else {
      throw TensorError(
        FunctionCall.name(function),
        "the value of \(type) is not known while a function is recorded; choose with where or cond, repeat with"
          + " whileLoop or scan, and read the function's result")
    }
  }

  /// The computed elements; computes them where they are not known yet.
  ///
  /// - Throws: `TensorError` that the tensor carries.
  package func literal() throws -> Literal {
    try evaluate([self])
    guard let literal = expression.literal else { throw TensorError("evaluate", "the tensor has no value") }
    return literal
  }
}
