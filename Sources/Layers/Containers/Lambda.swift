import DescentGraph
import DescentTensors

/// A function as a layer: what has no parameters, but stands among layers that have.
///
/// ```swift
/// let halved = Lambda("halved") { $0 * 0.5 }
/// ```
///
/// Tensors that the function takes from outside are constants; what is to be trained belongs into a layer of one's own. A
/// file has nothing of the function, so that a model is loaded into one that was written with it.
public struct Lambda: Layer {
  private typealias Function = NamedFunction<@Sendable (Tensor) throws -> Tensor>

  private let function: OpaqueBox<Function>

  /// What the function is called in errors and descriptions.
  public var name: String { function.value.name }

  /// A function as a layer.
  ///
  /// - Parameters:
  ///   - name: What it is called in errors and descriptions.
  ///   - function: Gives the output of an input.
  public init(_ name: String, _ function: @escaping @Sendable (Tensor) throws -> Tensor) {
    self.function = OpaqueBox(value: Function(name, function), name: name)
  }

  /// A function as a layer, without a name.
  public init(_ function: @escaping @Sendable (Tensor) throws -> Tensor) { self.init("Lambda", function) }

  /// The function's value; an input in the type that the pass computes in.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    return Tensor(catching: { try function.value.function(Run.current.input(input)) })
  }
}

extension Lambda: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
