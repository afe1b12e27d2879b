import Foundation

/// The tree-structured Parzen estimator: a density of the good trials and one of the others, and the next trial where the
/// first is large and the second small.
///
/// The densities are mixtures of a kernel around each trial and a wide one over the whole space. By default a kernel is one
/// of all parameters together, so that what goes well together is tried together. Trials that violate measured constraints
/// are not among the good ones before all that meet them; those that were pruned come after those that completed; those that
/// failed or are under way are among the others, so that a trial does not follow where another one is. With several
/// objectives, the good trials are those of the first fronts.
///
/// Source: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", 2011; defaults as in Optuna.
///
/// - Complexity: O(n·d) for each candidate, for n trials of d parameters.
public struct TPESampler: Sampler {
  /// What sets these trials apart from others.
  public var seed: UInt64
  /// How many trials, from the first, are drawn evenly.
  public var startup: Int
  /// How many settings are drawn from the density of the good trials, of which the best is taken.
  public var candidates: Int
  /// Whether a kernel is one of all parameters together; otherwise each parameter has densities of its own.
  public var isMultivariate: Bool
  /// How many trials may be asked for at a time.
  public var batch: Int

  /// Makes the method.
  ///
  /// - Parameters:
  ///   - seed: What sets these trials apart from others.
  ///   - startup: How many trials, from the first, are drawn evenly.
  ///   - candidates: How many settings are drawn, of which the best is taken.
  ///   - multivariate: Whether a kernel is one of all parameters together.
  ///   - batch: How many trials may be asked for at a time: as many workers have something to do.
  public init(
    seed: UInt64 = 0, startup: Int = 10, candidates: Int = 24, multivariate: Bool = true, batch: Int = 1
  ) {
    self.seed = seed
    self.startup = startup
    self.candidates = candidates
    isMultivariate = multivariate
    self.batch = batch
  }

  /// Such as `tpe(seed: 1)`.
  public var name: String { "tpe(seed: \(seed))" + (isMultivariate ? "" : ", each parameter alone") }

  /// As many as the batch.
  public var width: Int? { max(batch, 1) }

  /// All but those of the batch that are under way; the first trials need none.
  public func seen(by number: Int) -> Int {
    number < startup ? 0 : min(max(number - max(batch, 1) + 1, 0), number)
  }

  /// Refuses settings that make no sense.
  public func check(_ space: Space?, objectives: Int) throws {
    guard startup >= 1 else {
      throw SearchError("tpe", "\(startup) trials before the first model; at least 1 is needed")
    }
    guard (1...100_000).contains(candidates) else {
      throw SearchError("tpe", "\(candidates) candidates, where 1 to 100000 are possible")
    }
    guard batch >= 1 else { throw SearchError("tpe", "batches of \(batch) trials, where at least 1 is needed") }
  }

  /// How many of so many trials are good ones.
  static func goodCount(_ count: Int) -> Int { min(Int((0.1 * Double(count)).rounded(.up)), 25) }

  /// The parameters of a trial.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings {
    let allowed = history.space.flatMap { $0.constraints.isEmpty ? nil : $0 }
    if isMultivariate || allowed != nil {
      return try settings(of: number, in: space, with: [:], allowed, given: history)
    }
    var settings: Settings = [:]
    for parameter in space {
      let own = try self.settings(of: number, in: [parameter], with: [:], nil, given: history)
      settings[parameter.name] = own[parameter.name]
    }
    return settings
  }

  /// One parameter, from densities of its own.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    let settings = try settings(of: number, in: [(name, domain)], with: others, history.space, given: history)
    return settings[name] ?? domain.setting(nearest: [])
  }

  private func settings(
    of number: Int, in space: [(name: String, domain: Domain)], with others: Settings, _ allowed: Space?,
    given history: History
  ) throws -> Settings {
    var random = TrialRandom(seed: seed, trial: number, purpose: space.map(\.name).joined(separator: "\u{1f}"))
    func isAllowed(_ settings: [Setting]) -> Bool {
      guard let allowed else { return true }
      return allowed.allows(named(settings).merging(others) { own, _ in own })
    }
    func named(_ settings: [Setting]) -> Settings {
      Dictionary(zip(space.map(\.name), settings)) { first, _ in first }
    }
    let trials = RankedTrials(history, in: space)
    if number >= startup, trials.completed >= 1 {
      let good = Self.goodCount(trials.completed)
      let domains = space.map(\.domain)
      let low = ParzenMixture(domains, around: trials.inOrder(trials.ranked.prefix(good)))
      let high = ParzenMixture(domains, around: trials.inOrder(trials.ranked.dropFirst(good)) + trials.pending)
      var best: (settings: [Setting], gain: Double)?
      for _ in 0..<candidates {
        let drawn = low.draw(&random)
        guard isAllowed(drawn) else { continue }
        let gain = low.logDensity(drawn) - high.logDensity(drawn)
        if gain > best?.gain ?? -.infinity { best = (drawn, gain) }
      }
      if let best { return named(best.settings) }
    }
    for _ in 0..<100 {
      let drawn = space.map { $0.domain.setting(from: &random) }
      if isAllowed(drawn) { return named(drawn) }
    }
    throw SearchError("tpe", "a hundred settings at random do not meet the constraints of the space; loosen them")
  }
}

