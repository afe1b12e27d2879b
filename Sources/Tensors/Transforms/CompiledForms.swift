import DescentCompiler
import DescentGraph

/// The plans of one function, one for each form of its arguments.
final class CompiledForms: Sendable {
  /// A function recorded and compiled for one form of arguments.
  ///
  /// Its trees hold values that coding made, numbers and texts, which never change.
  struct Plan: @unchecked Sendable {
    let function: CompiledFunction
    let results: ArgumentList
    /// How many of the arguments are given up for results.
    let donatedCount: Int
  }

  private struct State {
    var plans: [ArgumentForm: Plan] = [:]
  }

  private let state = Guarded(State())

  /// How many plans have been kept.
  var count: Int { state.withLock { $0.plans.count } }

  /// The results of a function for some arguments, by the plan for their form.
  ///
  /// - Returns: `nil` where an argument, or a tensor that the function uses from outside, is itself an argument of a
  ///   function being recorded, so that there is nothing to run yet.
  func run(
    _ arguments: ArgumentList, _ body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> ArgumentList.Cursor? {
    try arguments.checkErrors()
    guard !arguments.isSymbolic, let plan = try plan(for: arguments, body: body) else { return nil }
    try evaluate(arguments.tensors)
    let outputs = try plan.function.run(try arguments.tensors.map { try $0.literal().buffer }).map { Tensor($0) }
    return plan.results.cursor(replacing: outputs)
  }

  /// The plan for arguments of this form, recorded and compiled where there is none yet.
  ///
  /// - Parameters:
  ///   - arguments: The arguments, all of them known.
  ///   - donating: How many of the arguments' tensors come first among the results, and are given up for them.
  ///   - body: Calls the function.
  /// - Returns: `nil` where the function uses a tensor from outside that is itself an argument of a function being
  ///   recorded, so that there is nothing to compile yet.
  func plan(
    for arguments: ArgumentList, donating: Int = 0, body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> Plan? {
    let form = ArgumentForm(arguments)
    if let known = state.withLock({ $0.plans[form] }) { return known }
    // Outside the lock: the function is the user's and may call anything. Of two threads that compile for the same form
    // at the same time, one drops its plan.
    let recorded = try RecordedFunction(arguments, body: body)
    if recorded.trace.captured.contains(where: \.isSymbolic) { return nil }
    for (before, after) in zip(arguments.tensors, recorded.results.tensors).prefix(donating)
    where before.type != after.type {
      throw TensorError("compiledUpdate", "a tensor of the state is \(before.type), its next value is \(after.type)")
    }
    let donations = (0..<donating).map { Donation(input: $0, output: $0) }
    let plan = Plan(
      function: try CompiledFunction(recorded.trace, donations: donations), results: recorded.results,
      donatedCount: donating)
    return state.withLock { state in
      let kept = state.plans[form] ?? plan
      state.plans[form] = kept
      return kept
    }
  }
}

extension ArgumentList {
  /// Whether a tensor is an argument of a function being recorded.
  var isSymbolic: Bool { tensors.contains(where: \.isSymbolic) }
}
