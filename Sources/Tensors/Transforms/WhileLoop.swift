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
  let test = try RecordedFunction(list, reporting: .refused(in: "whileLoop"), isConditional: true) { inside in
    try ArgumentList(try condition(try inside.next(State.self)))
  }
  try test.checkCondition()
  let body = try RecordedFunction(list, reporting: .refused(in: "whileLoop"), isConditional: true) { inside in
    try ArgumentList(try step(try inside.next(State.self)))
  }
  return try list.repeated(while: test, body).next(State.self)
}

/// A loop that goes on as long as a condition holds, with a state of several parts; see `whileLoop(from:while:do:)` of
/// one.
///
/// ```swift
/// let (n, steps) = try whileLoop(from: n, steps) { n, _ in n .> 1.0 } do: { n, steps in (n / 2.0, steps + 1.0) }
/// ```
public func whileLoop<First: Codable, Second: Codable, each Rest: Codable>(
  from first: First, _ second: Second, _ rest: repeat each Rest,
  while condition: (First, Second, repeat each Rest) throws -> Tensor,
  do step: (First, Second, repeat each Rest) throws -> (First, Second, repeat each Rest)
) throws -> (First, Second, repeat each Rest) {
  try repeatedTuple(from: first, second, repeat each rest, while: condition, do: step)
}

private func repeatedTuple<each State: Codable>(
  from state: repeat each State, while condition: (repeat each State) throws -> Tensor,
  do step: (repeat each State) throws -> (repeat each State)
) throws -> (repeat each State) {
  let list = try ArgumentList(repeat each state)
  let test = try RecordedFunction(list, reporting: .refused(in: "whileLoop"), isConditional: true) { inside in
    try ArgumentList(try condition(repeat try inside.next((each State).self)))
  }
  try test.checkCondition()
  let body = try RecordedFunction(list, reporting: .refused(in: "whileLoop"), isConditional: true) { inside in
    let next = try step(repeat try inside.next((each State).self))
    return try ArgumentList(repeat each next)
  }
  let last = try list.repeated(while: test, body)
  return (repeat try last.next((each State).self))
}

extension RecordedFunction {
  /// Refuses a condition that does not give one boolean.
  fileprivate func checkCondition() throws {
    let answer = results.tensors[0].type
    guard answer == TensorType([], .bool) else {
      throw TensorError(
        "whileLoop", "the condition gives \(answer), not bool[]; compare, or reduce with all() or any()")
    }
  }
}

extension ArgumentList {
  /// The last state of a loop that begins with this one.
  fileprivate func repeated(while test: RecordedFunction, _ body: RecordedFunction) throws -> Cursor {
    try checkSameForm(body.results, "the state", ("enters", "leaves"), in: "whileLoop")
    let captured = CapturedUnion([test, body])
    let loop = WhileLoop(try captured.body(of: test), try captured.body(of: body), carryCount: tensors.count)
    return cursor(replacing: try Tensor.recorded(loop, tensors + captured.tensors))
  }
}
