import DescentGraph

/// What turns graphs into plans and runs them: a CPU today, any accelerator later.
package protocol Backend: Sendable {
  /// Compiles a graph into a plan.
  ///
  /// - Parameters:
  ///   - graph: A checked graph.
  ///   - donations: Inputs whose memory the caller gives up for an output.
  ///   - memoryLimit: The most bytes that a run may occupy in addition to its inputs and constants; `nil` for no limit.
  /// - Throws: `OperationError` where the graph breaks its promises, a donation does not fit, or the limit is exceeded;
  ///   nothing has run then.
  func compile(_ graph: Graph, donations: [Donation], memoryLimit: Int?) throws(OperationError) -> any Executable
}

extension Backend {
  /// Compiles a graph without donations or a memory limit.
  package func compile(_ graph: Graph) throws(OperationError) -> any Executable {
    try compile(graph, donations: [], memoryLimit: nil)
  }
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

  /// Runs the plan. May be called from several threads at once.
  ///
  /// A donated input's buffer is returned as the output that takes its place; all other outputs are new buffers that
  /// share memory with nothing.
  ///
  /// - Throws: `OperationError` where the number or the sizes of the inputs do not fit, or memory runs out.
  func run(_ inputs: [Buffer]) throws(OperationError) -> [Buffer]

  /// Runs the plan and measures each of its kernels, in the order in which they run.
  ///
  /// - Throws: what `run` throws.
  func profile(_ inputs: [Buffer], runs: Int) throws(OperationError) -> [KernelProfile]
}
