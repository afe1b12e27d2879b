/// A method that chooses the parameters of the next trial.
///
/// What a sampler gives depends on nothing but its own settings (the seed among them), the trial's number and the history
/// that it is shown: asked again, it gives the same. So a study that was killed goes on as if it had not been, and the
/// number of workers changes nothing.
public protocol Sampler: Sendable {
  /// The method in words, with its settings, as reports show it.
  var name: String { get }
  /// How many trials, at most, are asked for before results of earlier ones have to be told. `nil` where neither results nor
  /// what other trials try matters to the method.
  var width: Int? { get }
  /// How many trials, from the first, have to have ended before a trial can be chosen: those that its history shows.
  ///
  /// By default trials come in generations of `width`, and each sees those before its generation; nothing is seen where
  /// `width` is `nil`. It never falls as numbers rise, and is at most the trial's own number.
  func seen(by number: Int) -> Int
  /// The parameters of a trial in a space that is known: declared before, or found from the trials so far.
  ///
  /// - Parameters:
  ///   - number: The trial's number in its study.
  ///   - space: The parameters that are to be set, in order. Conditional parts come as spaces of their own.
  ///   - history: The trials that the method may know of.
  /// - Returns: Settings for all of the space's parameters, or for some: the others are asked for one by one.
  func settings(of number: Int, in space: [(name: String, domain: Domain)], given history: History) throws -> Settings
  /// One parameter that the joint settings do not hold: of a space that grows while the trial runs.
  func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting
  /// Refuses settings of its own that make no sense, and a study that the method cannot serve.
  ///
  /// - Parameters:
  ///   - space: The space where it was declared.
  ///   - objectives: How many objectives there are.
  func check(_ space: Space?, objectives: Int) throws
  /// After how many trials nothing is left to try; `nil` where there is always more.
  func trialCount(in space: Space?) -> Int?
}

extension Sampler {
  /// Generations of `width`.
  public func seen(by number: Int) -> Int { width.map { number / max($0, 1) * max($0, 1) } ?? 0 }

  /// Serves every study.
  public func check(_ space: Space?, objectives: Int) throws {}

  /// There is always more.
  public func trialCount(in space: Space?) -> Int? { nil }
}

/// The trials of a study that a sampler may know of.
public struct History: Sendable {
  /// Whether the smallest value is looked for, one per objective; otherwise the largest.
  public let isMinimized: [Bool]
  /// The trials that have ended, in the order in which their results count.
  public let ended: [TrialRecord]
  /// The trials that have been asked for and are not counted yet, with their settings, by number.
  public let pending: [TrialRecord]
  /// The declared space, `nil` where parameters are found as trials run. Its constraints are met by what is tried in any
  /// case; a method that heeds them itself wastes nothing.
  public let space: Space?

  /// Makes a history.
  public init(
    isMinimized: [Bool], ended: [TrialRecord], pending: [TrialRecord] = [], space: Space? = nil
  ) {
    self.isMinimized = isMinimized
    self.ended = ended
    self.pending = pending
    self.space = space
  }
}
