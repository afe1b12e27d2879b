import DescentGraph

/// Asks the method for the settings of trials, as far as these can be known before a trial runs.
///
/// What a trial sees of those that run beside it are the settings that the method chose for them before they began: they
/// can be found again from the trials that had ended then, in any process and in any order.
final class SettingsDrawer: Sendable {
  private struct Memory {
    /// The settings that were chosen before a trial began, by its number.
    var drawn: [Int: Settings] = [:]
    var groups = ParameterGroups()
    /// The trials before a number, all of which have ended: a generation's trials share them.
    var ended: (count: Int, records: [TrialRecord]) = (0, [])
  }

  /// The most numbers of trials whose settings are remembered; others are found again.
  private static let mostRemembered = 4_096

  let sampler: any Sampler
  let space: Space?
  let objectives: [StudyObjective]
  private let memory = Guarded(Memory())

  init(sampler: any Sampler, space: Space?, objectives: [StudyObjective]) {
    (self.sampler, self.space, self.objectives) = (sampler, space, objectives)
  }

  /// What the method sees of a study that keeps to its order, and the settings that it chooses before the trial begins.
  ///
  /// - Parameter records: The trials by their numbers, up to this one at least.
  func prepare(_ number: Int, _ records: [TrialRecord]) throws -> (TrialView, Settings) {
    try memory.withLock { memory in
      let view = try view(of: number, records, &memory)
      return (view, try drawn(number, records, view, &memory))
    }
  }

  /// The same, of a study that sees trials as they come.
  func prepareAsTheyCome(_ number: Int, _ records: [TrialRecord]) throws -> (TrialView, Settings) {
    let ended = records.filter(\.state.isEnded).sorted {
      ($0.end ?? .distantPast, $0.number) < ($1.end ?? .distantPast, $1.number)
    }
    let pending = records.filter { $0.state == .running && $0.number != number }
    var groups = ParameterGroups()
    groups.add(ended)
    let history = History(
      isMinimized: objectives.map(\.isMinimized), ended: ended, pending: pending, space: space)
    let view = TrialView(history: history, comparison: nil, groups: space == nil ? groups.all : [])
    let wishes = records.indices.contains(number) ? records[number].wishes : [:]
    return (view, try chosen(number, view, common: space == nil ? groups.common : [], wishes))
  }

  private func view(of number: Int, _ records: [TrialRecord], _ memory: inout Memory) throws -> TrialView {
    let seen = min(sampler.seen(by: number), number, records.count)
    try look(at: seen, records, &memory)
    let groups = space == nil ? memory.groups.all : []
    var pending: [TrialRecord] = []
    let domains = space?.domains ?? [:]
    // A method to which results do not matter does not look at what others try either.
    for other in seen..<(sampler.width == nil ? seen : number) {
      let settings = try remembered(other, records, &memory)
      var own: [String: Domain] = [:]
      for name in settings.keys { own[name] = domains[name] ?? domain(of: name, groups) }
      pending.append(TrialRecord(number: other, domains: own, settings: settings))
    }
    // What was looked at for trials before this one may have been fewer.
    try look(at: seen, records, &memory)
    if memory.ended.count != seen { memory.ended = (seen, Array(records.prefix(seen))) }
    let history = History(
      isMinimized: objectives.map(\.isMinimized), ended: memory.ended.records, pending: pending, space: space)
    return TrialView(history: history, comparison: nil, groups: groups)
  }

  private func domain(of name: String, _ groups: [[Space.Parameter]]) -> Domain? {
    for group in groups { if let found = group.first(where: { $0.name == name }) { return found.domain } }
    return nil
  }

  private func look(at seen: Int, _ records: [TrialRecord], _ memory: inout Memory) throws {
    guard space == nil else { return }
    if memory.groups.seen > seen { memory.groups = ParameterGroups() }
    memory.groups.add(records[memory.groups.seen..<seen])
  }

