import DescentGraph

/// A mistake in a program of tensors: what was asked, what was found, and where in the user's program.
///
/// Errors travel inside tensors: an operation on a tensor that carries one passes it on, and the first call that must
/// give a value throws it.
public struct TensorError: Error, Sendable, CustomStringConvertible {
  /// The operation or layer that was asked, as the user names it.
  public let operation: String
  /// What was asked and what was found.
  public let message: String
  /// Where the user asked for it.
  public let place: Place?

  /// Creates an error at the place where the program is now.
  public init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
    self.place = Place()
  }

  init(_ error: OperationError) { self.init(error.operation, error.message) }

  public var description: String {
    let at = place?.fileAndLine.map { " at \($0)" } ?? ""
    return "\(operation): \(message)\(at)"
  }
}
