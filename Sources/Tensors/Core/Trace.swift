import DescentGraph

/// A recorded function: its graph, and the tensors from outside that it uses.
package struct Trace: Sendable {
  /// The function; its inputs are the arguments followed by the captured tensors.
  package var graph: Graph
  /// The tensors from outside, in the order of the inputs that stand for them.
  package var captured: [Tensor]
  /// The recording that made the function: what it captured and was made since is its own.
  private var epoch = 0

  /// A function that is known as a graph.
  package init(graph: Graph, captured: [Tensor]) {
    self.graph = graph
    self.captured = captured
  }

  /// The bytes of captured tensors that nobody but the function is likely to hold: those that were made while it was
  /// recorded, and those that are computed for it.
  var ownCapturedBytes: Int {
    captured.reduce(0) { bytes, tensor in
      let isOwn = tensor.expression.epoch >= epoch || tensor.expression.literal == nil
      return isOwn ? bytes + tensor.type.byteCount : bytes
    }
  }

  /// Begins a recording: what is made from now on belongs to the function that is recorded.
  package static func beginRecording() -> Int { Expression.beginRecording() }

  /// Writes down what leads from arguments to outputs.
  ///
  /// Whatever does not depend on an argument is captured as it stands; without arguments, every computed literal is
  /// captured, so that programs that differ only in their numbers have the same graph and share one plan.
  ///
  /// - Parameter epoch: What was made before the recording that began then is captured as well.
  /// - Throws: the first error that an output carries.
  /// - Complexity: O(expressions).
  package init(arguments: [Tensor], outputs: [Tensor], since epoch: Int = 0) throws {
    for output in outputs { if let error = output.error { throw error } }
    var writer = TraceWriter(arguments: arguments, since: epoch)
    graph = try writer.finish(try outputs.compactMap { try writer.write($0.expression) })
    captured = writer.captured
    self.epoch = epoch
  }

  /// Writes down what leads to outputs, and to the other results that somebody holds of operations with several on the
  /// way, so that no operation runs once for each of its results.
  ///
  /// - Parameter limit: The most operations to write down.
  /// - Returns: The function of captured tensors alone, and those other results, which it gives after the outputs; `nil`
  ///   where there are more operations than allowed.
  /// - Throws: the first error that an output carries.
  /// - Complexity: O(expressions).
  static func computing(
    _ outputs: [Expression], limit: Int = .max
  ) throws -> (trace: Trace, companions: [Expression])? {
    var writer = TraceWriter(arguments: [], since: 0, limit: limit)
    var symbols: [Symbol] = []
    for output in outputs {
      guard let symbol = try writer.write(output) else { return nil }
      symbols.append(symbol)
    }
    var known = Set(outputs.map { ObjectIdentifier($0) })
    var companions: [Expression] = []
    for companion in writer.families.flatMap(\.expressions) where known.insert(ObjectIdentifier(companion)).inserted {
      guard companion.literal == nil else { continue }
      guard let symbol = try writer.write(companion) else { return nil }
      companions.append(companion)
      symbols.append(symbol)
    }
    return (Trace(graph: try writer.finish(symbols), captured: writer.captured), companions)
  }
}

/// Walks expressions, operands first, without recursion.
private struct TraceWriter {
  let builder = GraphBuilder()
  var captured: [Tensor] = []
  /// The operations of several results that were written, by the first result that was met.
  private(set) var families: [ResultFamily] = []
  private var symbols: [ObjectIdentifier: Symbol] = [:]
  /// The results of functions that were written down as a whole.
  private var applications: [ObjectIdentifier: [Symbol]] = [:]
  private let hasArguments: Bool
  private let epoch: Int
  private let limit: Int
  /// Whether an expression depends on the arguments.
  private var dependence: [ObjectIdentifier: Bool] = [:]

  init(arguments: [Tensor], since epoch: Int, limit: Int = .max) {
    (self.epoch, self.limit) = (epoch, limit)
    hasArguments = !arguments.isEmpty
    for argument in arguments {
      var name = ""
      if case .placeholder(let given) = argument.expression.content { name = given }
      symbols[ObjectIdentifier(argument.expression)] = builder.input(argument.type, name: name)
      dependence[ObjectIdentifier(argument.expression)] = true
    }
  }

