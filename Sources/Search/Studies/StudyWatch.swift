/// Watches for conditions at which a study ends. Trials count by their numbers, each when those before it have ended.
struct StudyWatch {
  private let stops: [StudyStop.Kind]
  /// The most seconds.
  let seconds: Double
  /// How many trials count, and the best of them.
  private var counted = 0
  private var best: TrialRecord?

  init(_ stops: [StudyStop]) {
    self.stops = stops.map(\.kind).filter { if case .seconds = $0 { false } else { true } }
    var least = Double.infinity
    for case .seconds(let seconds) in stops.map(\.kind) { least = min(least, seconds) }
    seconds = least
  }

  /// Why the study ends, `nil` where it goes on.
  mutating func end(of study: Study) throws -> StudyEnd? {
    guard !stops.isEmpty else { return nil }
    let state = try study.ledger.refresh()
    for number in counted..<max(counted, state.firstOpen) {
      best = StudyReport.best(state.records[number...number] + (best.map { [$0] } ?? []), study.objectives)
    }
    counted = max(counted, state.firstOpen)
    let sign = study.objectives[0].isMinimized ? 1.0 : -1.0
    for stop in stops {
      switch stop {
      case .seconds: continue
      case .target(let target):
        if let best, best.isFeasible, sign * best.values[0] <= sign * target { return .target }
      case .patience(let count):
        if let best, counted - 1 - best.number >= count { return .patience }
      case .condition(let holds): if holds(state.records.filter(\.state.isEnded)) { return .condition }
      }
    }
    return nil
  }
}
