import DescentGraph
import Foundation

/// Trials of settings in search of the best, and what came of them.
///
/// ```swift
/// let study = try Study("digits", minimizing: "error", by: .random(seed: 1))
/// let report = try study.run(trials: 60, workers: 2) { trial in
///   let rate = trial.real("learningRate", 1e-5...1e-1, scale: .logarithmic)
///   return try error(of: train(rate) { epoch, loss in try trial.report(loss, at: epoch) })
/// }
/// print(report.best)
/// ```
///
/// A study of a name that its storage holds goes on where it was. The same method with the same seed gives the same trials,
/// whatever the number of workers, and also where the study was killed and goes on.
public final class Study: Sendable {
  /// Its name in its storage.
  public let name: String
  /// What it looks for.
  public let objectives: [StudyObjective]
  /// Its space, `nil` where that is found as trials run.
  public let space: Space?
  /// In which order results count.
  public let order: ResultOrder
  /// Where its trials are kept.
  public let storage: any TrialStorage
  /// The method that chooses settings.
  public let sampler: any Sampler
  /// The rule that ends trials early.
  public let pruner: any Pruner
  /// After how many seconds without a sign of life a worker counts as dead, and others take its trials over.
  public let silence: Double
  /// How often a trial is begun at most, where workers die.
  public let attempts: Int

  let id: Int
  let worker = WorkerName.ofStudy()
  let ledger: Ledger
  private let drawer: SettingsDrawer
  /// Trials that were handed out and have not been told.
  let handedOut = HandedOut()
  private let heart = Heart()

