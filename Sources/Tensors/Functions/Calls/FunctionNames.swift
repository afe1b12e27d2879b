import DescentGraph

/// What functions that are composed of others are called, for whoever shows a function instead of computing it.
///
/// While names are collected, such a function is recorded as one node. Functions within other transforms' bodies are not
/// among them.
package final class FunctionNames: Sendable {
  @TaskLocal private static var active: FunctionNames?

  /// A call of a function.
  package struct Named: Sendable {
    /// What it gives.
    package let result: Tensor
    /// What the function is called.
    package let name: String
    /// How many arguments it takes; numbers that are its own stand after them.
    package let arity: Int
  }

  private let collected = Guarded<[Named]>([])
  /// The functions that are recorded as what they are composed of.
  private let opened: Set<String>

  /// Collects nothing yet.
  ///
  /// - Parameter opened: The functions that are recorded as what they are composed of.
  package init(opening opened: Set<String>) { self.opened = opened }

  /// The calls, in their order.
  package var all: [Named] { collected.withLock { $0 } }

  /// Calls a function and collects the names in it.
  package func collecting<Result>(in body: () throws -> Result) rethrows -> Result {
    try Self.$active.withValue(self, operation: body)
  }

  /// Calls a function without collecting names.
  static func ignored<Result>(in body: () throws -> Result) rethrows -> Result {
    guard active != nil else { return try body() }
    return try $active.withValue(nil, operation: body)
  }

  /// The result of a function of tensors, as one node where its name is collected.
  static func result(
    of name: String, _ x: Tensor, _ y: Tensor? = nil, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let call = FunctionCall(name)
    guard let active, !active.opened.contains(name) else { return call(body(x, y ?? x)) }
    let arguments = [x] + (y.map { [$0] } ?? [])
    return call(
      .carryingErrors(of: name) {
        let recorded = try RecordedFunction(ArgumentList(arguments), reporting: .leftOut) { inside in
          let inner = try inside.next([Tensor].self)
          return try ArgumentList(body(inner[0], inner[inner.count - 1]))
        }
        let result = try Tensor.recorded(Call(Body(recorded.trace.graph)), recorded.inputs)[0]
        active.collected.withLock { $0.append(Named(result: result, name: name, arity: arguments.count)) }
        return result
      })
  }
}
