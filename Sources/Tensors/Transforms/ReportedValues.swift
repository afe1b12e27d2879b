import DescentGraph

/// What a recorded function gives in addition to its results: the new values of running statistics, losses and metrics that layers
/// report in it.
struct ReportedValues: Sendable {
  /// A value, or the two values of a metric whose number of reports is not known before the function runs.
  struct Entry: Sendable {
    enum Kind: Sendable {
      case statistic(Statistic)
      case loss
      /// The sum of a metric's reports, followed by how many they are where that is not known.
      case metric(reports: Double?)
    }

    /// Who takes a running statistic.
    struct Statistic: Sendable {
      /// Which of the arguments' leaves it is, `nil` where it is of a model from outside.
      let leaf: Int?
      /// Which parameter of a model from outside it is.
      let identity: Parameter.Identity?
      /// The value before, of a model from outside.
      let before: Tensor?

      /// The parameter whose value it is, where the function is applied to some arguments.
      func identity(among leaves: [ModelTree.Leaf]) -> Parameter.Identity? {
        leaf.map { leaves[$0].identity } ?? identity
      }
    }

    /// The statistic's path, or what the number is called.
    let name: String
    let kind: Kind
    /// Whether it is a pass for training that gives it.
    let isTraining: Bool

    /// How many values there are of it.
    var valueCount: Int { if case .metric(nil) = kind { 2 } else { 1 } }
  }

  /// What is reported.
  let entries: [Entry]
  /// From the recorded function's inputs to the values; `nil` where there are none.
  let graph: Graph?

  /// Takes the last outputs of a function, which are what is reported, away from it.
  init(_ entries: [Entry], takenFrom trace: inout Trace) {
    self.entries = entries
    guard !entries.isEmpty else {
      graph = nil
      return
    }
    let count = entries.reduce(0) { $0 + $1.valueCount }
    var own = trace.graph
    own.outputs = Array(own.outputs.suffix(count))
    graph = own.removingDeadNodes()
    trace.graph.outputs.removeLast(count)
    trace.graph = trace.graph.removingDeadNodes()
  }

  /// The number of values.
  var count: Int { graph?.outputs.count ?? 0 }

  /// Reports values to the pass that is under way.
  func report(_ values: some Sequence<Tensor>, of leaves: [ModelTree.Leaf]) {
    var rest = Array(values)[...]
    for entry in entries {
      let own = Array(rest.prefix(entry.valueCount))
      rest = rest.dropFirst(entry.valueCount)
      if own.count == entry.valueCount { entry.report(own, of: leaves) }
    }
  }
}

extension ReportedValues.Entry {
  /// A number that was reported; its values are `number.values`.
  init(_ number: ReportedNumber) {
    (name, isTraining) = (number.name, number.isTraining)
    switch (number.kind, number.weight) {
    case (.loss, _): kind = .loss
    case (.metric, .known(let count)): kind = .metric(reports: count)
    case (.metric, .computed): kind = .metric(reports: nil)
    }
  }

  /// Reports the values to the pass that is under way.
  func report(_ values: [Tensor], of leaves: [ModelTree.Leaf]) {
    let run = Run.current
    switch kind {
    case .statistic(let statistic):
      guard let identity = statistic.identity(among: leaves) else { return }
      let known = statistic.leaf.map { leaves[$0].tensor } ?? statistic.before
      let before = run.latest(of: identity, otherwise: known, isStatistic: true)
      run.report(
        RunReports.Statistic(
          identity: identity, path: name, value: values[0], before: before, isTraining: isTraining))
    case .loss:
      run.report(ReportedNumber(.loss, name, sum: values[0], weight: .known(1), isTraining: isTraining))
    case .metric(let count):
      let weight = count.map { ReportedNumber.Weight.known($0) } ?? .computed(values[1])
      run.report(ReportedNumber(.metric, name, sum: values[0], weight: weight, isTraining: isTraining))
    }
  }
}

extension ReportedNumber {
  /// What a recorded function gives of the number.
  var values: [Tensor] { if kind == .metric, case .computed(let count) = weight { [sum, count] } else { [sum] } }
}

extension RecordedFunction {
  /// Applies a graph that was derived from the function to the function's inputs and further ones, and hands on what layers
  /// report in the function.
  func apply(_ graph: Graph, and further: [Tensor] = []) throws -> [Tensor] {
    let inputs = self.inputs + further
    guard let reports = reported.graph else { return try graph.apply(to: inputs) }
    // One graph for both, in which the pass is found once.
    let whole = try derived { () throws(OperationError) in
      let builder = GraphBuilder()
      let arguments = graph.inputs.map { builder.input(graph.type(of: $0)) }
      let outputs = builder.inline(graph, arguments) + builder.inline(reports, arguments)
      return try builder.graph(outputs: outputs)
    }
    let outputs = try whole.apply(to: inputs)
    reported.report(outputs.dropFirst(graph.outputs.count), of: arguments.leaves)
    return Array(outputs.prefix(graph.outputs.count))
  }

  /// The function with what is reported in it after its results.
  func withReports() throws -> Graph {
    guard let reports = reported.graph else { return trace.graph }
    return try derived { () throws(OperationError) in
      let builder = GraphBuilder()
      let arguments = trace.graph.inputs.map { builder.input(trace.graph.type(of: $0)) }
      return try builder.graph(outputs: builder.inline(trace.graph, arguments) + builder.inline(reports, arguments))
    }
  }

  /// Hands on what is reported where the function is recorded rather than run.
  func recordReports() {
    guard let graph = reported.graph else { return }
    reported.report(graph.record(on: inputs), of: arguments.leaves)
  }
}
