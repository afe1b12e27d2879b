import DescentGraph

/// A strategy that was told the trials of a history.
struct Replay: Sendable {
  let parameters: [Space.Parameter]
  let isMinimized: [Bool]
  var strategy: any EvolutionStrategy<Settings>
  /// The number of the first trial of the present generation.
  var start = 0
  /// The trials that were gone through, up to the end of the last generation that was told.
  var told: [TrialRecord] = []

  init(_ space: [(name: String, domain: Domain)], _ history: History, _ make: EvolutionSampler.Make) throws {
    parameters = space.map { Space.Parameter($0.name, $0.domain) }
    isMinimized = history.isMinimized
    strategy = try make(space)
  }

  /// Whether it was made for these parameters and told the first of these trials.
  func begins(_ space: [Space.Parameter], _ history: History) -> Bool {
    parameters == space && isMinimized == history.isMinimized && told.count <= history.ended.count
      && told.elementsEqual(history.ended.prefix(told.count))
  }

  /// Goes through the trials that have ended since, and tells each generation that is complete.
  mutating func advance(_ history: History) throws {
    var generation: [TrialRecord] = []
    var isChanged = false
    for position in told.count..<history.ended.count {
      let record = history.ended[position]
      guard isRelevant(record) else { continue }
      generation.append(record)
      guard generation.count == strategy.populationSize else { continue }
      try tell(generation)
      start = max(start, (generation.map(\.number).max() ?? -1) + 1)
      generation = []
      told += history.ended[told.count...position]
      isChanged = true
    }
    if isChanged { told = Array(history.ended.prefix(told.count)) }
  }

  /// Whether a trial had the parameters, or came to an end before it asked for them.
  private func isRelevant(_ record: TrialRecord) -> Bool {
    record.state != .complete || hasAll(record)
  }

  private func hasAll(_ record: TrialRecord) -> Bool {
    parameters.allSatisfy { record.settings[$0.name] != nil && record.domains[$0.name] == $0.domain }
  }

  private mutating func tell(_ generation: [TrialRecord]) throws {
    var (own, foreign) = ([Evaluated<Settings>](), [Evaluated<Settings>]())
    for record in generation {
      let index = record.number - start
      let outcome = outcome(of: record)
      let asked = strategy.individual(max(index, 0))
      var settings: Settings = [:]
      for parameter in parameters { settings[parameter.name] = record.settings[parameter.name] }
      if index >= 0, settings == asked || !hasAll(record) {
        own.append(Evaluated(asked, outcome, index: index))
      } else {
        foreign.append(Evaluated(hasAll(record) ? settings : asked, outcome))
      }
    }
    try strategy.advance(own.sorted { ($0.index ?? 0) < ($1.index ?? 0) } + foreign)
  }

  private func outcome(of record: TrialRecord) -> Outcome {
    var values = record.values
    switch record.state {
    case .complete: break
    case .pruned: values = record.reports.max { $0.key < $1.key }.map { [$0.value] } ?? []
    case .failed, .running, .waiting: values = []
    }
    guard values.count == isMinimized.count else { return Outcome([]) }
    return Outcome(zip(values, isMinimized).map { $1 ? $0 : -$0 }, violation: record.totalViolation)
  }
}

/// The replays that were asked for last, so that a trial costs what it adds to the history; they change no answer.
final class ReplayMemory: Sendable {
  private static let most = 8
  private let replays = Guarded<[Replay]>([])

  func replay(
    of space: [(name: String, domain: Domain)], _ history: History, _ make: EvolutionSampler.Make
  ) throws -> Replay {
    let parameters = space.map { Space.Parameter($0.name, $0.domain) }
    let known = replays.withLock { $0 }
    let longest = known.filter { $0.begins(parameters, history) }.max { $0.told.count < $1.told.count }
    var replay = try longest ?? Replay(space, history, make)
    let before = replay.told.count
    try replay.advance(history)
    guard longest == nil || replay.told.count > before else { return replay }
    let found = replay
    replays.withLock { replays in
      replays.append(found)
      if replays.count > Self.most { replays.removeFirst() }
    }
    return replay
  }
}
