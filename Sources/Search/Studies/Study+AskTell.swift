import DescentTypes

extension Study {
  /// The next trial, for a loop of one's own: tell what comes of it.
  ///
  /// ```swift
  /// let trial = try study.ask()
  /// try study.tell(trial, measure(trial.real("x", -5...10)))
  /// ```
  /// - Throws: `SearchError` where results of earlier trials have to be told first, or nothing is left to try; what the
  ///   method or the storage throws.
  public func ask() throws -> Trial {
    let most = sampler.trialCount(in: space) ?? .max
    if let trial = try begin(below: most, by: "\(worker).0") { return trial }
    let state = try ledger.refresh()
    let open = state.records.filter { !$0.state.isEnded }.map(\.number)
    guard state.records.count < most || !open.isEmpty else {
      throw SearchError(name, "all \(most) settings of \(sampler.name) have been tried")
    }
    throw SearchError(
      name,
      "trial \(state.records.count) needs the results of those before it: tell what came of \(Self.list(open)) first, "
        + "or make the study with order: .asTheyCome")
  }

  static func list(_ numbers: [Int]) -> String {
    (numbers.count == 1 ? "trial " : "trials ") + numbers.prefix(8).map { "\($0)" }.joined(separator: ", ")
      + (numbers.count > 8 ? " and \(numbers.count - 8) more" : "")
  }

  /// Tells what a trial has measured.
  ///
  /// - Throws: `SearchError` where the trial was told before, gives another number of values than there are objectives, or
  ///   a mistake was made in it; what the storage throws.
  public func tell(_ trial: Trial, _ result: some TrialResult) throws {
    try end(trial, Result { try result.trialValues() })
  }

  /// Tells that a trial has failed.
  public func tell(_ trial: Trial, failed reason: String) throws {
    try end(trial, .failure(SearchError("trial \(trial.number)", reason)))
  }

  /// Tells that a trial was ended early: its `report` threw this.
  public func tell(_ trial: Trial, pruned reason: TrialPruned) throws { try end(trial, .failure(reason)) }

  private func end(_ trial: Trial, _ result: Result<[Double], any Error>) throws {
    guard trial.study === self else { throw SearchError("trial \(trial.number)", "it is not of the study \(name)") }
    guard trial.markTold() else { throw SearchError("trial \(trial.number)", "it was told before") }
    try finish(trial, result)
  }

  /// Writes down how a trial ended.
  ///
  /// - Returns: How it ended, `nil` where it was not this worker's any more.
  /// - Throws: A mistake that ends the study, or what the storage throws.
  @discardableResult func finish(_ trial: Trial, _ result: Result<[Double], any Error>) throws -> TrialOutcome? {
    let violations = trial.state.withLock { $0.violations }
    var mistake = trial.state.withLock { $0.mistake }
    var outcome: TrialOutcome
    switch result {
    case .success(let values):
      outcome = TrialOutcome(.complete, values: values)
      if values.count != objectives.count {
        let words = objectives.map(\.name).joined(separator: ", ")
        mistake =
          mistake
          ?? SearchError(
            name, "trial \(trial.number) gave \(values.count) values for \(objectives.count) objectives: \(words)")
      } else if let place = values.firstIndex(where: \.isNaN) {
        outcome = TrialOutcome(.failed, message: "\(objectives[place].name) is not a number")
      }
    case .failure(let error as TrialPruned): outcome = TrialOutcome(.pruned, message: error.reason)
    case .failure(let error as SearchError) where error.subject == "trial \(trial.number)":
      outcome = TrialOutcome(.failed, message: error.message)
    case .failure(let error): outcome = TrialOutcome(.failed, message: "\(error)".onOneLine)
    }
    if let mistake { outcome = TrialOutcome(.failed, message: "\(mistake)".onOneLine) }
    outcome.violations = violations
    handedOut.all.withLock { $0[trial.number] = nil }
    do {
      try write(trial)
      try storage.finish(trial.number, in: id, with: outcome, by: trial.worker)
    } catch let error as SearchError {
      // Others have taken it over while this process was silent: what they find counts.
      let records = try ledger.refresh().records
      guard records.indices.contains(trial.number), records[trial.number].worker != trial.worker else { throw error }
      return nil
    }
    if let mistake { throw mistake }
    return outcome
  }
}
