/// An operation that was asked for something impossible: which operation, and what is wrong in the user's words.
public struct OperationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The name of the operation as the user knows it.
  public var operation: String
  /// What was asked and what was found.
  public var message: String

  /// Creates an error of the named operation.
  public init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
  }

  public var description: String { "\(operation): \(message)" }
}
