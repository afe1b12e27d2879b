import DescentCPU
import DescentCompiler
import DescentGraph

/// Compiled plans of functions that were run before, found again by the structure of their graph.
final class PlanCache: Sendable {
  /// The plans of everything that is computed by reading tensors.
  static let shared = PlanCache(capacity: 512)

  private struct Entry {
    let plan: any Executable
    var lastUse: Int
  }

  private struct State {
    var plans: [Graph: Entry] = [:]
    var clock = 0
  }

  private let state = Guarded(State())
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  /// The plan of a graph, compiled on first use.
  func plan(for graph: Graph) throws(OperationError) -> any Executable {
    let known = state.withLock { state in
      state.clock += 1
      // One look-up: hashing a graph takes a while.
      guard let place = state.plans.index(forKey: graph) else { return (any Executable)?.none }
      state.plans.values[place].lastUse = state.clock
      return state.plans.values[place].plan
    }
    if let known { return known }
    // Compiled outside the lock: two threads may compile the same graph, and one of the plans is dropped.
    let plan = try CPUBackend().compile(graph, donations: [], memoryLimit: nil)
    state.withLock { state in
      if state.plans.count >= capacity, let oldest = state.plans.min(by: { $0.value.lastUse < $1.value.lastUse }) {
        state.plans.removeValue(forKey: oldest.key)
      }
      state.plans[graph] = Entry(plan: plan, lastUse: state.clock)
    }
    return plan
  }
}
