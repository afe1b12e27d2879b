import DescentGraph

/// A loop over the steps of a sequence, as one operation: a longer sequence is a longer loop, not a larger graph.
///
/// ```swift
/// let (last, outputs) = try scan(over: inputs, from: Tensor(zeros: [32, 64])) { h, x in
///   let next = tanh(matmul(x, wx) + matmul(h, wh))
///   return (next, next)
/// }
/// ```
///
/// The step is recorded once. Sequences, state and outputs are tensors, models, or arrays, dictionaries and optionals of
/// them; tensors from outside may be used freely, and gradients flow to them. All steps share random keys from outside:
/// carry a key in the state, or walk along keys, where they must differ. Keys that layers draw from the run, as dropout
/// does, differ from step to step. Running statistics that layers in the step update move on from step to step; losses that
/// they report add up over the steps, and metrics are averaged.
///
/// Several sequences are an array, a dictionary or a `Codable` struct, of which the step is given the slices in the same
/// form. A state of two parts, along one tensor, is two arguments of `from:`; the step takes and gives them as a tuple.
/// What has more parts, and outputs of several parts, are an array, a dictionary or a `Codable` struct.
///
/// - Parameters:
///   - sequence: What is walked along: its first axis, or that of every tensor in it.
///   - state: What the first step is given. Its form and its tensors' types stay the same from step to step.
///   - reversed: Whether the last slices come first.
///   - step: Gives the next state and an output, from the state and the sequences' slices.
/// - Returns: The last state, and the steps' outputs along a new first axis.
/// - Throws: `TensorError` where lengths differ or the state changes its form, or of a mistake within the step.
public func scan<State: Codable, Output: Codable>(
  over sequence: Tensor, from state: State, reversed: Bool = false,
  step: (State, Tensor) throws -> (State, Output)
) throws -> (state: State, outputs: Output) {
  try scanned(sequence, from: state, reversed: reversed, step)
}

/// A loop over the steps of sequences that are held by one value; see `scan(over:from:reversed:step:)` of a tensor.
public func scan<State: Codable, Walked: Codable, Output: Codable>(
  over sequences: Walked, from state: State, reversed: Bool = false,
  step: (State, Walked) throws -> (State, Output)
) throws -> (state: State, outputs: Output) {
  try scanned(sequences, from: state, reversed: reversed, step)
}

/// A loop over the steps of a sequence with a state of two parts; see `scan(over:from:reversed:step:)` of one.
///
/// ```swift
/// let ((h, c), outputs) = try scan(over: inputs, from: start, start) { state, x in
///   let (h, c) = cell(state.0, state.1, x)
///   return ((h, c), h)
/// }
/// ```
public func scan<First: Codable, Second: Codable, Output: Codable>(
  over sequence: Tensor, from first: First, _ second: Second, reversed: Bool = false,
  step: ((First, Second), Tensor) throws -> ((First, Second), Output)
) throws -> (state: (First, Second), outputs: Output) {
  let (last, outputs) = try scanned(sequence, from: StatePair(first, second), reversed: reversed) { state, slice in
    let (next, output) = try step((state.first, state.second), slice)
    return (StatePair(next.0, next.1), output)
  }
  return ((last.first, last.second), outputs)
}

/// A loop of a number of steps; see `scan(over:from:reversed:step:)`.
///
/// - Parameters:
///   - length: The number of steps.
///   - step: Gives the next state and an output, from the state and the step's number, an int32 scalar from 0 on.
public func scan<State: Codable, Output: Codable>(
  length: Int, from state: State, step: (State, Tensor) throws -> (State, Output)
) throws -> (state: State, outputs: Output) {
  guard length >= 0 else { throw TensorError("scan", "cannot take \(length) steps") }
  return try scanned(Tensor(rangeTo: length), from: state, reversed: false, step)
}

private func scanned<State: Codable, Walked: Codable, Output: Codable>(
  _ sequences: Walked, from state: State, reversed: Bool,
  _ step: (State, Walked) throws -> (State, Output)
) throws -> (state: State, outputs: Output) {
  let loop = try RecordedScan(
    over: ArgumentList(sequences), from: ArgumentList(state), isReversed: reversed
  ) { inside in
    let (next, output) = try step(try inside.next(State.self), try inside.next(Walked.self))
    return try ArgumentList(next, output)
  }
  return (try loop.state.next(State.self), try loop.outputs.next(Output.self))
}

