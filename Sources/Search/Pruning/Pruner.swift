/// A rule that ends trials early whose intermediate values fall behind those of others.
///
/// What a pruner says depends on nothing but its own settings, the trial's intermediate values and the history that it is
/// shown.
public protocol Pruner: Sendable {
  /// The rule in words, with its settings, as reports show it.
  var name: String { get }
  /// How many trials, at most, run at once in a study that keeps to its order: each is compared with those that lie at
  /// least so many before it. `nil` where other trials do not matter.
  var width: Int? { get }
  /// Why a trial need not go on, `nil` where it should.
  ///
  /// - Parameters:
  ///   - trial: The trial with its intermediate values so far.
  ///   - step: The last of their steps.
  ///   - history: The trials that it may be compared with. Those that run have a part of their values.
  func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String?
  /// Refuses settings that make no sense.
  func check() throws
}

extension Pruner {
  /// Accepts all settings.
  public func check() throws {}
}

/// No trial ends early.
public struct NoPruner: Pruner {
  /// Makes it.
  public init() {}
  /// `none`.
  public var name: String { "none" }
  /// Other trials do not matter.
  public var width: Int? { nil }
  /// Every trial goes on.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? { nil }
}

extension Pruner where Self == NoPruner {
  /// No trial ends early.
  public static var none: NoPruner { NoPruner() }
}
