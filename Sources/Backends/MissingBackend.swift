import DescentCompiler
import DescentGraph

/// In place of a backend that somebody named and that does not exist: says so when something is to be computed, where an
/// error can be thrown.
struct MissingBackend: BackendEngine {
  let name: String

  func compile(
    _ graph: Graph, donations: [Donation], memoryLimit: Int?
  ) throws(OperationError) -> any Executable { throw fault }

  func plan(for graph: Graph, donations: [Donation]) throws(OperationError) -> Plan? { throw fault }

  func placing(_ buffer: Buffer) throws(OperationError) -> Buffer { throw fault }

  private var fault: OperationError {
    let names = Backend.all.map(\.name).joined(separator: ", ")
    return OperationError("DESCENT_BACKEND", "there is no backend '\(name)'; the backends are \(names)")
  }
}
