import DescentCPU
import DescentCompiler
import DescentGraph

/// Compiled plans of functions that were run before, found again by the structure of their graph.
final class PlanCache: Sendable {
  /// The plans of everything that is computed by reading tensors.
  static let shared = PlanCache()

  // A body knows its hash, so that a graph is walked once and not whenever the table grows.
  private let plans = PlanTable<Body, any Executable>()

  /// The plan of a graph, compiled on first use.
  func plan(for graph: Graph) throws(OperationError) -> any Executable {
    let function = Body(graph)
    if let known = plans[function] { return known }
    // Compiled outside the lock: two threads may compile the same graph, and one of the plans is dropped.
    let plan = try CPUBackend().compile(graph, donations: [], memoryLimit: nil)
    return plans.keep(plan, for: function, bytes: plan.statistics.heldBytes)
  }
}
