import DescentGraph

/// What becomes of what layers report in the step of a loop.
///
/// A running statistic of a model from outside is carried from step to step. One of the loop's own state is carried with
/// the state, and one of what the loop walks along belongs to each step by itself. Losses add up over the steps, and
/// metrics are averaged over them.
struct LoopReports {
  /// The step's results, followed by what is reported.
  private let whole: Graph
  /// For each carried statistic, the place of its next value among the outputs; `nil` where it stays as it is.
  private let carriedPlaces: [Int?]
  /// Losses and metrics with the places of their values among the outputs.
  let numbers: [(entry: ReportedValues.Entry, places: Range<Int>)]
  /// Statistics of what the loop walks along.
  let walked: [(entry: ReportedValues.Entry, places: Range<Int>)]
  /// Statistics of the state, with their places among the state's tensors.
  private let held: [(entry: ReportedValues.Entry, place: Int)]
  private let carried: [CarriedStatistics.Entry]
  private let paths: [Int: ReportedValues.Entry]
  private let leaves: [ModelTree.Leaf]

  /// Sorts what a step reports.
  ///
  /// - Parameters:
  ///   - step: Gives the next state first, from the state first.
  ///   - operation: How errors name the loop.
  init(_ step: RecordedFunction, state: ArgumentList, in operation: String) throws {
    whole = try step.withReports()
    (carried, leaves) = (step.carried, step.arguments.leaves)
    var carriedPlaces = [Int?](repeating: nil, count: carried.count)
    var (numbers, walked): (Places, Places) = ([], [])
    var held: [(ReportedValues.Entry, Int)] = []
    var paths: [Int: ReportedValues.Entry] = [:]
    var place = step.results.tensors.count
    for entry in step.reported.entries {
      let places = place..<place + entry.valueCount
      place = places.upperBound
      guard case .statistic(let statistic) = entry.kind else {
        numbers.append((entry, places))
        continue
      }
      if let leaf = statistic.leaf {
        guard leaf < state.leaves.count else {
          walked.append((entry, places))
          continue
        }
        // The walk over the next state took the new value, if it was this very model that it found there.
        guard let own = state.present.firstIndex(of: leaf) else { continue }
        guard whole.outputs[own] == whole.outputs[places.lowerBound] else {
          throw TensorError(
            operation,
            "the new value of '\(entry.name)', a running statistic of a model in the state, would get lost; give the model"
              + " back as part of the next state")
        }
        held.append((entry, own))
      } else if let index = carried.firstIndex(where: { $0.identity == statistic.identity }) {
        let (before, after) = (carried[index].standIn.type, whole.type(of: whole.outputs[places.lowerBound]))
        guard before == after else {
          throw TensorError(
            operation, "the running statistic '\(entry.name)' is \(before) before a step and \(after) after it")
        }
        (carriedPlaces[index], paths[index]) = (places.lowerBound, entry)
      } else if !Run.current.isBinding {
        throw TensorError(
          operation,
          "the running statistic '\(entry.name)' has no value before the loop; give the model an example first")
      }
    }
    (self.carriedPlaces, self.numbers, self.walked) = (carriedPlaces, numbers, walked)
    (self.held, self.paths) = (held, paths)
  }

  private typealias Places = [(entry: ReportedValues.Entry, places: Range<Int>)]

  /// Whether there is nothing to carry and nothing to report.
  var isEmpty: Bool { carried.isEmpty && numbers.isEmpty && walked.isEmpty }
  /// The values of carried statistics before the loop.
  var before: [Tensor] { carried.map(\.before) }

  /// The types of what a number is added up in where nobody knows how many steps there are: a metric's reports are counted.
  func sumTypes(of number: (entry: ReportedValues.Entry, places: Range<Int>)) -> [TensorType] {
    let type = whole.type(of: whole.outputs[number.places.lowerBound])
    return [TensorType](repeating: type, count: number.entry.uncounted.valueCount)
  }

  /// What one step adds to those sums.
  func terms(of number: (entry: ReportedValues.Entry, places: Range<Int>), _ outputs: [Symbol]) -> [Symbol] {
    let values = Array(outputs[number.places])
    guard case .metric(let reports?) = number.entry.kind else { return values }
    return values + [values[0].constant(reports)]
  }

  /// Writes the step: its results and what is reported, and the next values of what is carried.
  func write(
    _ builder: GraphBuilder, _ arguments: [Symbol], carried values: [Symbol], captured: [Symbol]
  ) -> (outputs: [Symbol], carried: [Symbol]) {
    let outputs = builder.inline(whole, arguments + values + captured)
    return (outputs, zip(carriedPlaces, values).map { place, value in place.map { outputs[$0] } ?? value })
  }

  /// Reports what is carried as the last step left it.
  func report(state: [Tensor], carried values: [Tensor]) {
    for (entry, place) in held { entry.report([state[place]], of: leaves) }
    for (index, value) in values.enumerated() { paths[index]?.report([value], of: leaves) }
  }

  /// Reports what each step gave by itself, along a first axis.
  func report(_ stacked: [Tensor], of entry: ReportedValues.Entry, length: Int) {
    switch entry.kind {
    case .statistic: entry.report(stacked, of: leaves)
    case .loss, .metric: entry.times(length).report(stacked.map { $0.sum(axes: [0]) }, of: leaves)
    }
  }

  /// Reports a number that the steps have added up, where nobody knew how many there would be.
  func report(sums: [Tensor], of entry: ReportedValues.Entry) { entry.uncounted.report(sums, of: leaves) }
}

extension ReportedValues.Entry {
  /// The same number after so many times as many reports.
  func times(_ count: Int) -> Self {
    guard case .metric(let reports?) = kind else { return self }
    return Self(name: name, kind: .metric(reports: reports * Double(count)), isTraining: isTraining)
  }

  /// The same number where its reports are counted when the function runs.
  var uncounted: Self {
    guard case .metric = kind else { return self }
    return Self(name: name, kind: .metric(reports: nil), isTraining: isTraining)
  }
}
