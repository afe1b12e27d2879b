/// A call of a function of the program's own, in plain Swift, from within a plan.
///
/// It waits for its operands and is never computed twice: the results of one call are the operands of the next where calls have an
/// order. It has no derivative, and cannot be mapped over examples, because the function would have to be called for each of them in
/// an order that nobody knows.
package struct HostCall: Operation {
  /// What is called.
  package final class Function: Sendable, Hashable, CustomStringConvertible {
    /// What it is called in errors.
    package let name: String
    /// The types of the results.
    package let resultTypes: [TensorType]
    /// Gives the results from the operands.
    package let body: @Sendable ([HostLiteral]) throws -> [HostLiteral]

    package init(
      _ name: String, resultTypes: [TensorType], _ body: @escaping @Sendable ([HostLiteral]) throws -> [HostLiteral]
    ) {
      (self.name, self.resultTypes, self.body) = (name, resultTypes, body)
    }

    package static func == (a: Function, b: Function) -> Bool { a === b }
    // A plan holds the function that it calls, so that no other one can have its address.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
    package var description: String { name }

    /// Calls the function and checks what it gives.
    ///
    /// - Throws: what the function throws; `OperationError` where its results have other types than were said.
    package func callAsFunction(_ operands: [HostLiteral]) throws -> [HostLiteral] {
      let results = try body(operands)
      guard results.map(\.type) == resultTypes else {
        throw OperationError(name, "gives \(results.map(\.type)), where \(resultTypes) were promised")
      }
      return results
    }
  }

  /// Where the reference evaluation, which cannot throw, puts what a function throws.
  package final class Failures: Sendable {
    private let first = Guarded<(any Error)?>(nil)

    package init() {}
    /// The error that came first.
    package var error: (any Error)? { first.withLock { $0 } }
    func add(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
  }

  @TaskLocal package static var failures: Failures?

  /// What is called.
  package let function: Function

  package init(_ function: Function) { self.function = function }
  package static var kind: OperationKind { .hostCall }
  package var name: String { function.name }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    for type in function.resultTypes { try checkSize(type) }
    return function.resultTypes
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { function.resultTypes.map { _ in nil } }

  package func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.fail(OperationError(name, "calls plain Swift, which cannot be mapped over examples by vectorized"))
    return function.resultTypes.map { context.builder.constant(0, $0.with(shape: $0.shape.prepending(context.size))) }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    do {
      return try function(try operands.map { try $0.literal() }).map { ReferenceArray($0) }
    } catch {
      Self.failures?.add(error)
      return results.map { ReferenceArray($0, repeating: 0) }
    }
  }
}
