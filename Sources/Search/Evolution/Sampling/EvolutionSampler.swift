/// An evolution strategy that chooses the settings of trials: trials come in generations, and what is known of earlier
/// generations is told to the strategy again, so that a trial depends on the history alone.
///
/// A trial that failed is the worst of its generation; one that was pruned counts with the last value that it reported.
/// Trials whose settings the user wished for are learned from like others. Parameters that only some trials have are
/// searched for by a strategy of their own, from those trials that have them.
public struct EvolutionSampler: Sampler {
  /// Makes the strategy for some parameters.
  typealias Make = @Sendable ([(name: String, domain: Domain)]) throws -> any EvolutionStrategy<Settings>

  /// The method in words, such as `cmaES(seed: 1)`.
  public let name: String
  /// How many trials are asked for at a time.
  public let width: Int?
  private let seed: UInt64
  private let takesSeveralObjectives: Bool
  private let make: Make
  private let memory = ReplayMemory()

  init(_ name: String, width: Int, seed: UInt64, severalObjectives: Bool = false, _ make: @escaping Make) {
    (self.name, self.width, self.seed) = (name, width, seed)
    (takesSeveralObjectives, self.make) = (severalObjectives, make)
  }

  /// Refuses settings of its own that make no sense, and several objectives where the method knows one.
  public func check(_ space: Space?, objectives: Int) throws {
    guard objectives == 1 || takesSeveralObjectives else {
      throw SearchError(
        name, "it serves one objective, and there are \(objectives); use .nsga2() or .bayesian()")
    }
    guard (width ?? 1) >= 1 else { throw SearchError(name, "a generation has 1 individual or more") }
    let always = space?.parameters.filter { $0.condition == nil }.map { ($0.name, $0.domain) } ?? []
    _ = try make(always.isEmpty ? [("x", .real(0...1))] : always)
  }

  /// The parameters of a trial.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings {
    guard !space.isEmpty else { return [:] }
    let replay = try memory.replay(of: space, history, make)
    return replay.strategy.individual(number >= replay.start ? number - replay.start : number)
  }

  /// A value that is drawn evenly: of parameters that are not known before the trial runs.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    var random = TrialRandom(seed: seed, trial: number, purpose: name)
    return domain.setting(from: &random)
  }
}
