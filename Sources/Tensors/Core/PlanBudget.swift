import DescentCompiler
import DescentGraph
import Synchronization

/// What all compiled plans that are kept hold together, wherever they are kept, and which of them is to go next.
final class PlanBudget: Sendable {
  /// The plans of this process.
  static let shared = PlanBudget(limit: ByteCount.set(by: "DESCENT_PLAN_LIMIT") ?? 128 << 20)

  /// A plan that is kept in some table.
  final class Ticket: Sendable {
    let bytes: Int
    private let budget: PlanBudget
    private let lastUse = Atomic<Int>(0)
    /// Takes the plan out of its table.
    fileprivate let drop: @Sendable (Ticket) -> Void

    fileprivate init(_ bytes: Int, _ budget: PlanBudget, drop: @escaping @Sendable (Ticket) -> Void) {
      (self.bytes, self.budget, self.drop) = (bytes, budget, drop)
      touch()
    }

    deinit { budget.leave(ObjectIdentifier(self), bytes) }

    /// Says that the plan is used now.
    func touch() {
      lastUse.store(budget.clock.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
    }

    /// When the plan was used last, counted in uses.
    var lastUsed: Int { lastUse.load(ordering: .relaxed) }
  }

  private struct Entry { weak var ticket: Ticket? }

  private struct State {
    var tickets: [ObjectIdentifier: Entry] = [:]
    var bytes = 0
    var limit: Int
  }

  private let clock = Atomic<Int>(0)
  private let state: Guarded<State>

  init(limit: Int) { state = Guarded(State(limit: limit)) }

  /// The most bytes that plans hold together; the one used last is kept in any case.
  var limit: Int {
    get { state.withLock { $0.limit } }
    set {
      state.withLock { $0.limit = max(0, newValue) }
      makeRoom()
    }
  }

  /// How many plans are kept, and what they hold, in bytes.
  var usage: (count: Int, bytes: Int) { state.withLock { ($0.tickets.count, $0.bytes) } }

  /// Takes a plan in, for as long as its ticket is held, and drops those that were not used for longest where there is no
  /// room.
  ///
  /// - Parameters:
  ///   - bytes: What the plan holds.
  ///   - drop: Takes the plan out of its table, which lets go of the ticket.
  func enter(_ bytes: Int, drop: @escaping @Sendable (Ticket) -> Void) -> Ticket {
    let ticket = Ticket(bytes, self, drop: drop)
    state.withLock { state in
      state.tickets[ObjectIdentifier(ticket)] = Entry(ticket: ticket)
      state.bytes += bytes
    }
    return ticket
  }

  private func leave(_ ticket: ObjectIdentifier, _ bytes: Int) {
    state.withLock { state in
      state.tickets[ticket] = nil
      state.bytes -= bytes
    }
  }

  /// Drops plans until the others fit.
  ///
  /// - Complexity: O(plans) where one has to go. A part more than needed goes, so that not every new plan asks for it.
  func makeRoom() {
    let excess = state.withLock { state in
      state.bytes <= state.limit ? [] : state.tickets.values.compactMap(\.ticket)
    }
    guard !excess.isEmpty else { return }
    let goal = limit - limit / 16
    var left = excess.reduce(0) { $0 + $1.bytes }
    // Outside the lock: a ticket that goes takes it.
    for ticket in excess.sorted(by: { $0.lastUsed < $1.lastUsed }).dropLast() {
      if left <= goal { break }
      left -= ticket.bytes
      ticket.drop(ticket)
    }
  }

  /// Drops all plans.
  func clear() {
    let all = state.withLock { $0.tickets.values.compactMap(\.ticket) }
    for ticket in all { ticket.drop(ticket) }
  }
}