  /// The settings that were chosen before another trial began.
  private func remembered(_ number: Int, _ records: [TrialRecord], _ memory: inout Memory) throws -> Settings {
    if let known = memory.drawn[number] { return known }
    let seen = min(sampler.seen(by: number), number, records.count)
    try look(at: seen, records, &memory)
    // What the trial has written down holds them, where it has written all of it.
    guard records.indices.contains(number) else {
      throw SearchError("trial \(number)", "the storage does not hold it")
    }
    let record = records[number]
    if let space {
      let domains = space.domains
      let own = record.settings.filter { domains[$0.key] != nil }
      if space.contains(own) { return own }
    } else {
      let common = memory.groups.common
      if common.allSatisfy({ record.domains[$0.name] == $0.domain }) {
        let names = Set(common.map(\.name))
        return record.settings.filter { names.contains($0.key) }
      }
    }
    return try drawn(number, records, try view(of: number, records, &memory), &memory)
  }

  private func drawn(
    _ number: Int, _ records: [TrialRecord], _ view: TrialView, _ memory: inout Memory
  ) throws -> Settings {
    if let known = memory.drawn[number] { return known }
    let wishes = records.indices.contains(number) ? records[number].wishes : [:]
    let settings = try chosen(number, view, common: space == nil ? memory.groups.common : [], wishes)
    if memory.drawn.count >= Self.mostRemembered { memory.drawn = [:] }
    memory.drawn[number] = settings
    return settings
  }

  private func chosen(
    _ number: Int, _ view: TrialView, common: [Space.Parameter], _ wishes: Settings
  ) throws -> Settings {
    guard let space else {
      var settings: Settings = [:]
      try add(common, for: number, view.history, wishes, to: &settings)
      return settings
    }
    var settings: Settings = [:]
    var left = space.parameters
    let domains = space.domains
    while let first = left.first {
      // Conditions speak of parameters before them, so that those of the first one are known.
      let unknown = Set(left.map(\.name))
      let group = left.filter {
        $0.condition == first.condition && $0.condition?.names.isDisjoint(with: unknown) ?? true
      }
      let names = Set(group.map(\.name))
      left.removeAll { names.contains($0.name) }
      guard first.condition?.holds(settings, in: domains) ?? true else { continue }
      try add(group, for: number, view.history, wishes, to: &settings)
    }
    guard !space.allows(settings) else { return settings }
    return try space.allowed(nearest: settings, wishes, for: number, method: sampler.name)
  }

  /// Adds the values of parameters that are chosen together.
  private func add(
    _ group: [Space.Parameter], for number: Int, _ history: History, _ wishes: Settings, to settings: inout Settings
  ) throws {
    guard !group.isEmpty else { return }
    let wished = group.allSatisfy { wishes[$0.name].map($0.domain.contains) ?? false }
    let joint = wished ? [:] : try sampler.settings(of: number, in: group.map { ($0.name, $0.domain) }, given: history)
    for parameter in group {
      let (name, domain) = (parameter.name, parameter.domain)
      if let wish = wishes[name], domain.contains(wish) {
        settings[name] = wish
      } else {
        settings[name] = try checked(
          try joint[name]
            ?? sampler.setting(of: name, in: domain, for: number, with: settings, given: history), name, domain)
      }
    }
  }

  /// The value of a parameter that was not known before the trial began, and of those that belong to it.
  func later(
    _ name: String, _ domain: Domain, for number: Int, _ view: TrialView, with others: Settings
  ) throws -> Settings {
    if let group = view.groups.first(where: { $0.contains { $0.name == name && $0.domain == domain } }) {
      let left = group.filter { others[$0.name] == nil }
      let joint = try sampler.settings(of: number, in: left.map { ($0.name, $0.domain) }, given: view.history)
      if joint[name] != nil {
        var settings: Settings = [:]
        for parameter in left {
          guard let setting = joint[parameter.name] else { continue }
          settings[parameter.name] = try checked(setting, parameter.name, parameter.domain)
        }
        return settings
      }
    }
    let setting = try sampler.setting(of: name, in: domain, for: number, with: others, given: view.history)
    return [name: try checked(setting, name, domain)]
  }

  private func checked(_ setting: Setting, _ name: String, _ domain: Domain) throws -> Setting {
    guard domain.contains(setting) else {
      throw SearchError(name, "\(sampler.name) chose \(setting), which is not in \(domain)")
    }
    return setting
  }
}
