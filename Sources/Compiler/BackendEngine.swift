import DescentGraph

/// What turns graphs into plans and runs them, and owns the memory of what they compute.
package protocol BackendEngine: Sendable {
  /// The name by which it is chosen.
  var name: String { get }

  /// Compiles a graph into a plan.
  ///
  /// - Parameters:
  ///   - graph: A checked graph.
  ///   - donations: Inputs whose memory the caller gives up for an output.
  ///   - memoryLimit: The most bytes that a run may occupy in addition to its inputs and constants; `nil` for no limit.
  /// - Throws: `OperationError` where the graph breaks its promises, a donation does not fit, or the limit is exceeded;
  ///   nothing has run then.
  func compile(_ graph: Graph, donations: [Donation], memoryLimit: Int?) throws(OperationError) -> any Executable

  /// The plan of a graph, to be looked at and not to be run; `nil` where the backend does not plan with this floor.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises or a donation does not fit.
  func plan(for graph: Graph, donations: [Donation]) throws(OperationError) -> Plan?

  /// A buffer's bytes in the backend's own memory: the buffer itself where they lie there.
  ///
  /// Plans take any backend's buffers, and bring over what is not their own in each run; what many runs read is brought
  /// over once.
  ///
  /// - Throws: `OperationError` where there is no memory left.
  func placing(_ buffer: Buffer) throws(OperationError) -> Buffer

  /// The memory that the backend keeps for the next run, `nil` where it keeps none.
  var keptMemory: (any KeptMemory)? { get }
}

extension BackendEngine {
  /// No plan of this floor.
  package func plan(for graph: Graph, donations: [Donation]) throws(OperationError) -> Plan? { nil }

  /// Nothing.
  package var keptMemory: (any KeptMemory)? { nil }

  /// Compiles a graph without donations or a memory limit.
  package func compile(_ graph: Graph) throws(OperationError) -> any Executable {
    try compile(graph, donations: [], memoryLimit: nil)
  }
}

/// Working memory that waits for the next run of a plan.
package protocol KeptMemory: AnyObject, Sendable {
  /// The most bytes that wait.
  var limit: Int { get set }
  /// What there is, that of runs under way included: how many pieces, and their sizes together in bytes.
  var usage: (count: Int, bytes: Int) { get }
  /// Gives back to the system what waits.
  func release()
}

/// An input that the caller gives up, so that an output of the same type may take its memory.
///
/// The caller must hold the input's buffer alone, and must not read it after the run.
package struct Donation: Sendable, Hashable {
  /// Which input is given up.
  package var input: Int
  /// Which output takes its place.
  package var output: Int

  /// Gives up an input for an output.
  package init(input: Int, output: Int) {
    self.input = input
    self.output = output
  }
}

/// A graph made ready to run.
package protocol Executable: AnyObject, Sendable {
  /// The types of the inputs, in order.
  var inputTypes: [TensorType] { get }
  /// The types of the outputs, in order.
  var outputTypes: [TensorType] { get }
  /// What is known of the plan before it runs.
  var statistics: PlanStatistics { get }

  /// Runs the plan. May be called from several threads at once, and may return before the outputs are computed: who
  /// reads their storage waits.
  ///
  /// A donated input's buffer is returned as the output that takes its place, unless it is another backend's; all other
  /// outputs are new buffers that share memory with nothing.
  ///
  /// - Parameter inputs: Buffers of this backend or of any other, from which they are copied.
  /// - Throws: `OperationError` where the number or the sizes of the inputs do not fit, or memory runs out.
  func run(_ inputs: [Buffer]) throws(OperationError) -> [Buffer]

  /// Runs the plan and measures each of its kernels, in the order in which they run.
  ///
  /// - Throws: what `run` throws.
  func profile(_ inputs: [Buffer], runs: Int) throws(OperationError) -> [KernelProfile]
}
