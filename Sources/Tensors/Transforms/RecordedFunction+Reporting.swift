import DescentGraph

extension RecordedFunction {
  /// What becomes of running statistics, losses and metrics that layers report while a function is recorded.
  enum Reporting {
    /// They are left out: the function is a rule that is looked at, and no pass of its own.
    case leftOut
    /// They go on to the pass around.
    case handedOn
    /// They go on to the pass around, which must take the statistics of the arguments, and losses of a pass for training: who
    /// differentiates a model trains it.
    case handedOnToTrainer(in: String)
    /// They are a mistake, in the operation named.
    case refused(in: String)
  }
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
    if case .leftOut = self { return [] }
    let run = Run.current
    var kept: [(entry: ReportedValues.Entry, values: [Tensor])] = []
    for statistic in reports.statistics {
      let leaf = identities.firstIndex(of: statistic.identity)
      let receiver = ReportedValues.Entry.Statistic(
        leaf: leaf, identity: leaf == nil ? statistic.identity : nil, before: leaf == nil ? statistic.before : nil)
      try refuse(statistic)
      if run.receives(receiver.identity(among: leaves)) {
        let entry = ReportedValues.Entry(
          name: statistic.path, kind: .statistic(receiver), isTraining: statistic.isTraining)
        kept.append((entry, [statistic.value]))
      } else if statistic.isTraining {
        try miss(.statistic(statistic.identity, path: statistic.path), identities, leaves)
      }
    }
    for number in reports.numbers {
      if run.takesNumbers {
        try refuse(number)
        kept.append((ReportedValues.Entry(number), number.values))
      } else if number.isTraining, number.kind == .loss {
        try miss(.loss(number.name), identities, leaves)
      }
    }
    for missed in reports.missed { try miss(missed, identities, leaves) }
    return kept
  }

  /// Tells of what nobody takes: at once where whoever differentiates would miss it, else to the pass around, which may be
  /// part of such a function.
  private func miss(
    _ missed: RunReports.Missed, _ identities: [Parameter.Identity], _ leaves: [ModelTree.Leaf]
  ) throws {
    switch (self, missed) {
    case (.leftOut, _), (.refused, _): return
    case (.handedOnToTrainer(let operation), .loss(let name)):
      throw TensorError(
        operation,
        "the loss '\(name)' that a layer reports would get lost; collect it within the function by"
          + " collectingReports { … }, and add it by total(with:)")
    case (.handedOnToTrainer(let operation), .statistic(let identity, let path)) where identities.contains(identity):
      throw TensorError(
        operation,
        "the new value of '\(path)', a running statistic of the model that is differentiated, would get lost;"
          + " call this within training(model, seed:) { model in … }, which gives the model back with it")
    case (_, .loss): Run.current.report(missed)
    case (_, .statistic(let identity, let path)):
      // A model that only takes part, such as a teacher, stays as it is.
      let outside = identities.firstIndex(of: identity).map { leaves[$0].identity } ?? identity
      if let outside { Run.current.report(.statistic(outside, path: path)) }
    }
  }

  private func refuse(_ statistic: RunReports.Statistic) throws {
    guard case .refused(let operation) = self else { return }
    throw TensorError(
      operation,
      "'\(statistic.path)' is a running statistic that is updated inside, where no new value can come out; use the"
        + " layer outside, or for inference")
  }

  private func refuse(_ number: ReportedNumber) throws {
    guard case .refused(let operation) = self else { return }
    throw TensorError(
      operation,
      "the \(number.kind.rawValue) '\(number.name)' is reported inside, where it cannot come out; report it outside")
  }
}