  /// Makes a study of one or more objectives, or goes on with one.
  ///
  /// - Parameters:
  ///   - name: Its name, which tells it from others in its storage.
  ///   - storage: Where its trials are kept.
  ///   - space: The space where it is declared; otherwise trials ask for what they need.
  ///   - objectives: What is looked for, such as `[.minimizing("error"), .maximizing("speed")]`.
  ///   - sampler: The method that chooses settings.
  ///   - pruner: The rule that ends trials early.
  ///   - order: In which order results count.
  ///   - silence: After how many seconds without a sign of life a worker counts as dead.
  ///   - attempts: How often a trial is begun at most, where workers die.
  /// - Throws: `SearchError` where the space or the method makes no sense, or the storage has a study of this name with
  ///   other objectives or another space; what the storage throws.
  public init(
    _ name: String = "study", storage: some TrialStorage = .memory, over space: Space? = nil,
    objectives: [StudyObjective], by sampler: some Sampler, pruning pruner: some Pruner = .none,
    order: ResultOrder = .byNumber, silence: Double = 60, attempts: Int = 3
  ) throws {
    let names = objectives.map(\.name)
    guard !names.isEmpty else { throw SearchError(name, "a study needs an objective") }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw SearchError(name, "two objectives are called \(twice)")
    }
    guard !name.isEmpty else { throw SearchError("study", "a study needs a name") }
    guard silence > 0, attempts >= 1 else {
      throw SearchError(name, "a silence of \(silence) seconds and \(attempts) attempts, which have to be above 0")
    }
    try space?.check()
    try sampler.check(space, objectives: objectives.count)
    try pruner.check()
    guard objectives.count == 1 || pruner is NoPruner else {
      throw SearchError(
        name,
        "\(pruner.name) compares values of one objective, and there are \(objectives.count): \(names.joined(separator: ", "))"
      )
    }
    let method = sampler.name + (pruner is NoPruner ? "" : ", \(pruner.name)")
    let record = try storage.openStudy(
      StudyDescription(name: name, objectives: objectives, space: space, method: method))
    let kept = record.description
    guard kept.objectives == objectives else {
      let words = { (all: [StudyObjective]) in all.map(\.description).joined(separator: ", ") }
      throw SearchError(
        name,
        "the study in \(storage.name) is \(words(kept.objectives)), and \(words(objectives)) was asked for; "
          + "give this one another name")
    }
    if let space, let other = kept.space, other != space {
      throw SearchError(
        name,
        "the study in \(storage.name) has another space: \(Self.difference(other, space)); give this one another name")
    }
    self.name = name
    self.objectives = objectives
    let space = space ?? kept.space
    self.space = space
    self.order = order
    self.storage = storage
    self.sampler = sampler
    self.pruner = pruner
    self.silence = silence
    self.attempts = attempts
    id = record.id
    ledger = Ledger(storage, study: record.id)
    drawer = SettingsDrawer(sampler: sampler, space: space, objectives: objectives)
  }

  /// Makes a study in search of the smallest value of one objective; see
  /// `init(_:storage:over:objectives:by:pruning:order:silence:attempts:)`.
  public convenience init(
    _ name: String = "study", storage: some TrialStorage = .memory, over space: Space? = nil,
    minimizing objective: String, by sampler: some Sampler, pruning pruner: some Pruner = .none,
    order: ResultOrder = .byNumber
  ) throws {
    try self.init(
      name, storage: storage, over: space, objectives: [.minimizing(objective)], by: sampler, pruning: pruner,
      order: order)
  }

  /// Makes a study in search of the largest value of one objective; see
  /// `init(_:storage:over:objectives:by:pruning:order:silence:attempts:)`.
  public convenience init(
    _ name: String = "study", storage: some TrialStorage = .memory, over space: Space? = nil,
    maximizing objective: String, by sampler: some Sampler, pruning pruner: some Pruner = .none,
    order: ResultOrder = .byNumber
  ) throws {
    try self.init(
      name, storage: storage, over: space, objectives: [.maximizing(objective)], by: sampler, pruning: pruner,
      order: order)
  }

  private static func difference(_ kept: Space, _ asked: Space) -> String {
    for parameter in kept.parameters {
      guard let other = asked.parameters.first(where: { $0.name == parameter.name }) else {
        return "it has \(parameter.name), \(parameter.domain)"
      }
      guard other == parameter else {
        return "its \(parameter.name) is \(parameter.domain), and \(other.domain) was asked for"
      }
    }
    let names = Set(kept.parameters.map(\.name))
    if let more = asked.parameters.first(where: { !names.contains($0.name) }) { return "it has no \(more.name)" }
    return "its constraints or its order are others"
  }

  /// All trials so far, by their numbers.
  ///
  /// - Throws: What the storage throws.
  public func trials() throws -> [TrialRecord] { try ledger.refresh().records }

  /// Wishes for a trial: the next one takes these values, of parameters that it asks for, and leaves the others to the method.
  ///
  /// Wishes belong to the trials that follow those that were begun already. Values that a parameter cannot have are left
  /// out.
  /// - Returns: The trial's number.
  /// - Throws: `SearchError` where a declared space has no parameter of a name, or not with this value; what the storage
  ///   throws.
  @discardableResult public func enqueue(_ wishes: Settings) throws -> Int {
    guard sampler.trialCount(in: space) == nil else {
      throw SearchError(name, "\(sampler.name) tries every setting by itself, and takes no wishes")
    }
    if let space {
      for (name, setting) in wishes.sorted(by: { $0.key < $1.key }) {
        guard let domain = space.domains[name] else {
          throw SearchError(
            name, "the space has no such parameter; it has \(space.parameters.map(\.name).joined(separator: ", "))")
        }
        guard domain.contains(setting) else { throw SearchError(name, "\(setting) is not in \(domain)") }
      }
      if wishes.count == space.parameters.count, !space.allows(wishes) {
        throw SearchError("space", "the wishes are not allowed by its constraints")
      }
    }
    return try storage.enqueue(wishes, in: id)
  }
}

/// Trials that were handed out and have not been told, by their numbers.
final class HandedOut: Sendable {
  let all = Guarded<[Int: Trial]>([:])
}

// What trials ask for.
extension Study {
  /// How many trials have to have ended before a trial can begin.
  private func needed(for number: Int) -> Int {
    let compared = pruner.width.map { number - max($0, 1) + 1 } ?? 0
    return min(max(sampler.seen(by: number), compared, 0), number)
  }

