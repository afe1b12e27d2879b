import DescentGraph

/// A function as one plan: recorded and compiled for the first arguments of each form, run for all further ones.
///
/// ```swift
/// let step = compiled { (x: Tensor, y: Tensor) in tanh(matmul(x, y)).sum() }
/// try step(a, b)                       // records, compiles, runs
/// try step(a, c)                       // runs
/// print(step.compilationCount)         // 1
/// ```
///
/// The form is everything but the tensors' values: how an argument is built, the shapes and types of its tensors, and the
/// numbers, texts and switches in it. Plain Swift in the function runs while it is recorded; tensors that it takes from
/// outside keep the values that they have then. Reading a tensor within it is an error that says what to use instead.
///
/// What a pass is for, training or inference, is part of the form, and its random keys are arguments: a call within
/// `training(seed:_:)` drops what the function itself would drop there, and running statistics reach whoever trains the
/// model that the call is given.
///
/// - Parameter function: Gives a tensor, or anything that holds tensors, from tensors, models, or arrays, dictionaries
///   and optionals of them.
/// - Returns: The compiled function. Inside another recorded function it becomes part of that one.
public func compiled<each Argument: Codable & Sendable, Result: Codable & Sendable>(
  _ function: @escaping @Sendable (repeat each Argument) throws -> Result
) -> Compiled<Result, repeat each Argument> {
  let forms = CompiledForms()
  let record = { @Sendable (inside: ArgumentList.Cursor) in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  return Compiled(forms, record) { (arguments: repeat each Argument) in
    let results = try forms.run(ArgumentList(repeat each arguments), record)
    return try results?.next(Result.self) ?? function(repeat each arguments)
  }
}

/// A function that gives a tuple as one plan; see `compiled(_:)` of one result.
public func compiled<
  each Argument: Codable & Sendable, First: Codable & Sendable, Second: Codable & Sendable,
  each Rest: Codable & Sendable
>(
  _ function: @escaping @Sendable (repeat each Argument) throws -> (First, Second, repeat each Rest)
) -> Compiled<(First, Second, repeat each Rest), repeat each Argument> { compiledTuple(function) }

private func compiledTuple<each Argument: Codable & Sendable, each Result: Codable & Sendable>(
  _ function: @escaping @Sendable (repeat each Argument) throws -> (repeat each Result)
) -> Compiled<(repeat each Result), repeat each Argument> {
  let forms = CompiledForms()
  let record = { @Sendable (inside: ArgumentList.Cursor) in
    let results = try function(repeat try inside.next((each Argument).self))
    return try ArgumentList(repeat each results)
  }
  return Compiled(forms, record) { (arguments: repeat each Argument) in
    let results = try forms.run(ArgumentList(repeat each arguments), record)
    guard let results else { return try function(repeat each arguments) }
    return (repeat try results.next((each Result).self))
  }
}

/// A function that is recorded and compiled once for each form of its arguments; see `compiled(_:)`.
///
/// May be called from several threads at once.
public final class Compiled<Result, each Argument: Codable & Sendable>: Sendable {
  private let forms: CompiledForms
  private let record: @Sendable (ArgumentList.Cursor) throws -> ArgumentList
  private let body: @Sendable (repeat each Argument) throws -> Result

  init(
    _ forms: CompiledForms, _ record: @escaping @Sendable (ArgumentList.Cursor) throws -> ArgumentList,
    _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    self.forms = forms
    self.record = record
    self.body = body
  }

  /// Runs the function.
  ///
  /// - Throws: `TensorError` that an argument carries, of a mistake within the function, or where memory runs out.
  public func callAsFunction(_ arguments: repeat each Argument) throws -> Result { try body(repeat each arguments) }

  /// How often the function has been compiled: once for each form of arguments and kind of pass, and again where the
  /// plan had to make room for others; see `PlanMemory`.
  public var compilationCount: Int { forms.count }

  /// What is known of the plan for some arguments: memory, kernels, compilation time. Compiles it where it has not run yet.
  ///
  /// - Throws: what running the function would throw; `TensorError` within a function being recorded.
  public func statistics(_ arguments: repeat each Argument) throws -> PlanStatistics {
    try plan(repeat each arguments).statistics
  }

  /// What is compiled for some arguments.
  package func plan(_ arguments: repeat each Argument) throws -> CompiledFunction {
    try forms.prepared(ArgumentList(repeat each arguments), for: "statistics", record).plan.function
  }

  /// The time of each kernel for some arguments.
  ///
  /// - Parameters:
  ///   - runs: How often the function is run; the times are means.
  /// - Throws: what running the function would throw; `TensorError` within a function being recorded.
  public func profile(_ arguments: repeat each Argument, runs: Int) throws -> [KernelProfile] {
    let (plan, buffers) = try forms.prepared(ArgumentList(repeat each arguments), for: "profile", record)
    return try plan.function.profile(buffers, runs: runs)
  }
}
