import DescentCompiler
import DescentGraph

/// The plans of one function, one for each form of its arguments and each kind of pass.
final class CompiledForms: Sendable {
  /// A function recorded and compiled for one form of arguments.
  ///
  /// Its trees hold values that coding made, numbers and texts, which never change.
  struct Plan: @unchecked Sendable {
    let function: CompiledFunction
    let results: ArgumentList
    /// How many of the arguments are given up for results.
    let donatedCount: Int
    /// How many random keys the function takes after its arguments.
    let keyCount: Int
    /// The running statistics, losses and metrics that the function gives after its results.
    let reported: ReportedValues
    /// The class numbers that it takes.
    let labels: LabelChecks

    /// Runs the function.
    ///
    /// - Parameters:
    ///   - values: The values of the arguments.
    ///   - keys: The random keys of this run.
    ///   - arguments: The arguments, whose models' running statistics are handed on.
    /// - Returns: The results.
    func run(_ values: [Literal], keys: [Tensor], _ arguments: ArgumentList) throws -> [Tensor] {
      let buffers = try values.map(\.buffer) + keys.map { try $0.literal().buffer }
      let outputs = try function.run(buffers).map { Tensor($0) }
      let count = outputs.count - reported.count
      reported.report(outputs[count...], of: arguments.leaves)
      return Array(outputs[..<count])
    }
  }

  /// What a plan is compiled for.
  private struct Form: Hashable, Sendable {
    let arguments: ArgumentForm
    /// Layers ask what the pass is for, whether it has random numbers, and whether somebody takes what they report,
    /// and in which element types they compute.
    let purpose: Run.Purpose
    let precision: Precision?
    let hasKeys: Bool
    let takesNumbers: Bool
    let isReceived: [Bool]

    init(_ arguments: ArgumentList, in run: Run) {
      self.arguments = ArgumentForm(arguments.trees)
      (purpose, precision, hasKeys, takesNumbers) = (run.purpose, run.precision, run.hasKeys, run.takesNumbers)
      isReceived = arguments.leaves.map { run.receives($0.identity) }
    }
  }

  private let plans = PlanTable<Form, Plan>()

  /// How many plans have been made.
  var count: Int { plans.madeCount }

  /// The results of a function for some arguments, by the plan for their form.
  ///
  /// - Returns: `nil` where an argument, or a tensor that the function uses from outside, is itself an argument of a
  ///   function being recorded, so that there is nothing to run yet.
  func run(
    _ arguments: ArgumentList, _ body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> ArgumentList.Cursor? {
    guard let (plan, values, keys) = try prepared(arguments, body) else { return nil }
    return plan.results.cursor(replacing: try plan.run(values, keys: keys, arguments))
  }

  /// The plan for some arguments and what it is run with, to look into it.
  ///
  /// - Parameter name: What is asked for, as errors call it.
  /// - Throws: `TensorError` where `run` would give `nil`.
  func prepared(
    _ arguments: ArgumentList, for name: String, _ body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> (plan: Plan, buffers: [Buffer]) {
    guard let (plan, values, keys) = try prepared(arguments, body) else {
      throw TensorError(name, "an argument belongs to a function that is being recorded; ask outside of it")
    }
    return (plan, try values.map(\.buffer) + keys.map { try $0.literal().buffer })
  }

  private func prepared(
    _ arguments: ArgumentList, _ body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> (plan: Plan, values: [Literal], keys: [Tensor])? {
    try arguments.checkErrors()
    guard !arguments.isSymbolic, let plan = try plan(for: arguments, body: body),
      let keys = Run.current.knownKeys(plan.keyCount)
    else { return nil }
    try evaluate(arguments.tensors + keys)
    let values = try arguments.tensors.map { try $0.literal() }
    try plan.labels.verify(values)
    return (plan, values, keys)
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
    let form = Form(arguments, in: .current)
    if let known = plans[form] { return known }
    // Outside the lock: the function is the user's and may call anything. Of two threads that compile for the same form
    // at the same time, one drops its plan.
    let (run, standIns) = Run.current.drawingStandIns()
    let recorded = try run.perform {
      try RecordedFunction(arguments, reporting: .handedOn, drawing: standIns, body: body)
    }
    if recorded.trace.captured.contains(where: \.isSymbolic) { return nil }
    for (before, after) in zip(arguments.tensors, recorded.results.tensors).prefix(donating)
    where before.type != after.type {
      throw TensorError("compiledUpdate", "a tensor of the state is \(before.type), its next value is \(after.type)")
    }
    let donations = (0..<donating).map { Donation(input: $0, output: $0) }
    var trace = recorded.trace
    trace.graph = try recorded.withReports()
    let function = try CompiledFunction(trace, donations: donations)
    let plan = Plan(
      function: function, results: recorded.results.withoutTensors,
      donatedCount: donating, keyCount: standIns?.drawn.count ?? 0, reported: recorded.reported,
      labels: recorded.labels)
    return plans.keep(plan, for: form, bytes: function.heldBytes)
  }
}

extension ArgumentList {
  /// Whether a tensor is an argument of a function being recorded.
  var isSymbolic: Bool { tensors.contains(where: \.isSymbolic) }
}
