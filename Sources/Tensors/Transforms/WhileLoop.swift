import DescentGraph

/// A loop that goes on as long as a condition holds.
///
/// It has derivatives in forward mode only, because a backward pass would have to keep something from each of an unknown
/// number of steps; where gradients are needed, use `scan` with a fixed number of steps. Running statistics that layers in
/// the step update move on from step to step; losses that they report add up over the steps, and metrics are averaged.
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
  let body = try RecordedFunction(list, reporting: .handedOn, isConditional: true, isStep: true) { inside in
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
  let body = try RecordedFunction(list, reporting: .handedOn, isConditional: true, isStep: true) { inside in
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
    let reports = try LoopReports(body, state: self, in: "whileLoop")
    let (count, sums) = (tensors.count, reports.numbers.map { reports.sumTypes(of: $0) })
    let before = reports.before + sums.joined().map { Tensor(zeros: $0.shape, $0.elementType) }
    let types = tensors.map(\.type) + before.map(\.type) + captured.tensors.map(\.type)
    let loop = try derived { () throws(OperationError) in
      let condition = try Body.write(types) { builder, inputs throws(OperationError) in
        let outside = captured.own(of: test, among: Array(inputs[(count + before.count)...]))
        return builder.inline(test.trace.graph, inputs[..<count] + outside)
      }
      let step = try Body.write(types) { builder, inputs throws(OperationError) in
        let held = Array(inputs[count..<count + before.count])
        let (outputs, carried) = reports.write(
          builder, Array(inputs[..<count]), carried: Array(held.prefix(reports.before.count)),
          captured: captured.own(of: body, among: Array(inputs[(count + before.count)...])))
        let added = zip(
          held.dropFirst(reports.before.count), reports.numbers.flatMap { reports.terms(of: $0, outputs) })
        return outputs[..<count] + carried + added.map { $0 + $1 }
      }
      return WhileLoop(condition, step, carryCount: count + before.count)
    }
    let results = try Tensor.recorded(loop, tensors + before + captured.tensors)
    let last = Array(results[..<count])
    reports.report(state: last, carried: Array(results[count...].prefix(reports.before.count)))
    var further = results.dropFirst(count + reports.before.count)
    for ((entry, _), types) in zip(reports.numbers, sums) {
      reports.report(sums: Array(further.prefix(types.count)), of: entry)
      further = further.dropFirst(types.count)
    }
    return cursor(replacing: last)
  }
}
