import DescentTypes

/// An operation that was asked for something impossible: which operation, and what is wrong in the user's words.
package struct OperationError: DescentError, Hashable {
  /// The name of the operation as the user knows it.
  package var operation: String
  /// What was asked and what was found.
  package var message: String

  /// Creates an error of the named operation.
  package init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
  }

  package var subject: String { operation }
}
