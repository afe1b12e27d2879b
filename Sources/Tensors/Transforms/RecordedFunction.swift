import DescentGraph

/// A function of some arguments, recorded on stand-ins for their tensors.
struct RecordedFunction {
  /// The arguments as they were given.
  let arguments: ArgumentList
  /// The function's results, on stand-ins.
  let results: ArgumentList
  /// From the arguments' tensors, and behind them the captured ones, to the results' tensors.
  let trace: Trace
  /// Which of the arguments' tensors have derivatives.
  let moving: [Int]
  /// The paths of the running statistics whose new values the graph gives behind the results.
  let updates: [String]

  /// What becomes of running statistics that layers report while a function is recorded.
  enum Updates {
    /// They are left out: the function is looked at, and is no pass of its own.
    case leftOut
    /// The graph gives their new values behind the results.
    case given
    /// They are a mistake, in the operation named.
    case refused(in: String)
  }

  /// Records a function.
  ///
  /// - Parameters:
  ///   - arguments: Where the function is to be taken.
  ///   - shape: What becomes of a tensor's shape inside the function, by its position.
  ///   - reporting: What becomes of running statistics that layers report.
  ///   - body: Calls the function with arguments that the cursor puts together.
  init(
    _ arguments: ArgumentList, type: (Int, TensorType) -> TensorType = { $1 }, reporting: Updates = .leftOut,
    body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws {
    try arguments.checkErrors()
    let (leaves, present) = (arguments.leaves, arguments.present)
    let epoch = Expression.beginRecording()
    let holders = zip(present, arguments.tensors).enumerated().map { position, leaf in
      Tensor.placeholder(type(position, leaf.1.type), name: leaves[leaf.0].path)
    }
    self.arguments = arguments
    let (results, reported) = try Run.current.takingBackUpdates { try body(arguments.cursor(replacing: holders)) }
    self.results = results
    var outputs = results.tensors
    switch reporting {
    case .leftOut: updates = []
    case .given:
      updates = reported.map(\.path)
      outputs += reported.map(\.value)
    case .refused(let operation):
      if let first = reported.first {
        throw TensorError(
          operation,
          "'\(first.path)' is a running statistic that is updated inside, where no new value can come out; use the layer"
            + " outside, or for inference")
      }
      updates = []
    }
    trace = try Trace(arguments: holders, outputs: outputs, since: epoch)
    moving = present.indices.filter { leaves[present[$0]].isTrained }
  }

  /// The values of the graph's inputs.
  var inputs: [Tensor] { arguments.tensors + trace.captured }

  /// Refuses arguments of which none has a derivative.
  func checkMoving(_ operation: String) throws {
    guard moving.isEmpty else { return }
    let types = zip(arguments.titles("argument"), arguments.tensors).map { "\($0) is \($1.type)" }
    throw TensorError(
      operation,
      "no argument has floating-point tensors to differentiate in" + (types.isEmpty ? "" : ": ")
        + types.prefix(3).joined(separator: ", "))
  }

  /// Refuses results of which none has a derivative.
  func checkResults(_ operation: String) throws {
    guard trace.graph.outputTypes.allSatisfy({ !$0.elementType.isFloatingPoint }) else { return }
    let types = trace.graph.outputTypes.prefix(3).map(\.description).joined(separator: ", ")
    throw TensorError(
      operation, "the function gives \(types.isEmpty ? "no tensors" : types), which has no derivative")
  }

  /// One tensor for each moving argument, with zeros beside them for what cannot move.
  func filled(_ derivatives: some Collection<Tensor>, shape: (Shape) -> Shape = { $0 }) -> ArgumentList.Cursor {
    var all = arguments.tensors.map { Tensor(zeros: shape($0.shape), $0.elementType) }
    for (position, derivative) in zip(moving, derivatives) { all[position] = derivative }
    return arguments.cursor(replacing: all)
  }

  /// One tensor for each floating-point result, with zeros beside them for the others.
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
