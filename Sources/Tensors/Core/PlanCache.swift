import DescentCPU
import DescentCompiler
import DescentGraph

/// Compiled plans of functions that were run before, found again by the structure of their graph.
final class PlanCache: Sendable {
  /// The plans of everything that is computed by reading tensors.
  static let shared = PlanCache(capacity: 512, nodes: 1 << 18)

  private struct Entry {
    let plan: any Executable
    var lastUse: Int
  }

  private struct State {
    // A body knows its hash, so that a graph is walked once and not whenever the table grows.
    var plans: [Body: Entry] = [:]
    var clock = 0
    /// The nodes of all graphs together.
    var nodeCount = 0

    /// Drops the plan that was not used for longest.
    mutating func dropOldest() {
      guard let oldest = plans.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return }
      plans.removeValue(forKey: oldest)
      nodeCount -= oldest.graph.nodes.count
    }
  }

  private let state = Guarded(State())
  private let capacity: Int
  private let nodeCapacity: Int

  /// Keeps so many plans, of graphs with so many nodes together.
  init(capacity: Int, nodes: Int) { (self.capacity, nodeCapacity) = (capacity, nodes) }

  /// The plan of a graph, compiled on first use.
  func plan(for graph: Graph) throws(OperationError) -> any Executable {
    let function = Body(graph)
    let known = state.withLock { state in
      state.clock += 1
      guard let place = state.plans.index(forKey: function) else { return (any Executable)?.none }
      state.plans.values[place].lastUse = state.clock
      return state.plans.values[place].plan
    }
    if let known { return known }
    // Compiled outside the lock: two threads may compile the same graph, and one of the plans is dropped.
    let plan = try CPUBackend().compile(graph, donations: [], memoryLimit: nil)
    state.withLock { state in
      while !state.plans.isEmpty, state.plans.count >= capacity || state.nodeCount >= nodeCapacity {
        state.dropOldest()
      }
      if state.plans.updateValue(Entry(plan: plan, lastUse: state.clock), forKey: function) == nil {
        state.nodeCount += graph.nodes.count
      }
    }
    return plan
  }
}
