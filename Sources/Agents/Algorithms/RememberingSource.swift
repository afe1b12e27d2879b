/// An environment that learns something of its own while an agent acts in it, such as the statistics by which it normalizes: an
/// agent is judged in the environment as it was when learning ended.
protocol RememberingSource: EnvironmentSource {
  /// The environment with what it has learned, which stays as it is from then on.
  func remembering(_ state: Batch.State) -> Self
}

extension RememberingSource {
  fileprivate func rememberingAny(_ state: any Sendable) -> Self {
    (state as? Batch.State).map { remembering($0) } ?? self
  }
}

extension EnvironmentSource {
  /// The environment as it was when learning ended in a state of its batch.
  func afterLearning(_ state: any Sendable) -> Self {
    guard let source = self as? any RememberingSource else { return self }
    return source.rememberingAny(state) as? Self ?? self
  }
}

extension NormalizedEnvironment: RememberingSource {
  func remembering(_ state: NormalizedBatch<Base>.State) -> NormalizedEnvironment { frozen(with: state.statistics) }
}
