import DescentBackends
import DescentCompiler
import DescentGraph

/// Compiled plans of functions that were run before, found again by the structure of their graph.
final class PlanCache: Sendable {
  /// The plans of everything that is computed by reading tensors.
  static let shared = PlanCache()

  private struct Key: Hashable, Sendable {
    // A body knows its hash, so that a graph is walked once and not whenever the table grows.
    let function: Body
    let backend: Backend
  }

  private let plans = PlanTable<Key, any Executable>()

  /// The current backend's plan of a graph, compiled on first use.
  func plan(for graph: Graph) throws(OperationError) -> any Executable {
    let key = Key(function: Body(graph), backend: .current)
    if let known = plans[key] { return known }
    // Compiled outside the lock: two threads may compile the same graph, and one of the plans is dropped.
    let plan = try key.backend.engine.compile(graph)
    return plans.keep(plan, for: key, bytes: plan.statistics.heldBytes)
  }
}
