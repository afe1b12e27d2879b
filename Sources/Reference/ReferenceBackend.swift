import DescentCompiler
import DescentGraph

/// Runs graphs by the operations' reference evaluations, node by node as they were written: right, and slow.
///
/// It proves that nothing above depends on how the CPU does it: no kernel, no plan, and memory that the host cannot
/// address.
package struct ReferenceBackend: BackendEngine {
  /// The backend that needs nothing but Swift.
  package init() {}

  package var name: String { "reference" }

  package func compile(
    _ graph: Graph, donations: [Donation], memoryLimit: Int?
  ) throws(OperationError) -> any Executable {
    try ReferenceExecutable(graph, donations: donations, memoryLimit: memoryLimit)
  }

  package func placing(_ buffer: Buffer) throws(OperationError) -> Buffer {
    buffer.storage is ReferenceStorage ? buffer : Buffer(try ReferenceStorage(copying: buffer.storage))
  }
}
