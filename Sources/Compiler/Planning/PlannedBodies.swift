import DescentGraph

extension LoweredGraph {
  /// Plans the functions that nodes hold, and lets the backend prepare them; equal functions are planned once.
  ///
  /// - Throws: `OperationError` where a function breaks a graph's promises.
  func planningBodies(
    for support: some KernelSupport
  ) throws(OperationError) -> (prepared: [Int: any PreparedBodies], statistics: PlanStatistics) {
    var plans: [OfferedBody: Plan] = [:]
    var prepared: [Int: any PreparedBodies] = [:]
    var statistics = PlanStatistics()
    for (index, node) in graph.nodes.enumerated() where means[index] == .kernel {
      guard let holder = node.holder else { continue }
      var own: [Plan] = []
      for (body, offers) in zip(holder.bodies, holder.offers) {
        let key = OfferedBody(body: body, offers: offers)
        if let known = plans[key] {
          own.append(known)
          continue
        }
        let plan = try Plan(body.graph, for: support, offers: offers)
        statistics.constantBytes += plan.statistics.constantBytes
        statistics.referenceOperations += plan.statistics.referenceOperations
        plans[key] = plan
        own.append(plan)
      }
      prepared[index] = try support.prepare(holder, own)
    }
    return (prepared, statistics)
  }
}

/// A function with the inputs that its caller offers for outputs.
private struct OfferedBody: Hashable {
  let body: Body
  let offers: [Donation]
}

extension GraphOperation {
  /// For each function, the inputs that it may overwrite: a step of a loop the carried values, each with the next one.
  fileprivate var offers: [[Donation]] {
    func carried(_ count: Int) -> [Donation] { (0..<count).map { Donation(input: $0, output: $0) } }
    switch self {
    case let scan as Scan: return [carried(scan.carryCount)]
    case let loop as WhileLoop: return [[], carried(loop.carryCount)]
    default: return bodies.map { _ in [] }
    }
  }
}
