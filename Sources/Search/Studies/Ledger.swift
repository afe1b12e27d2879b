import DescentGraph

/// The trials of a study as this process has last seen them.
final class Ledger: Sendable {
  struct State {
    /// The trials by their numbers.
    var records: [TrialRecord] = []
    /// The number of the first trial that has not ended: those before it never change.
    var firstOpen = 0
    /// The domain of each parameter, with the trial that had it first.
    var domains: [String: (domain: Domain, trial: Int)] = [:]
  }

  private let storage: any TrialStorage
  private let study: Int
  private let state = Guarded(State())

  init(_ storage: any TrialStorage, study: Int) { (self.storage, self.study) = (storage, study) }

  /// Asks the storage what is new.
  @discardableResult func refresh() throws -> State {
    let first = state.withLock { $0.firstOpen }
    let news = try storage.trials(of: study, from: first)
    return state.withLock { state in
      // Another thread may have come further in the meantime.
      guard first + news.count >= state.records.count else { return state }
      let known = state.firstOpen
      for record in news where record.number >= known {
        if record.number < state.records.count {
          state.records[record.number] = record
        } else if record.number == state.records.count {
          state.records.append(record)
        }
      }
      while state.firstOpen < state.records.count, state.records[state.firstOpen].state.isEnded {
        for (name, domain) in state.records[state.firstOpen].domains where state.domains[name] == nil {
          state.domains[name] = (domain, state.firstOpen)
        }
        state.firstOpen += 1
      }
      return state
    }
  }

  /// Looks at the trials as they were last seen, without a copy of them.
  func read<Result: Sendable>(_ body: (State) throws -> Result) rethrows -> Result {
    try state.withLock { try body($0) }
  }

  /// Refuses a parameter that had another domain in an earlier trial.
  func check(_ name: String, _ domain: Domain, of trial: Int) throws {
    let before = state.withLock { state in
      if state.domains[name] == nil { state.domains[name] = (domain, trial) }
      return state.domains[name]
    }
    guard let before, before.domain != domain else { return }
    throw SearchError(
      name,
      "trial \(trial) asks for \(domain), and trial \(before.trial) has asked for \(before.domain); another range needs another name"
    )
  }
}
