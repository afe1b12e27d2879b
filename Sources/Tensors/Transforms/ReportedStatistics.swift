import DescentGraph

/// The new values of running statistics that a recorded function gives in addition to its results.
struct ReportedStatistics: Sendable {
  /// A running statistic and who takes it.
  struct Entry: Sendable {
    let path: String
    /// Which of the arguments' leaves it is, `nil` where it is of a model from outside.
    let leaf: Int?
    /// Which parameter of a model from outside it is.
    let identity: Parameter.Identity?
    /// Whether it is a pass for training that gives it.
    let isTraining: Bool

    /// The parameter whose value it is, where the function is applied to some arguments.
    func identity(among leaves: [ModelTree.Leaf]) -> Parameter.Identity? {
      leaf.map { leaves[$0].identity } ?? identity
    }
  }

  /// The statistics.
  let entries: [Entry]
  /// From the recorded function's inputs to the new values; `nil` where there are none.
  let graph: Graph?

  /// Takes the last outputs of a function, which are statistics, away from it.
  init(_ entries: [Entry], takenFrom trace: inout Trace) {
    self.entries = entries
    guard !entries.isEmpty else {
      graph = nil
      return
    }
    var own = trace.graph
    own.outputs = Array(own.outputs.suffix(entries.count))
    graph = own.removingDeadNodes()
    trace.graph.outputs.removeLast(entries.count)
    trace.graph = trace.graph.removingDeadNodes()
  }

  /// Reports new values to the pass that is under way.
  func report(_ values: some Sequence<Tensor>, of leaves: [ModelTree.Leaf]) {
    for (entry, value) in zip(entries, values) {
      guard let identity = entry.identity(among: leaves) else { continue }
      Run.current.report(
        RunReports.Statistic(identity: identity, path: entry.path, value: value, isTraining: entry.isTraining))
    }
  }
}

extension RecordedFunction.Reporting {
  /// The reported statistics that somebody outside takes.
  ///
  /// - Parameters:
  ///   - reports: What was reported on stand-ins.
  ///   - identities: Of the arguments' leaves, within the function.
  ///   - leaves: The arguments' leaves as they were given.
  /// - Throws: `TensorError` where statistics are a mistake, or would get lost.
  func kept(
    _ reports: RunReports, _ identities: [Parameter.Identity], _ leaves: [ModelTree.Leaf]
  ) throws -> [(entry: ReportedStatistics.Entry, value: Tensor)] {
    let run = Run.current
    return try reports.statistics.compactMap { statistic -> (entry: ReportedStatistics.Entry, value: Tensor)? in
      let leaf = identities.firstIndex(of: statistic.identity)
      let entry = ReportedStatistics.Entry(
        path: statistic.path, leaf: leaf, identity: leaf == nil ? statistic.identity : nil,
        isTraining: statistic.isTraining)
      let isReceived = run.receives(entry.identity(among: leaves))
      switch self {
      case .leftOut: return nil
      case .refused(let operation):
        throw TensorError(
          operation,
          "'\(statistic.path)' is a running statistic that is updated inside, where no new value can come out; use the"
            + " layer outside, or for inference")
      case .handedOn: return isReceived ? (entry, statistic.value) : nil
      case .handedOnToTrainer(let operation):
        if isReceived { return (entry, statistic.value) }
        // A model that only takes part, such as a teacher, stays as it is.
        guard leaf != nil, statistic.isTraining else { return nil }
        throw TensorError(
          operation,
          "the new value of '\(statistic.path)', a running statistic of the model that is differentiated, would get lost;"
            + " call this within training(model, seed:) { model in … }, which gives the model back with it")
      }
    }
  }
}

extension RecordedFunction {
  /// Applies a graph that was derived from the function to the function's inputs and further ones, and hands the running
  /// statistics on that layers in the function report.
  func apply(_ graph: Graph, and further: [Tensor] = []) throws -> [Tensor] {
    let inputs = self.inputs + further
    guard let statistics = statistics.graph else { return try graph.apply(to: inputs) }
    // One graph for both, in which the pass is found once.
    let whole = try derived { () throws(OperationError) in
      let builder = GraphBuilder()
      let arguments = graph.inputs.map { builder.input(graph.type(of: $0)) }
      let outputs = builder.inline(graph, arguments) + builder.inline(statistics, arguments)
      return try builder.graph(outputs: outputs)
    }
    let outputs = try whole.apply(to: inputs)
    self.statistics.report(outputs.dropFirst(graph.outputs.count), of: arguments.leaves)
    return Array(outputs.prefix(graph.outputs.count))
  }

  /// The function with its running statistics after its results.
  func withStatistics() throws -> Graph {
    guard let statistics = statistics.graph else { return trace.graph }
    return try derived { () throws(OperationError) in
      let builder = GraphBuilder()
      let arguments = trace.graph.inputs.map { builder.input(trace.graph.type(of: $0)) }
      return try builder.graph(outputs: builder.inline(trace.graph, arguments) + builder.inline(statistics, arguments))
    }
  }

  /// Hands the running statistics on where the function is recorded rather than run.
  func recordStatistics() {
    guard let graph = statistics.graph else { return }
    statistics.report(graph.record(on: inputs), of: arguments.leaves)
  }
}
