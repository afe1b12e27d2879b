import DescentTensors

/// What is asked of a search, beside the function and its start.
struct Request {
  var search: Search
  var set: FeasibleSet
  var checksSecondOrder: Bool
}

/// What a search found, in numbers.
struct Finding {
  var outcome: Search.Outcome
  var value: Double
  var gradientNorm: Double
  var secondOrder: SecondOrderCondition?
  var constraints: ConstraintReport?
  var notes: [String] = []
  /// The point within a function that is being recorded.
  var recorded: Tensor?

  /// The result in the user's terms.
  func minimum<Point: Sendable>(at point: Point, by method: MinimizationMethod) -> Minimum<Point> {
    Minimum(
      point: point, numbers: outcome.last.point, value: value, gradientNorm: gradientNorm,
      iterations: outcome.iterations, evaluations: outcome.counts, reason: outcome.reason, method: method.description,
      secondOrder: secondOrder, constraints: constraints, notes: notes, path: outcome.path)
  }
}

extension PointForm {
  /// The point that was found, ready to be put together.
  func cursor(_ finding: Finding) -> ArgumentList.Cursor {
    finding.recorded.map { cursor($0) } ?? cursor(finding.outcome.last.point)
  }
}

extension Request {
  typealias Constraints = (ArgumentList.Cursor) throws -> [Tensor]

  /// Looks for the minimum of a user's function.
  ///
  /// - Parameters:
  ///   - form: The form of its point.
  ///   - equalities: What is to be zero; `nil` where there is nothing.
  ///   - inequalities: What is not to be negative; `nil` where there is nothing.
  ///   - body: Calls the function, whose first result is its value.
  func finding(
    _ form: PointForm, equalities: Constraints?, inequalities: Constraints?,
    _ body: (ArgumentList.Cursor) throws -> ArgumentList
  ) throws -> (finding: Finding, function: FlatFunction) {
    let name = search.name
    let function = try FlatFunction(name, of: form, body)
    let objective = try RecordedObjective(
      function.trace, count: form.count, parameterUnit: form.roundingUnit, named: name, isMaximized: search.sign < 0)
    if function.isWithinRecording || form.isSymbolic {
      return (try recorded(function, equalities: equalities, inequalities: inequalities), function)
    }
    let numbers = try form.numbers()
    guard function.dependsOnPoint else {
      throw MinimizationError(
        name, "the function does not depend on the point", best: numbers,
        value: search.sign * (try objective.value(at: numbers)))
    }
    let region = try Region(set, count: form.count, places: form.places, names: form.names, of: name)
    let (start, notes) = moved(numbers, into: region)
    if equalities == nil, inequalities == nil {
      let outcome = try search.run(objective, from: start, in: region)
      return (try finding(outcome, objective, region, notes), function)
    }
    guard !checksSecondOrder else {
      throw TensorError(name, "the second-order condition is checked without equalities and inequalities only")
    }
    let lagrangian = AugmentedLagrangian(search: search, region: region, form: form)
    let found = try lagrangian.run(from: start) { x in
      func all(_ constraints: Constraints?) throws -> Tensor {
        let parts = try constraints?(form.cursor(x)) ?? []
        let flat = parts.map { $0.reshaped([$0.count]).converted(to: .float64) }
        return flat.isEmpty ? Tensor(zeros: [0], .float64) : concatenated(flat)
      }
      guard let value = try body(form.cursor(x)).tensors.first else {
        throw TensorError(name, "the function gives nothing")
      }
      return (value, try all(equalities), try all(inequalities))
    }
    var result = try finding(found.search, objective, region, notes)
    // The Lagrangian's value and the function's are the same where the constraints are met, up to their tolerance.
    result.value = search.sign * (try objective.value(at: found.search.last.point))
    result.outcome.counts.values += 1
    result.constraints = ConstraintReport(
      violation: found.violation, equalityMultipliers: scaled(found.equalities, by: search.sign),
      inequalityMultipliers: found.inequalities)
    return (result, function)
  }

  /// A minimum within a function that is being recorded, whose numbers are not known yet.
  private func recorded(
    _ function: FlatFunction, equalities: Constraints?, inequalities: Constraints?
  ) throws -> Finding {
    guard case .everywhere = set.kind, equalities == nil, inequalities == nil, !checksSecondOrder else {
      throw TensorError(
        search.name,
        "sets, constraints and the second-order condition are not possible within a function that is being recorded")
    }
    let minimizer = try RecordedMinimizer(
      function, stopping: search.stopping, isMaximized: search.sign < 0, named: search.name)
    let point = try minimizer.minimizer(from: function.form.vector())
    let outcome = Search.Outcome(
      last: Evaluation(point: [], value: .nan), iterations: 0, reason: .recorded, path: [])
    return Finding(outcome: outcome, value: .nan, gradientNorm: .nan, recorded: point)
  }

  /// Looks for the minimum of a numeric function.
  func finding(_ objective: any Objective, from numbers: [Double]) throws -> Finding {
    let region = try Region(set, count: numbers.count, places: [("", 0..<numbers.count)], of: search.name)
    let (start, notes) = moved(numbers, into: region)
    return try finding(try search.run(objective, from: start, in: region), objective, region, notes)
  }

  /// The nearest point within a region, and what is to be said of it.
  private func moved(_ numbers: [Double], into region: Region) -> (start: [Double], notes: [String]) {
    let start = region.project(numbers)
    let change = largestMagnitude(difference(start, numbers))
    guard change > 1e-12 * max(1, largestMagnitude(numbers)) else { return (start, []) }
    return (start, ["the start was outside of the set and was moved to the nearest point within"])
  }

  private func finding(
    _ outcome: Search.Outcome, _ objective: any Objective, _ region: Region, _ notes: [String]
  ) throws -> Finding {
    let last = outcome.last
    let gradient = last.gradient.isEmpty ? .nan : region.stationarity(at: last.point, last.gradient)
    var finding = Finding(outcome: outcome, value: search.sign * last.value, gradientNorm: gradient, notes: notes)
    if checksSecondOrder {
      guard region.isEverywhere || region.box != nil else {
        throw TensorError(search.name, "the second-order condition is checked everywhere and in boxes only")
      }
      finding.secondOrder = try SecondOrderCondition.check(
        objective, at: last, in: region, sign: search.sign, tolerance: search.stopping.gradient,
        counts: &finding.outcome.counts, of: search.name)
    }
    return finding
  }
}
