/// A function that an operation holds, such as the step of a loop.
///
/// Equal functions are equal bodies. The hash is computed once, because graphs are compared and hashed more often than
/// they are written; what transformations make of a body is kept with it, so that a function that is called from many
/// places is differentiated once.
package final class Body: Sendable {
  /// The function.
  package let graph: Graph
  private let hash: Int
  private let derived = Guarded<[Derivation: any Sendable]>([:])

  /// Wraps a function. - Complexity: O(nodes).
  package init(_ graph: Graph) {
    self.graph = graph
    var hasher = Hasher()
    graph.inputTypes.hash(into: &hasher)
    graph.hash(into: &hasher)
    hash = hasher.finalize()
  }

  /// The types of the inputs.
  package var inputTypes: [TensorType] { graph.inputTypes }
  /// The types of the outputs.
  package var outputTypes: [TensorType] { graph.outputTypes }

  /// Writes a function of inputs of the given types.
  ///
  /// - Throws: `OperationError` of the first mistake made while writing.
  package static func write(
    _ types: [TensorType], _ body: (GraphBuilder, [Symbol]) throws(OperationError) -> [Symbol]
  ) throws(OperationError) -> Body {
    let builder = GraphBuilder()
    let inputs = types.map { builder.input($0) }
    return Body(try builder.graph(outputs: try body(builder, inputs)))
  }

  /// Which of several things a transformation makes of a body.
  package struct Derivation: Sendable, Hashable {
    /// The transformation.
    package enum Transformation: Sendable, Hashable {
      case forward, linear, transposed
      case batched(size: Int)
      case linearKeeping(Retention)
      case pruned
      case inputsRead(outputs: [Int])
      case part(inputs: [Int], outputs: [Int])
    }

    let transformation: Transformation
    let marks: [[Bool]]

    /// Names what a transformation makes of a body whose inputs or outputs are marked in some way.
    package init(_ transformation: Transformation, _ marks: [Bool]...) {
      self.transformation = transformation
      self.marks = marks
    }
  }

  /// What a transformation makes of this body: made on first request, and kept.
  ///
  /// - Throws: what making it throws.
  package func remembered<Result: Sendable>(
    _ derivation: Derivation, _ make: () throws(OperationError) -> Result
  ) throws(OperationError) -> Result {
    if let known = derived.withLock({ $0[derivation] }) as? Result { return known }
    // Made outside the lock: bodies hold bodies, and two threads may make the same thing.
    let result = try make()
    derived.withLock { $0[derivation] = result }
    return result
  }
}

extension Body: Hashable {
  package static func == (a: Body, b: Body) -> Bool {
    a === b || (a.hash == b.hash && a.inputTypes == b.inputTypes && a.graph == b.graph)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

extension ArraySlice {
  /// Takes the first elements away and returns them.
  mutating func take(_ count: Int) -> [Element] {
    let taken = Array(prefix(count))
    self = dropFirst(count)
    return taken
  }
}
