import DescentGraph

/// What becomes of what layers report in functions of which one is chosen when the program runs.
///
/// A running statistic that the chosen function does not update stays as it is, a loss that it does not report is 0, and a
/// metric counts as often as it is reported.
struct ChosenReports {
  /// Something that one of the functions reports.
  private struct Choice {
    let key: Key
    let entry: ReportedValues.Entry
    let types: [TensorType]
    /// The value of a running statistic where it is not updated.
    let before: Tensor?
  }

  private enum Key: Hashable {
    case statistic(Parameter.Identity)
    case loss(String)
    case metric(String)
  }

  private var choices: [Choice] = []
  /// For each function, the places of what it reports among its outputs.
  private var places: [[Key: (entry: ReportedValues.Entry, places: Range<Int>)]] = []
  /// The functions' results, followed by what each reports.
  private let whole: [Graph]

  /// Takes together what the functions report.
  ///
  /// - Parameter operation: How errors name the choice.
  init(_ functions: [RecordedFunction], in operation: String) throws {
    whole = try functions.map { try $0.withReports() }
    for (function, graph) in zip(functions, whole) {
      var own: [Key: (entry: ReportedValues.Entry, places: Range<Int>)] = [:]
      var place = function.results.tensors.count
      for entry in function.reported.entries {
        let range = place..<place + entry.valueCount
        place = range.upperBound
        let type = graph.type(of: graph.outputs[range.lowerBound])
        guard let (key, before) = try Self.key(of: entry, type, in: operation) else { continue }
        own[key] = (entry, range)
        if choices.contains(where: { $0.key == key }) { continue }
        let uncounted = entry.uncounted
        let types = [TensorType](repeating: type, count: uncounted.valueCount)
        choices.append(Choice(key: key, entry: uncounted, types: types, before: before))
      }
      places.append(own)
    }
  }

  /// What is told apart; `nil` of a statistic of a model that is only being bound.
  private static func key(
    of entry: ReportedValues.Entry, _ type: TensorType, in operation: String
  ) throws -> (key: Key, before: Tensor?)? {
    switch entry.kind {
    case .loss: return (.loss(entry.name), nil)
    case .metric: return (.metric(entry.name), nil)
    case .statistic(let statistic):
      guard let identity = statistic.identity, let before = statistic.before else {
        if Run.current.isBinding { return nil }
        throw TensorError(
          operation, "the running statistic '\(entry.name)' has no value before it; give the model an example first")
      }
      guard before.type == type else {
        throw TensorError(
          operation, "the running statistic '\(entry.name)' is \(before.type) before and \(type) after it")
      }
      return (.statistic(identity), before)
    }
  }

  /// The statistics' values where they are not updated, which the functions need from outside.
  var before: [Tensor] { choices.compactMap(\.before) }

  /// A function that gives its results, followed by what any of the functions reports.
  func body(of function: RecordedFunction, at index: Int, _ captured: CapturedUnion) throws -> Body {
    try derived { () throws(OperationError) in
      try Body.write(captured.tensors.map(\.type)) { builder, inputs throws(OperationError) in
        let outputs = builder.inline(whole[index], captured.own(of: function, among: inputs))
        let further = choices.flatMap { choice -> [Symbol] in
          guard let (entry, range) = places[index][choice.key] else {
            return choice.before.flatMap { captured.own($0, among: inputs) }.map { [$0] }
              ?? choice.types.map { builder.constant(0, $0) }
          }
          let values = outputs[range].map { $0.converted(to: choice.types[0].elementType) }
          guard case .metric(let reports?) = entry.kind else { return values }
          return values + [values[0].constant(reports)]
        }
        return outputs.prefix(function.results.tensors.count) + further
      }
    }
  }

  /// Reports what the chosen function reported.
  func report(_ values: some Sequence<Tensor>) {
    var rest = Array(values)[...]
    for choice in choices {
      choice.entry.report(Array(rest.prefix(choice.types.count)), of: [])
      rest = rest.dropFirst(choice.types.count)
    }
  }
}
