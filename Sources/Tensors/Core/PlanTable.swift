import DescentGraph

/// Compiled plans by what they were compiled for.
///
/// All tables share one budget: a plan goes when it was not used for longest and others need its room, or when its table
/// holds very many. It is compiled anew where it is needed again.
package final class PlanTable<Key: Hashable & Sendable, Plan: Sendable>: Sendable {
  private struct Entry {
    let plan: Plan
    let ticket: PlanBudget.Ticket
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var madeCount = 0

    /// Takes the plans out that were not used for longest, a part more than needed, so that not every new plan asks for
    /// it.
    mutating func shrink(to capacity: Int) -> [Entry] {
      guard entries.count > capacity else { return [] }
      let old = entries.sorted { $0.value.ticket.lastUsed < $1.value.ticket.lastUsed }
      return old.prefix(entries.count - capacity + capacity / 16).compactMap { entries.removeValue(forKey: $0.key) }
    }
  }

  private let budget: PlanBudget
  private let capacity: Int
  private let state = Guarded(State())

  /// An empty table.
  package convenience init() { self.init(sharing: .shared) }

  /// An empty table for so many plans.
  init(sharing budget: PlanBudget, capacity: Int = 512) { (self.budget, self.capacity) = (budget, capacity) }

  /// How many plans were put in, those that are gone included.
  package var madeCount: Int { state.withLock { $0.madeCount } }

  /// The plan for a key, which counts as used now.
  package subscript(key: Key) -> Plan? {
    let entry = state.withLock { $0.entries[key] }
    entry?.ticket.touch()
    return entry?.plan
  }

  /// Keeps a plan, unless there is one for the key already.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - key: What it was compiled for.
  ///   - bytes: What it holds.
  /// - Returns: The plan that is kept.
  package func keep(_ plan: Plan, for key: Key, bytes: Int) -> Plan {
    let ticket = budget.enter(bytes) { [weak self] ticket in self?.drop(key, ticket) }
    let (kept, dropped) = state.withLock { state in
      if let known = state.entries[key] { return (known.plan, [Entry]()) }
      state.entries[key] = Entry(plan: plan, ticket: ticket)
      state.madeCount += 1
      return (plan, state.shrink(to: capacity))
    }
    withExtendedLifetime(dropped) { budget.makeRoom() }
    return kept
  }

  private func drop(_ key: Key, _ ticket: PlanBudget.Ticket) {
    // Freed outside the lock: a plan may hold much.
    let entry = state.withLock { state in
      state.entries[key]?.ticket === ticket ? state.entries.removeValue(forKey: key) : nil
    }
    withExtendedLifetime(entry) {}
  }
}
