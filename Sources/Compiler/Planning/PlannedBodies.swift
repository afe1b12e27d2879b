import DescentGraph

extension LoweredGraph {
  /// Plans the functions that nodes hold, and lets the backend prepare them; equal functions are planned once.
  ///
  /// - Throws: `OperationError` where a function breaks a graph's promises.
  func planningBodies(
    for support: some KernelSupport
  ) throws(OperationError) -> (prepared: [Int: any PreparedBodies], statistics: PlanStatistics) {
    var plans: [Body: Plan] = [:]
    var prepared: [Int: any PreparedBodies] = [:]
    var statistics = PlanStatistics()
    for (index, node) in graph.nodes.enumerated() where means[index] == .kernel {
      guard let holder = node.holder else { continue }
      var own: [Plan] = []
      for body in holder.bodies {
        if let known = plans[body] {
          own.append(known)
          continue
        }
        let plan = try Plan(body.graph, for: support, donations: [])
        statistics.constantBytes += plan.statistics.constantBytes
        statistics.referenceOperations += plan.statistics.referenceOperations
        plans[body] = plan
        own.append(plan)
      }
      prepared[index] = try support.prepare(holder, own)
    }
    return (prepared, statistics)
  }
}