/// A state of two parts.
private struct StatePair<First: Codable, Second: Codable>: Codable {
  let first: First
  let second: Second

  init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}

/// A step recorded on stand-ins, and the loop over it.
private struct RecordedScan {
  /// The last state.
  let state: ArgumentList.Cursor
  /// The steps' outputs.
  let outputs: ArgumentList.Cursor

  /// Records a loop; `step` gives the next state followed by the output.
  init(
    over sequences: ArgumentList, from state: ArgumentList, isReversed: Bool,
    step: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws {
    try state.checkErrors()
    try sequences.checkErrors()
    let length = try Self.length(of: sequences)
    let carryCount = state.tensors.count
    var walked = sequences
    // A key for each step, so that dropout does not drop the same in all of them.
    let key = Run.current.nextKey()
    if let key { try walked.append(key.bits([length, 2])) }
    let recorded = try RecordedFunction(
      state + walked,
      type: { $0 < carryCount ? $1 : $1.with(shape: $1.shape.removing(axes: [0])) }, reporting: .handedOn,
      isConditional: length == 0, isStep: true
    ) { inside in
      guard key != nil, let words = inside.last else { return try step(inside) }
      let run = Run.current
      return try run.with(run.purpose, key: RandomKey(words: words)).perform { try step(inside) }
    }
    let next = recorded.results[0..<state.trees.count]
    try next.checkErrors()
    try state.checkSameForm(next, "the state", ("enters", "leaves"), in: "scan")
    let reports = try LoopReports(recorded, state: state, in: "scan")
    let stacked = reports.walked + reports.numbers
    let scan = Scan(
      try Self.body(recorded, reports, stacked.map(\.places), carryCount), length: length,
      carryCount: carryCount + reports.before.count, sequenceCount: walked.tensors.count, isReversed: isReversed)
    let results = try Tensor.recorded(
      scan, state.tensors + reports.before + walked.tensors + recorded.trace.captured)
    let (last, rest) = (Array(results[..<carryCount]), results[(carryCount + reports.before.count)...])
    let output = recorded.results[state.trees.count..<recorded.results.trees.count]
    self.state = state.cursor(replacing: last)
    outputs = output.cursor(replacing: Array(rest.prefix(output.tensors.count)))
    reports.report(state: last, carried: Array(results[carryCount...].prefix(reports.before.count)))
    var further = rest.dropFirst(output.tensors.count)
    for (entry, places) in stacked {
      reports.report(Array(further.prefix(places.count)), of: entry, length: length)
      further = further.dropFirst(places.count)
    }
  }

  /// The step with what is reported: carried statistics follow the state, and what belongs to each step the outputs.
  private static func body(
    _ step: RecordedFunction, _ reports: LoopReports, _ stacked: [Range<Int>], _ carryCount: Int
  ) throws -> Body {
    if reports.isEmpty { return Body(step.trace.graph) }
    let (holders, count) = (step.trace.graph.inputTypes.prefix(step.arguments.tensors.count), reports.before.count)
    let types = holders[..<carryCount] + reports.before.map(\.type) + holders[carryCount...]
    return try derived { () throws(OperationError) in
      try Body.write(types + step.trace.captured.map(\.type)) { builder, inputs throws(OperationError) in
        let (state, rest) = (inputs[..<carryCount], inputs[(carryCount + count)...])
        let walked = rest.prefix(holders.count - carryCount)
        let (outputs, carried) = reports.write(
          builder, Array(state + walked), carried: Array(inputs[carryCount..<carryCount + count]),
          captured: Array(rest.dropFirst(walked.count)))
        let results = outputs[carryCount..<step.results.tensors.count]
        return outputs[..<carryCount] + carried + results + stacked.flatMap { outputs[$0] }
      }
    }
  }

  private static func length(of sequences: ArgumentList) throws -> Int {
    var found: (title: String, length: Int)?
    for (title, tensor) in zip(sequences.titles("sequence"), sequences.tensors) {
      guard let length = tensor.shape.first else {
        throw TensorError("scan", "\(title) is \(tensor.type) and has no axis to walk along")
      }
      if let found, found.length != length {
        throw TensorError("scan", "\(found.title) has \(found.length) steps, \(title) has \(length)")
      }
      found = found ?? (title, length)
    }
    guard let found else { throw TensorError("scan", "there is no sequence to walk along; give a length instead") }
    return found.length
  }
}