extension Sampler where Self == TPESampler {
  /// The tree-structured Parzen estimator.
  ///
  /// - Parameters:
  ///   - seed: What sets these trials apart from others.
  ///   - startup: How many trials, from the first, are drawn evenly.
  ///   - candidates: How many settings are drawn, of which the best is taken.
  ///   - multivariate: Whether a kernel is one of all parameters together.
  ///   - batch: How many trials may be asked for at a time: as many workers have something to do.
  public static func tpe(
    seed: UInt64 = 0, startup: Int = 10, candidates: Int = 24, multivariate: Bool = true, batch: Int = 1
  ) -> TPESampler {
    TPESampler(seed: seed, startup: startup, candidates: candidates, multivariate: multivariate, batch: batch)
  }
}

/// The trials that have all parameters of a space, the best first.
struct RankedTrials {
  /// Settings in the space's order, with the trial's number.
  typealias Entry = (number: Int, settings: [Setting])

  var ranked: [Entry] = []
  var pending: [[Setting]] = []
  /// How many ended with something to rank them by.
  var completed = 0

  init(_ history: History, in space: [(name: String, domain: Domain)]) {
    func settings(_ trial: TrialRecord) -> [Setting]? {
      var settings: [Setting] = []
      settings.reserveCapacity(space.count)
      for (name, domain) in space {
        guard let setting = trial.settings[name], domain.contains(setting) else { return nil }
        settings.append(setting)
      }
      return settings
    }
    var keyed: [(key: [Double], entry: Entry)] = []
    var fronts: [Int: (front: Int, crowding: Double)] = [:]
    if history.isMinimized.count > 1 { fronts = Self.places(history) }
    for trial in history.ended {
      guard let settings = settings(trial) else { continue }
      let key = Self.key(trial, history.isMinimized, fronts[trial.number])
      if key[0] < 3 { completed += 1 }
      keyed.append((key + [Double(trial.number)], (trial.number, settings)))
    }
    keyed.sort { $0.key.lexicographicallyPrecedes($1.key) }
    ranked = keyed.map(\.entry)
    pending = history.pending.compactMap(settings)
  }

  /// The settings in the order of the trials.
  func inOrder(_ entries: ArraySlice<Entry>) -> [[Setting]] { entries.sorted { $0.number < $1.number }.map(\.settings) }

  /// What ranks a trial: those that completed, those that were pruned (the later, the better), those that violate
  /// constraints, and those that failed.
  private static func key(
    _ trial: TrialRecord, _ isMinimized: [Bool], _ place: (front: Int, crowding: Double)?
  ) -> [Double] {
    if trial.state == .failed || trial.values.contains(where: \.isNaN) { return [3, 0, 0] }
    if !trial.isFeasible { return [2, trial.totalViolation, 0] }
    let sign = isMinimized.first ?? true ? 1.0 : -1
    if trial.state == .pruned {
      guard let last = trial.reports.max(by: { $0.key < $1.key }), !last.value.isNaN else { return [1, 0, 0] }
      return [1, -Double(last.key), sign * last.value]
    }
    if let place { return [0, Double(place.front), -place.crowding] }
    guard let value = trial.values.first, isMinimized.count == 1 else { return [3, 0, 0] }
    return [0, sign * value, 0]
  }

  /// For each trial's number its front, and how far its neighbors on it are apart.
  private static func places(_ history: History) -> [Int: (front: Int, crowding: Double)] {
    let trials = history.ended.filter {
      $0.state == .complete && $0.isFeasible && $0.values.count == history.isMinimized.count
        && !$0.values.contains(where: \.isNaN)
    }
    let points = trials.map { zip($0.values, history.isMinimized).map { $1 ? $0 : -$0 } }
    var result: [Int: (front: Int, crowding: Double)] = [:]
    for (front, members) in nonDominatedFronts(of: points).enumerated() {
      let distances = crowdingDistances(of: members.map { points[$0] })
      for (member, distance) in zip(members, distances) { result[trials[member].number] = (front, distance) }
    }
    return result
  }
}
