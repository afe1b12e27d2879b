import DescentCompiler
import DescentGraph

/// Runs graphs on the processor's cores, through native libraries where they are found.
///
/// Its storage is the host's memory.
package struct CPUBackend: BackendEngine {
  /// The one backend that every machine has.
  package init() {}

  package var name: String { "cpu" }
  package var keptMemory: (any KeptMemory)? { ArenaPool.shared }

  package func compile(
    _ graph: Graph, donations: [Donation], memoryLimit: Int?
  ) throws(OperationError) -> any Executable {
    MissingLibraries.mention()
    let executable = try CPUExecutable(graph, donations: donations, memoryLimit: memoryLimit)
    TuningNotice.mention()
    return executable
  }

  package func plan(for graph: Graph, donations: [Donation]) throws(OperationError) -> Plan? {
    try Plan(graph, for: CPUSupport(), donations: donations)
  }

  package func placing(_ buffer: Buffer) throws(OperationError) -> Buffer {
    buffer.storage.hostMemory == nil ? Buffer(try buffer.storage.onHost()) : buffer
  }
}
