import DescentGraph

/// One of two functions, chosen by a tensor: only the chosen one is computed.
///
/// Where `vectorized(over:resultAxis:of:)` maps it over predicates that differ, each function that some example chooses is
/// computed for all examples, and the results are chosen. Examples that choose the other function leave no trace, not even
/// in the derivative where a function has none for them, such as a root of what is negative.
///
/// What layers report in the function that is not chosen does not count: running statistics stay as they are, and losses
/// and metrics are those of the chosen one.
///
/// - Parameters:
///   - predicate: One boolean.
///   - then: Gives the result where it is true.
///   - otherwise: Gives the result where it is false; both give tensors of the same types in the same form.
/// - Returns: The chosen result. Gradients flow to what the functions take from outside.
/// - Throws: `TensorError` where the predicate is not one boolean or the results differ in form, or of a mistake within
///   a function.
public func cond<Result: Codable>(
  _ predicate: Tensor, then: () throws -> Result, else otherwise: () throws -> Result
) throws -> Result {
  try RecordedChoice(
    "cond", try predicate.choosing(),
    [.branch { try ArgumentList(try otherwise()) }, .branch { try ArgumentList(try then()) }]
  ).cursor.next(Result.self)
}

/// One of two functions that give tuples of the same types, chosen by a tensor; see `cond(_:then:else:)` of one result.
public func cond<First: Codable, Second: Codable, each Rest: Codable>(
  _ predicate: Tensor, then: () throws -> (First, Second, repeat each Rest),
  else otherwise: () throws -> (First, Second, repeat each Rest)
) throws -> (First, Second, repeat each Rest) {
  try chosenTuple(predicate, then, otherwise)
}

private func chosenTuple<each Result: Codable>(
  _ predicate: Tensor, _ then: () throws -> (repeat each Result), _ otherwise: () throws -> (repeat each Result)
) throws -> (repeat each Result) {
  func list(_ branch: () throws -> (repeat each Result)) throws -> ArgumentList {
    let results = try branch()
    return try ArgumentList(repeat each results)
  }
  let chosen = try RecordedChoice(
    "cond", try predicate.choosing(),
    [.branch { try list(otherwise) }, .branch { try list(then) }]
  ).cursor
  return (repeat try chosen.next((each Result).self))
}

/// One of several functions, chosen by an index: only the chosen one is computed. Mapped over indices that may differ,
/// all are, as for `cond(_:then:else:)`.
///
/// - Parameters:
///   - index: One integer; out of range it chooses the nearest function.
///   - branches: The functions, which give tensors of the same types in the same form.
/// - Returns: The chosen result. Gradients flow to what the functions take from outside.
/// - Throws: `TensorError` where the index is not one integer or the results differ in form, or of a mistake within a
///   function.
public func branch<Result: Codable>(_ index: Tensor, _ branches: [() throws -> Result]) throws -> Result {
  try RecordedChoice(
    "branch", try index.indexing(),
    branches.map { branch in try .branch { try ArgumentList(try branch()) } }
  ).cursor.next(Result.self)
}

extension Tensor {
  /// A predicate as an index: 0 where it is false, 1 where it is true.
  fileprivate func choosing() throws -> Tensor {
    if let error { throw error }
    guard type == TensorType([], .bool) else {
      throw TensorError("cond", "the predicate is \(type), not bool[]; compare, or reduce with all() or any()")
    }
    return converted(to: .int32)
  }

  fileprivate func indexing() throws -> Tensor {
    if let error { throw error }
    guard rank == 0, elementType.isInteger else {
      throw TensorError("branch", "the index is \(type), not one integer")
    }
    // Clamped before it is narrowed, so that a large index does not wrap around.
    return (elementType == .int32 ? self : clamped(0, 1_000_000).converted(to: .int32))
  }
}

extension RecordedFunction {
  /// A function of nothing but what it takes from outside.
  fileprivate static func branch(_ body: () throws -> ArgumentList) throws -> RecordedFunction {
    try RecordedFunction(ArgumentList(), reporting: .handedOn, isConditional: true) { _ in try body() }
  }
}

/// A choice between recorded functions.
private struct RecordedChoice {
  /// The result.
  let cursor: ArgumentList.Cursor

  init(_ name: String, _ index: Tensor, _ functions: [RecordedFunction]) throws {
    guard let first = functions.first else { throw TensorError(name, "there is no branch to choose") }
    for function in functions.dropFirst() {
      try first.results.checkSameForm(
        function.results, "the result", ("comes from one branch", "comes from another"), in: name)
    }
    let reports = try ChosenReports(functions, in: name)
    let captured = CapturedUnion(functions, and: reports.before)
    let cond = Cond(try functions.enumerated().map { try reports.body(of: $1, at: $0, captured) })
    let results = try Tensor.recorded(cond, [index] + captured.tensors)
    let count = first.results.tensors.count
    cursor = first.results.cursor(replacing: Array(results.prefix(count)))
    reports.report(results.dropFirst(count))
  }
}
