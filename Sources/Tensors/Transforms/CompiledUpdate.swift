import DescentGraph

/// A function that changes a state, as one plan that writes the new state into the old one's memory.
///
/// ```swift
/// let step = compiledUpdate { (w: inout Tensor, x: Tensor) in
///   let (loss, slope) = try valueAndGradient(at: w) { w in square(matmul(x, w) - 1.0).mean() }
///   w -= 0.1 * slope
///   return loss
/// }
/// for batch in batches { losses.append(try step(&w, batch)) }
/// ```
///
/// Tensors stay values: where somebody else holds a tensor of the state, the update works on a copy; a tensor that only
/// the caller's variable holds is updated in place. Running statistics that layers in the state report while they train
/// are part of its change. All else is as in `compiled(_:)`.
///
/// - Parameter function: Changes the state, whose form and types it keeps, and gives a result.
public func compiledUpdate<State: Codable & Sendable, each Argument: Codable & Sendable, Result: Codable & Sendable>(
  _ function: @escaping @Sendable (inout State, repeat each Argument) throws -> Result
) -> CompiledUpdate<State, Result, repeat each Argument> {
  let forms = CompiledForms()
  return CompiledUpdate(forms) { (state: inout State, arguments: repeat each Argument) in
    let results = try forms.update(&state, ArgumentList(repeat each arguments)) { state, inside in
      try ArgumentList(try function(&state, repeat try inside.next((each Argument).self)))
    }
    if let results { return try results.next(Result.self) }
    return try receivingStatistics(in: &state) { state in try function(&state, repeat each arguments) }
  }
}

/// A function that changes a state and gives a tuple, as one plan; see `compiledUpdate(_:)` of one result.
public func compiledUpdate<
  State: Codable & Sendable, each Argument: Codable & Sendable, First: Codable & Sendable,
  Second: Codable & Sendable, each Rest: Codable & Sendable
>(
  _ function: @escaping @Sendable (inout State, repeat each Argument) throws -> (First, Second, repeat each Rest)
) -> CompiledUpdate<State, (First, Second, repeat each Rest), repeat each Argument> { updateTuple(function) }

private func updateTuple<
  State: Codable & Sendable, each Argument: Codable & Sendable, each Result: Codable & Sendable
>(
  _ function: @escaping @Sendable (inout State, repeat each Argument) throws -> (repeat each Result)
) -> CompiledUpdate<State, (repeat each Result), repeat each Argument> {
  let forms = CompiledForms()
  return CompiledUpdate(forms) { (state: inout State, arguments: repeat each Argument) in
    let results = try forms.update(&state, ArgumentList(repeat each arguments)) { state, inside in
      let results = try function(&state, repeat try inside.next((each Argument).self))
      return try ArgumentList(repeat each results)
    }
    guard let results else {
      return try receivingStatistics(in: &state) { state in try function(&state, repeat each arguments) }
    }
    return (repeat try results.next((each Result).self))
  }
}

extension CompiledForms {
  /// Changes a state in place; `nil` where the function is part of one that is being recorded.
  fileprivate func update<State: Codable>(
    _ state: inout State, _ arguments: ArgumentList,
    _ function: (inout State, ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> ArgumentList.Cursor? {
    func prepared(_ state: State) throws -> PreparedUpdate? {
      let list = try ArgumentList(state) + arguments
      let count = list.trees[0].leaves.count { $0.tensor != nil }
      try list.checkErrors()
      if list.isSymbolic { return nil }
      let plan = try plan(for: list, donating: count) { inside in
        var next = try inside.next(State.self)
        let results = try receivingStatistics(in: &next) { next in try function(&next, inside) }
        let found = try ModelTree(next).leaves.count { $0.tensor != nil }
        guard found == count else {
          throw TensorError("compiledUpdate", "the state has \(count) tensors, its next value has \(found)")
        }
        return try ArgumentList(next) + results
      }
      guard let plan, let keys = Run.current.knownKeys(plan.keyCount) else { return nil }
      return try PreparedUpdate(plan, list, donated: count, keys: keys)
    }
    guard var update = try prepared(state) else { return nil }
    // Nothing but the update may hold the state's tensors now, or their memory would count as shared.
    state = try update.rebuilt(State.self, update.plan.results.tensors)
    do {
      let results = try update.run()
      state = try update.rebuilt(State.self, results)
      let cursor = update.plan.results.cursor(replacing: results)
      _ = try cursor.next(State.self)
      return cursor
    } catch {
      state = try update.rebuilt(State.self, update.state.map { Tensor($0) })
      throw error
    }
  }
}

/// A function that changes a state in place, compiled once for each form of its arguments; see `compiledUpdate(_:)`.
///
/// May be called from several threads at once, each with a state of its own.
public final class CompiledUpdate<State, Result, each Argument>: Sendable {
  private let forms: CompiledForms
  private let body: @Sendable (inout State, repeat each Argument) throws -> Result

  init(_ forms: CompiledForms, _ body: @escaping @Sendable (inout State, repeat each Argument) throws -> Result) {
    self.forms = forms
    self.body = body
  }

  /// Runs the function and replaces the state by the next one.
  ///
  /// - Throws: `TensorError` that an argument carries, of a mistake within the function, or where memory runs out; the
  ///   state is as before then.
  public func callAsFunction(_ state: inout State, _ arguments: repeat each Argument) throws -> Result {
    try body(&state, repeat each arguments)
  }

  /// How often the function has been compiled: once for each form of arguments and kind of pass, and again where the
  /// plan had to make room for others.
  public var compilationCount: Int { forms.count }
}

/// The buffers of one call, those of the state held as closely as can be told.
private struct PreparedUpdate {
  let plan: CompiledForms.Plan
  /// The state's tensors until `run` takes their memory.
  private var held: [Expression] = []
  /// The state's values, given up for the next ones.
  private(set) var state: [Literal] = []
  private let others: [Literal]
  private let keys: [Tensor]
  /// The arguments after the state, whose models may have running statistics.
  private let arguments: ArgumentList

  init(_ plan: CompiledForms.Plan, _ list: ArgumentList, donated: Int, keys: [Tensor]) throws {
    (self.plan, self.keys) = (plan, keys)
    arguments = list.withoutTensors
    let tensors = list.tensors
    try evaluate(tensors + keys)
    try plan.labels.verify(try tensors.map { try $0.literal() })
    held = tensors.prefix(donated).map(\.expression)
    others = try tensors.dropFirst(donated).map { try $0.literal() }
  }

  mutating func run() throws -> [Tensor] {
    held.reverse()
    while var expression = held.popLast() {
      let isOwn = isKnownUniquelyReferenced(&expression)
      guard var buffer = isOwn ? expression.surrender() : expression.literal?.buffer else {
        throw TensorError("compiledUpdate", "a tensor of the state has no value")
      }
      let isFree = isOwn && isKnownUniquelyReferenced(&buffer)
      state.append(Literal(type: expression.type, buffer: isFree ? buffer : try derived(buffer.copied)))
    }
    return try plan.run(state + others, keys: keys, arguments)
  }

  func rebuilt<State: Codable>(_ type: State.Type, _ tensors: [Tensor]) throws -> State {
    let tree = plan.results.trees[0]
    var rest = tensors[...]
    return try tree.rebuilt(type, with: tree.leaves.map { $0.tensor == nil ? nil : rest.popFirst() })
  }
}
