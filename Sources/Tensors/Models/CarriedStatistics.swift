import DescentGraph

/// The running statistics of models from outside that a loop carries from step to step, found while its step is recorded.
final class CarriedStatistics: Sendable {
  /// A statistic.
  struct Entry: Sendable {
    let identity: Parameter.Identity
    /// What stands for its value at the beginning of a step.
    let standIn: Tensor
    /// Its value before the loop.
    let before: Tensor
  }

  /// The parameters among the loop's own arguments, whose values it carries or walks along already.
  private let own: Set<Parameter.Identity>
  private let entries = Guarded<[Entry]>([])

  init(besides own: [Parameter.Identity]) { self.own = Set(own) }

  /// What stands for a statistic's value at the beginning of a step; `nil` of the loop's own arguments, and of one that
  /// carries an error.
  func standIn(for identity: Parameter.Identity, before: Tensor) -> Tensor? {
    if own.contains(identity) || before.error != nil { return nil }
    return entries.withLock { entries in
      if let known = entries.first(where: { $0.identity == identity }) { return known.standIn }
      let made = Entry(identity: identity, standIn: .placeholder(before.type, name: "statistic"), before: before)
      entries.append(made)
      return made.standIn
    }
  }

  /// The statistics, in the order in which they were asked for.
  var all: [Entry] { entries.withLock { $0 } }
}
