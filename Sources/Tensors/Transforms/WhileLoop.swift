import DescentGraph

/// A loop that goes on as long as a condition holds.
///
/// It has derivatives in forward mode only, because a backward pass would have to keep something from each of an unknown
/// number of steps; where gradients are needed, use `scan` with a fixed number of steps.
///
/// - Parameters:
///   - state: What the first step is given. Its form and its tensors' types stay the same from step to step.
///   - condition: Gives one boolean: whether to take another step.
///   - step: Gives the next state.
/// - Returns: The state for which the condition does not hold.
/// - Throws: `TensorError` where the condition does not give one boolean or the state changes its form, or of a mistake
///   within a function.
public func whileLoop<State: Codable>(
  from state: State, while condition: (State) throws -> Tensor, do step: (State) throws -> State
) throws -> State {
  let list = try ArgumentList(state)
  let test = try RecordedFunction(list) { inside in
    try ArgumentList(try condition(try inside.next(State.self)))
  }
  let answer = test.results.tensors[0].type
  guard answer == TensorType([], .bool) else {
    throw TensorError("whileLoop", "the condition gives \(answer), not bool[]; compare, or reduce with all() or any()")
  }
  let body = try RecordedFunction(list, reporting: .refused(in: "whileLoop")) { inside in
    try ArgumentList(try step(try inside.next(State.self)))
  }
  try list.checkSameForm(body.results, "the state", ("enters", "leaves"), in: "whileLoop")
  let captured = CapturedUnion([test, body])
  let loop = WhileLoop(
    try captured.body(of: test), try captured.body(of: body), carryCount: list.tensors.count)
  let results = try Tensor.recorded(loop, list.tensors + captured.tensors)
  return try list.cursor(replacing: results).next(State.self)
}

/// A loop that goes on as long as a condition holds, with a tensor as state; see `whileLoop(from:while:do:)`.
///
/// - Returns: The last state, or a tensor that carries the error of a mistake.
public func whileLoop(
  from state: Tensor, while condition: (Tensor) -> Tensor, do step: (Tensor) -> Tensor
) -> Tensor {
  // Calls the general function above, which the throwing closures choose.
  func repeated() throws -> Tensor {
    try whileLoop(
      from: state, while: { (state: Tensor) throws -> Tensor in condition(state) },
      do: { (state: Tensor) throws -> Tensor in step(state) })
  }
  return .carryingErrors(of: "whileLoop", repeated)
}