  /// The number below which trials can begin.
  func limit(_ state: Ledger.State, _ trials: Int) -> Int {
    guard order == .byNumber else { return trials }
    var number = state.firstOpen
    // A little farther than what exists, since others may begin some in the meantime.
    let last = min(trials, state.records.count + 64)
    while number < last, needed(for: number) <= state.firstOpen { number += 1 }
    return number
  }

  /// The next trial, `nil` where none can begin.
  func begin(below trials: Int, by worker: String) throws -> Trial? {
    try ledger.refresh()
    let most = ledger.read { limit($0, trials) }
    guard let record = try storage.claimTrial(of: id, below: most, by: worker) else { return nil }
    do {
      let records = try ledger.refresh().records
      var (view, drawn) =
        switch order {
        case .byNumber: try drawer.prepare(record.number, records)
        case .asTheyCome: try drawer.prepareAsTheyCome(record.number, records)
        }
      if order == .byNumber {
        let count = pruner.width.map { max(record.number - max($0, 1) + 1, 0) } ?? 0
        view.comparison = History(
          isMinimized: objectives.map(\.isMinimized), ended: Array(records.prefix(count)), space: space)
      }
      let trial = Trial(record, of: self, view: view, drawn: drawn)
      if let space {
        let domains = space.domains.filter { drawn[$0.key] != nil }
        trial.state.withLock { state in
          (state.domains, state.settings) = (domains, drawn)
          state.unwritten = space.parameters.filter { drawn[$0.name] != nil }
        }
        try write(trial)
      }
      handedOut.all.withLock { $0[trial.number] = trial }
      if storage.isShared {
        let (handedOut, storage, id) = (handedOut, storage, id)
        heart.begin(
          every: min(silence / 6, 10), trials: { handedOut.all.withLock { $0.values.map { ($0.number, $0.worker) } } }
        ) { try storage.heartbeat(of: [$0], in: id, by: $1) }
      }
      return trial
    } catch {
      // Given back: a method that fails once is not to cost a trial.
      try? storage.release(record.number, in: id, by: worker)
      throw error
    }
  }

  /// A parameter's value for a trial.
  func draw(_ name: String, _ domain: Domain, for trial: Trial) throws -> Setting {
    if let declared = space?.domains[name], declared != domain {
      throw SearchError(name, "trial \(trial.number) asks for \(domain), and the space declares \(declared)")
    }
    try ledger.check(name, domain, of: trial.number)
    if let wish = trial.wish(name, domain) { return wish }
    let (drawn, settings) = trial.state.withLock { ($0.drawn, $0.settings) }
    if let known = drawn[name], domain.contains(known) { return known }
    guard let view = trial.view else { return domain.setting(at: []) }
    let others = drawn.merging(settings) { _, own in own }
    let later = try drawer.later(name, domain, for: trial.number, view, with: others)
    trial.state.withLock { $0.drawn.merge(later) { known, _ in known } }
    return later[name] ?? domain.setting(at: [])
  }

  /// Writes down the parameters that a trial has asked for.
  func write(_ trial: Trial) throws {
    let (parameters, settings) = trial.takeUnwritten()
    guard !parameters.isEmpty else { return }
    try storage.set(parameters, to: settings, of: trial.number, in: id, by: trial.worker)
  }

  func report(_ value: Double, at step: Int, of trial: Trial) throws {
    try write(trial)
    try storage.report(value, at: step, of: trial.number, in: id, by: trial.worker)
    guard !(pruner is NoPruner) else { return }
    let history: History
    if let comparison = trial.view?.comparison {
      history = comparison
    } else {
      let records = try ledger.refresh().records
      history = History(
        isMinimized: objectives.map(\.isMinimized), ended: records.filter(\.state.isEnded),
        pending: records.filter { $0.state == .running && $0.number != trial.number }, space: space)
    }
    if let reason = pruner.reason(toPrune: trial.record, at: step, given: history) {
      throw TrialPruned(trial: trial.number, step: step, reason: "\(pruner.name): \(reason)")
    }
  }

  func note(_ text: String, as name: String, of trial: Trial) throws {
    try write(trial)
    try storage.note(text, as: name, of: trial.number, in: id, by: trial.worker)
  }
}
