import DescentBackends
import DescentCompiler
import DescentGraph
import DescentTensors

/// A backend whose plans fail on demand after their kernels have written over what was given up, as one does whose last kernel
/// fails.
struct FailingBackend: BackendEngine {
  private let inner = Backend.current.engine
  /// Whether runs of plans with donations fail.
  let isFailing = Shared(false)

  let name = "failing"

  func compile(_ graph: Graph, donations: [Donation], memoryLimit: Int?) throws(OperationError) -> any Executable {
    let plan = try inner.compile(graph, donations: donations, memoryLimit: memoryLimit)
    return donations.isEmpty ? plan : FailingPlan(inner: plan, isFailing: isFailing)
  }

  func placing(_ buffer: Buffer) throws(OperationError) -> Buffer { try inner.placing(buffer) }
}

private final class FailingPlan: Executable {
  private let inner: any Executable
  private let isFailing: Shared<Bool>

  init(inner: any Executable, isFailing: Shared<Bool>) { (self.inner, self.isFailing) = (inner, isFailing) }

  var inputTypes: [TensorType] { inner.inputTypes }
  var outputTypes: [TensorType] { inner.outputTypes }
  var statistics: PlanStatistics { inner.statistics }

  func run(_ inputs: [Buffer]) throws(OperationError) -> [Buffer] {
    let results = try inner.run(inputs)
    if isFailing.value { throw OperationError("dot", "the kernel failed") }
    return results
  }

  func profile(_ inputs: [Buffer], runs: Int) throws(OperationError) -> [KernelProfile] {
    try inner.profile(inputs, runs: runs)
  }
}
