import DescentCompiler
import DescentGraph

/// Runs graphs on the processor's cores, through native libraries where they are found.
package struct CPUBackend: Backend {
  /// The one backend that every machine has.
  package init() {}

  package func compile(
    _ graph: Graph, donations: [Donation], memoryLimit: Int?
  ) throws(OperationError) -> any Executable {
    MissingLibraries.mention()
    let executable = try CPUExecutable(graph, donations: donations, memoryLimit: memoryLimit)
    TuningNotice.mention()
    return executable
  }

  /// The plan of a graph, without kernels to run it.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises or a donation does not fit.
  package func plan(for graph: Graph, donations: [Donation] = []) throws(OperationError) -> Plan {
    try Plan(graph, for: CPUSupport(), donations: donations)
  }
}
