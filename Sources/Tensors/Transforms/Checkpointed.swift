import DescentGraph

/// A function whose intermediate values are not kept for the backward pass but computed again in it: less memory for
/// more time.
///
/// ```swift
/// let block = checkpointed { (x: Tensor) in feedForward(attention(x)) }
/// ```
///
/// As with `vectorized(over:resultAxis:of:)`, the function is given a name before it is called. Without a gradient it is
/// the function itself. Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
///
/// - Parameters:
///   - policy: What is kept all the same: nothing but the arguments and what comes from outside, the results of matrix
///     products and convolutions, or what is named so with `named(_:)`.
///   - function: Gives a tensor, or anything that holds tensors, from tensors, models, or arrays, dictionaries and
///     optionals of them.
/// - Returns: The function; it throws `TensorError` of a mistake within.
public func checkpointed<each Argument: Codable, Result: Codable>(
  policy: Retention = .nothing, of function: @escaping (repeat each Argument) throws -> Result
) -> (repeat each Argument) throws -> Result {
  { (arguments: repeat each Argument) in
    let recorded = try RecordedFunction(try ArgumentList(repeat each arguments), reporting: .handedOn) { inside in
      try ArgumentList(try function(repeat try inside.next((each Argument).self)))
    }
    return try recorded.called(keeping: policy).next(Result.self)
  }
}

/// A function that gives a tuple, whose intermediate values are computed again in the backward pass; see
/// `checkpointed(policy:of:)` of one result.
public func checkpointed<each Argument: Codable, First: Codable, Second: Codable, each Rest: Codable>(
  policy: Retention = .nothing,
  of function: @escaping (repeat each Argument) throws -> (First, Second, repeat each Rest)
) -> (repeat each Argument) throws -> (First, Second, repeat each Rest) {
  checkpointedTuple(policy, function)
}

private func checkpointedTuple<each Argument: Codable, each Result: Codable>(
  _ policy: Retention, _ function: @escaping (repeat each Argument) throws -> (repeat each Result)
) -> (repeat each Argument) throws -> (repeat each Result) {
  { (arguments: repeat each Argument) in
    let recorded = try RecordedFunction(try ArgumentList(repeat each arguments), reporting: .handedOn) { inside in
      let results = try function(repeat try inside.next((each Argument).self))
      return try ArgumentList(repeat each results)
    }
    let results = try recorded.called(keeping: policy)
    return (repeat try results.next((each Result).self))
  }
}

extension RecordedFunction {
  /// The results of the function as one checkpointed call; what layers report in it goes to the pass around it.
  fileprivate func called(keeping policy: Retention) throws -> ArgumentList.Cursor {
    let all = try Tensor.recorded(Call(Body(withReports()), retention: policy), inputs)
    let count = results.tensors.count
    reported.report(all[count...], of: arguments.leaves)
    return results.cursor(replacing: Array(all[..<count]))
  }
}

extension Tensor {
  /// The value of a function of this tensor, whose intermediate values are computed again in the backward pass; see
  /// `checkpointed(policy:of:)`.
  ///
  /// - Returns: The value, or a tensor that carries the error of a mistake.
  public func checkpointed(policy: Retention = .nothing, _ function: (Tensor) -> Tensor) -> Tensor {
    .carryingErrors(of: "checkpointed") {
      let recorded = try RecordedFunction(try ArgumentList(self), reporting: .handedOn) { inside in
        try ArgumentList(function(try inside.next(Tensor.self)))
      }
      return try recorded.called(keeping: policy).next(Tensor.self)
    }
  }

  /// The same tensor under a name, by which a checkpointed function can be told to keep it.
  public func named(_ name: String) -> Tensor { .record(Named(name), [self]) }
}
