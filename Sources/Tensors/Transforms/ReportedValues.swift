import DescentGraph

/// What a recorded function gives beside its results: the new values of running statistics, losses and metrics that layers
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
      run.report(RunReports.Statistic(identity: identity, path: name, value: values[0], isTraining: isTraining))
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

extension RecordedFunction.Reporting {
  /// What was reported and somebody outside takes.
  ///
  /// - Parameters:
  ///   - reports: What was reported on stand-ins.
  ///   - identities: Of the arguments' leaves, within the function.
  ///   - leaves: The arguments' leaves as they were given.
  /// - Throws: `TensorError` where reports are a mistake, or would get lost.
  func kept(
    _ reports: RunReports, _ identities: [Parameter.Identity], _ leaves: [ModelTree.Leaf]
  ) throws -> [(entry: ReportedValues.Entry, values: [Tensor])] {
    let statistics = try reports.statistics.compactMap { statistic -> (ReportedValues.Entry, [Tensor])? in
      let leaf = identities.firstIndex(of: statistic.identity)
      let receiver = ReportedValues.Entry.Statistic(leaf: leaf, identity: leaf == nil ? statistic.identity : nil)
      let entry = ReportedValues.Entry(
        name: statistic.path, kind: .statistic(receiver), isTraining: statistic.isTraining)
      return try isKept(statistic, receiver, among: leaves) ? (entry, [statistic.value]) : nil
    }
    let numbers = try reports.numbers.filter { try isKept($0) }.map { (ReportedValues.Entry($0), $0.values) }
    return statistics + numbers
  }

  private func isKept(
    _ statistic: RunReports.Statistic, _ receiver: ReportedValues.Entry.Statistic, among leaves: [ModelTree.Leaf]
  ) throws -> Bool {
    let isReceived = Run.current.receives(receiver.identity(among: leaves))
    switch self {
    case .leftOut: return false
    case .refused(let operation):
      throw TensorError(
        operation,
        "'\(statistic.path)' is a running statistic that is updated inside, where no new value can come out; use the"
          + " layer outside, or for inference")
    case .handedOn: return isReceived
    case .handedOnToTrainer(let operation):
      if isReceived { return true }
      // A model that only takes part, such as a teacher, stays as it is.
      guard receiver.leaf != nil, statistic.isTraining else { return false }
      throw TensorError(
        operation,
        "the new value of '\(statistic.path)', a running statistic of the model that is differentiated, would get lost;"
          + " call this within training(model, seed:) { model in … }, which gives the model back with it")
    }
  }

  private func isKept(_ number: ReportedNumber) throws -> Bool {
    let isReceived = Run.current.takesNumbers
    switch self {
    case .leftOut: return false
    case .refused(let operation):
      guard isReceived else { return false }
      throw TensorError(
        operation,
        "the \(number.kind.rawValue) '\(number.name)' is reported inside, where it cannot come out; report it outside")
    case .handedOn: return isReceived
    case .handedOnToTrainer(let operation):
      guard !isReceived, number.kind == .loss, number.isTraining else { return isReceived }
      throw TensorError(
        operation,
        "the loss '\(number.name)' that a layer reports would get lost; collect it within the function by"
          + " collectingReports { … }, and add it by total(with:)")
    }
  }
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
