/// A call of a public function, which reports mistakes made within it under its own name.
///
/// Functions are made of others, down to operations whose names no user wrote: without a call, `softmax` of a scalar
/// would be reported as a mistake of `max`. What operands carry was made before the call, and keeps its name.
package struct FunctionCall {
  private let name: String
  private let mistakes = TensorError.count

  /// Begins a call of the function that stands around it.
  ///
  /// - Parameter function: The name, with or without labels.
  package init(_ function: String = #function) { name = function }

  /// A result, whose error gets the function's name where it was made since the call began.
  package func callAsFunction(_ result: Tensor) -> Tensor {
    guard let error = result.error, error.number >= mistakes else { return result }
    let name = Self.name(name)
    return error.operation == name ? result : Tensor(error: TensorError(error, of: name))
  }

  /// What a function is called, without its labels: `matmul` of `matmul(_:_:)`.
  static func name(_ function: String) -> String { String(function.prefix { $0 != "(" }) }

  /// Several results.
  package func callAsFunction(_ results: [Tensor]) -> [Tensor] { results.map { self($0) } }

  /// A complex result.
  func callAsFunction(_ result: ComplexTensor) -> ComplexTensor {
    result.real.error == nil ? result : result.map { self($0) }
  }
}

extension Tensor {
  /// The result of what a public function is made of, as one call of it; see `FunctionCall`.
  package static func calling(_ function: String = #function, _ body: () -> Tensor) -> Tensor {
    let call = FunctionCall(function)
    return call(body())
  }
}
