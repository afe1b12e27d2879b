import DescentGraph

/// A function of some arguments, recorded on stand-ins for their tensors.
package struct RecordedFunction {
  /// The arguments as they were given.
  let arguments: ArgumentList
  /// The function's results, on stand-ins.
  package let results: ArgumentList
  /// From the arguments' tensors, followed by the captured ones, to the results' tensors.
  package let trace: Trace
  /// Which of the arguments' tensors have derivatives.
  let moving: [Int]
  /// What layers in the function report and somebody outside takes.
  let reported: ReportedValues
  /// The running statistics of models from outside whose values at the beginning of a step follow the arguments' tensors,
  /// where the function is the step of a loop.
  let carried: [CarriedStatistics.Entry]
  /// The class numbers that losses in the function take.
  let labels: LabelChecks

  /// Records a function.
  ///
  /// - Parameters:
  ///   - arguments: Where the function is to be taken.
  ///   - type: What becomes of a tensor's type inside the function, by its position.
  ///   - reporting: What becomes of what layers report.
  ///   - isConditional: Whether the function may never run.
  ///   - isStep: Whether the function is the step of a loop, which carries running statistics.
  ///   - keys: The stand-ins for random keys that the function draws, as further arguments.
  ///   - body: Calls the function with arguments that the cursor puts together.
  init(
    _ arguments: ArgumentList, type: (Int, TensorType) -> TensorType = { $1 }, reporting: Reporting,
    isConditional: Bool = false, isStep: Bool = false, drawing keys: RandomKeys? = nil,
    body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws {
    try arguments.checkErrors()
    let (leaves, present) = (arguments.leaves, arguments.present)
    let epoch = Expression.beginRecording()
    let holders = zip(present, arguments.tensors).enumerated().map { position, leaf in
      Tensor.placeholder(
        type(position, leaf.1.type), name: leaves[leaf.0].path, isParameter: leaves[leaf.0].isParameter)
    }
    self.arguments = arguments
    // New ones, so that what is reported of an argument is told from what is reported of the same model outside.
    let identities = Parameter.Identity.fresh(leaves.count)
    let run = Run.current
    let received = zip(identities, leaves).filter { run.receives($1.identity) }.map(\.0)
    let carrying = isStep ? CarriedStatistics(besides: identities) : nil
    let (results, reports) = try run.recording(
      receiving: received, isConditional: isConditional, carrying: carrying
    ) {
      try FunctionNames.ignored { try body(arguments.cursor(replacing: holders, identities: identities)) }
    }
    self.results = results
    let kept = try reporting.kept(reports, identities, leaves)
    carried = carrying?.all ?? []
    let inputs = holders + carried.map(\.standIn) + (keys?.drawn ?? [])
    var trace = try Trace(arguments: inputs, outputs: results.tensors + kept.flatMap(\.values), since: epoch)
    reported = ReportedValues(kept.map(\.entry), takenFrom: &trace)
    self.trace = trace
    labels = LabelChecks(reports.labels, on: holders)
    moving = present.indices.filter { leaves[present[$0]].isTrained }
    try Self.handOn(reports.labels, holders, arguments.tensors)
  }

  /// Records a function whose derivatives are taken later.
  ///
  /// - Parameters:
  ///   - arguments: Where the function is to be taken.
  ///   - name: The function that was asked, as errors name it.
  ///   - body: Calls the function with arguments that the cursor puts together.
  package init(
    _ arguments: ArgumentList, differentiatedBy name: String, body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws {
    try self.init(arguments, reporting: .handedOnToTrainer(in: name), body: body)
  }

  /// Asks of the arguments what the function asks of its stand-ins.
  private static func handOn(_ labels: [ExpectedLabels], _ holders: [Tensor], _ tensors: [Tensor]) throws {
    for expected in labels {
      if let position = holders.firstIndex(where: expected.isAbout) {
        if let error = expected.refusal(replacing: tensors[position]) { throw error }
      } else {
        Run.current.report(expected)
      }
    }
  }

  /// The values of the graph's inputs.
  var inputs: [Tensor] { arguments.tensors + trace.captured }

  /// Refuses arguments of which none has a derivative.
  func checkMoving(_ operation: String) throws {
    guard moving.isEmpty else { return }
    let types = zip(arguments.titles("argument"), arguments.tensors).map { "\($0) is \($1.type)" }
    throw TensorError(
      operation,
      "no argument has floating-point tensors to differentiate with respect to" + (types.isEmpty ? "" : ": ")
        + types.prefix(3).joined(separator: ", "))
  }

  /// Refuses results of which none has a derivative.
  func checkResults(_ operation: String) throws {
    guard trace.graph.outputTypes.allSatisfy({ !$0.elementType.isFloatingPoint }) else { return }
    let types = trace.graph.outputTypes.prefix(3).map(\.description).joined(separator: ", ")
    throw TensorError(
      operation, "the function gives \(types.isEmpty ? "no tensors" : types), which has no derivative")
  }

  /// One tensor for each moving argument, with zeros for what has no derivative.
  func filled(_ derivatives: some Collection<Tensor>, shape: (Shape) -> Shape = { $0 }) -> ArgumentList.Cursor {
    var all = arguments.tensors.map { Tensor(zeros: shape($0.shape), $0.elementType) }
    for (position, derivative) in zip(moving, derivatives) { all[position] = derivative }
    return ArgumentList(trees: arguments.trees.map(\.ofGradient)).cursor(replacing: all)
  }

  /// One tensor for each floating-point result, with zeros for the others.
  func filledResults(_ derivatives: some Collection<Tensor>) -> ArgumentList.Cursor {
    var rest = Array(derivatives)[...]
    return results.cursor(
      replacing: results.tensors.map { result in
        result.elementType.isFloatingPoint ? rest.popFirst() ?? result : Tensor(zeros: result.shape, result.elementType)
      })
  }
}

/// Does what can go wrong in a graph, in the user's words.
func derived<Result>(_ body: () throws(OperationError) -> Result) throws -> Result {
  do throws(OperationError) { return try body() } catch { throw TensorError(error) }
}
