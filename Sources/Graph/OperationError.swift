import DescentTypes

/// An operation that was asked for something impossible: which operation, and what is wrong in the user's words.
package struct OperationError: DescentError, Hashable {
  /// The name of the operation as the user knows it.
  package var operation: String
  /// What was asked and what was found.
  package var message: String

  /// Where the operation comes from, of one that failed in a run.
  package var provenance: Provenance?

  /// Creates an error of the named operation.
  package init(_ operation: String, _ message: String, from provenance: Provenance? = nil) {
    self.operation = operation
    self.message = message
    self.provenance = provenance
  }

  package var subject: String { operation }
}