  /// Writes what leads to an expression; `nil` where there are too many operations.
  mutating func write(_ root: Expression) throws -> Symbol? {
    if hasArguments { findDependence(root) }
    var waiting = [root]
    while let expression = waiting.last {
      if builder.nodes.count > limit { return nil }
      let key = ObjectIdentifier(expression)
      if symbols[key] != nil {
        waiting.removeLast()
        continue
      }
      switch expression.content {
      case .failure(let error): throw error
      case .literal, .placeholder: capture(expression)
      case .application(let application, let operands, let result):
        if isOutside(expression) {
          capture(expression)
        } else if areWritten(operands, &waiting) {
          symbols[key] = results(of: application, operands)[result]
        }
      case .operation(let operation, let operands, let result):
        if isOutside(expression) {
          capture(expression)
          continue
        }
        guard areWritten(operands, &waiting) else { continue }
        let values = operands.compactMap { symbols[ObjectIdentifier($0)]?.value }
        builder.provenance = expression.origin.provenance
        do throws(OperationError) {
          symbols[key] = try builder.add(operation, values)[result]
        } catch { throw TensorError(error) }
        if let family = expression.family { families.append(family) }
      }
    }
    guard let symbol = symbols[ObjectIdentifier(root)] else { throw TensorError("trace", "an expression got lost") }
    return symbol
  }

  /// Whether an expression is taken from outside as it stands.
  private func isOutside(_ expression: Expression) -> Bool {
    guard !expression.isConstant else { return false }
    if expression.epoch < epoch { return true }
    return hasArguments && dependence[ObjectIdentifier(expression)] == false && !isLargeTransposition(expression)
  }

  /// Whether an expression is a large tensor with its axes in another order: a plan reads it where it lies, and computed for the
  /// plan alone it would be a copy. A small one is better copied once.
  private func isLargeTransposition(_ expression: Expression) -> Bool {
    guard case .operation(let operation, _, _) = expression.content, operation is Transpose else { return false }
    return expression.type.byteCount >= 1 << 20
  }

  /// Whether all operands are written; those that are not have to be first.
  private func areWritten(_ operands: [Expression], _ waiting: inout [Expression]) -> Bool {
    let missing = operands.filter { symbols[ObjectIdentifier($0)] == nil }
    // In the order in which they stand, which for a sum of many terms is the one that keeps few of them at a time.
    waiting += missing.reversed()
    return missing.isEmpty
  }

  /// The results of a function that is written down as a whole, once.
  private mutating func results(of application: Expression.Application, _ operands: [Expression]) -> [Symbol] {
    if let known = applications[ObjectIdentifier(application)] { return known }
    builder.provenance = Provenance()
    let results = builder.inline(application.graph, operands.compactMap { symbols[ObjectIdentifier($0)] })
    applications[ObjectIdentifier(application)] = results
    return results
  }

  private mutating func capture(_ expression: Expression) {
    captured.append(Tensor(expression))
    symbols[ObjectIdentifier(expression)] = builder.input(expression.type)
  }

  /// Marks every expression below the root by whether an argument stands below it.
  private mutating func findDependence(_ root: Expression) {
    var waiting = [root]
    while let expression = waiting.last {
      let key = ObjectIdentifier(expression)
      guard dependence[key] == nil else {
        waiting.removeLast()
        continue
      }
      // Only what depends on some placeholder can depend on one of the arguments.
      guard expression.isSymbolic, let operands = expression.content.operands else {
        dependence[key] = false
        continue
      }
      let missing = operands.filter { dependence[ObjectIdentifier($0)] == nil }
      guard missing.isEmpty else {
        waiting += missing
        continue
      }
      dependence[key] = operands.contains { dependence[ObjectIdentifier($0)] == true }
    }
  }

  mutating func finish(_ outputs: [Symbol]) throws -> Graph {
    do throws(OperationError) { return try builder.graph(outputs: outputs) } catch { throw TensorError(error) }
  }
}

extension Graph {
  /// The graph's outputs for some arguments, written down as a whole where they are read: without a walk through tensors,
  /// for a function that is used once, such as the gradient within a training step.
  package func applied(on arguments: [Tensor]) -> [Tensor] {
    let application = Expression.Application(self)
    let operands = arguments.map(\.expression)
    return outputTypes.indices.map {
      Tensor(
        Expression(
          .application(application, operands, result: $0), type: outputTypes[$0],
          origin: Origin(of: operands, from: nodes[outputs[$0].node].provenance)))
    }
  }

  /// Records this graph's operations on tensors and returns its outputs.
  package func record(on arguments: [Tensor]) -> [Tensor] {
    var values: [[Tensor]] = []
    values.reserveCapacity(nodes.count)
    // An operation that could not be recorded leaves one tensor, its error, for all its results.
    func value(_ value: Value) -> Tensor {
      let results = values[value.node]
      return results[Swift.min(value.result, results.count - 1)]
    }
    for node in nodes {
      if let input = node.operation as? Input {
        values.append([arguments[input.index]])
      } else {
        values.append(Tensor.recordAll(node.operation, node.operands.map(value), from: node.provenance))
      }
    }
    return outputs.map(value)
  }
}
