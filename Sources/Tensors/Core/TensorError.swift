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
  ///
  /// In a program built with optimization, a function whose last act is the call that fails, such as a layer that ends with
  /// `matmul(x, weight)`, may have left the stack by then: the line is that of its caller. A debug build names the line
  /// itself.
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

extension Tensor {
  /// What a closure gives, or a tensor that carries the error that it throws: for layers that call what throws, such as
  /// `gradient`, in a `callAsFunction` that does not.
  public init(catching body: () throws -> Tensor) {
    do {
      self = try body()
    } catch let error as TensorError {
      self.init(error: error)
    } catch {
      self.init(error: TensorError("\(Swift.type(of: error))", "\(error)"))
    }
  }
}
