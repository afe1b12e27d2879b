import DescentGraph
import Synchronization

/// A mistake in a program: what was asked, what was found, and where in the user's program.
///
/// Errors travel inside tensors: an operation on a tensor that carries one passes it on, and the first call that must
/// give a value throws it. Calls that throw by themselves, such as `fit` of no batches, throw the same type.
public struct TensorError: DescentError {
  /// The function, operator or layer that was asked, as the user names it.
  public let operation: String
  /// What was asked and what was found.
  public let message: String
  /// Where the user asked for it.
  ///
  /// In a program built with optimization, a function whose last act is the call that fails, such as a layer that ends with
  /// `matmul(x, weight)`, may have left the stack by then: the line is that of its caller. A debug build names the line
  /// itself.
  public let place: Place?
  /// How many mistakes were made before this one.
  let number: Int

  private static let counter = Atomic<Int>(0)

  /// The number of mistakes made so far.
  static var count: Int { counter.load(ordering: .relaxed) }

  /// Creates an error at the place where the program is now.
  public init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
    self.place = Place()
    number = Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  /// A mistake that a floor below found. Of an operation that failed in a run, it names the layer, and the line that
  /// recorded it.
  package init(_ error: OperationError) {
    let layer = error.provenance?.scope.path ?? ""
    operation = error.operation
    message = layer.isEmpty ? error.message : "\(error.message), in the layer \(layer)"
    place = error.provenance.flatMap(Place.recording) ?? Place()
    number = Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue
  }

  /// The same mistake as another function's that asked for what failed.
  init(_ error: TensorError, of function: String) {
    operation = function
    message = error.message
    place = error.place
    number = error.number
  }

  /// The operation.
  public var subject: String { operation }
  /// The place's file and line.
  public var location: String? { place?.fileAndLine }
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
