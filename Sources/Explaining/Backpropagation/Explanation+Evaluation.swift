import DescentDifferentiation
import DescentGraph
import DescentTensors

extension Explanation {
  /// Evaluates a recorded function node by node, and its back-propagation edge by edge.
  init(
    names: [String], holders: [Tensor], values: [Tensor], result: Tensor, marked: [(Tensor, name: String)],
    functions: [FunctionNames.Named]
  ) throws {
    if let error = result.error { throw error }
    guard result.rank == 0, result.elementType.isFloatingPoint else {
      throw TensorError(
        "explain",
        "the function gives \(result.elementType)\(result.shape), not one floating-point number; sum or average it")
    }
    let trace = try Trace(arguments: holders, outputs: [result] + marked.map(\.0) + functions.map(\.result))
    let graph = trace.graph
    var walk = BackwardWalk(graph, argumentCount: holders.count)
    walk.run()
    let numbers: [ReferenceArray]
    let all = try walk.graph()
    if all.nodes.reduce(0, { $0 + $1.types.reduce(0) { $0 + $1.count } }) <= Self.referenceLimit {
      let literals = try (values + trace.captured).map { try ReferenceArray($0.literal()) }
      do throws(OperationError) { numbers = try all.evaluate(literals) } catch {
        throw TensorError("explain", error.message)
      }
    } else {
      numbers = try all.apply(to: values + trace.captured).map { try ReferenceArray($0.literal()) }
    }
    self.init(
      walk, numbers.map(TensorSummary.init), names: names,
      marked: zip(graph.outputs.dropFirst(), marked).map { ($0, $1.name) },
      functions: zip(graph.outputs.dropFirst(1 + marked.count), functions).map { ($0, $1) })
  }

  /// The most elements that are worth the reference evaluation, whose functions are exact to the last digit.
  private static var referenceLimit: Int { 4096 }
}

/// Writes a function's values, its local derivatives and what comes back as one graph.
struct BackwardWalk {
  /// What a value is computed from, by one of its operands.
  struct Use: Hashable {
    let user: Value
    let operand: Int
  }

  /// Where results of the graph stand among its outputs.
  struct Places {
    /// For each value that is used, itself.
    var values: [Value: Int] = [:]
    /// For each value, its derivative.
    var derivatives: [Value: Int] = [:]
    /// For each use, the local derivative.
    var locals: [Use: Int] = [:]
    /// For each use, what comes back.
    var contributions: [Use: Int] = [:]
  }

  /// The function.
  let source: Graph
  let argumentCount: Int
  private(set) var places = Places()
  private let builder = GraphBuilder()
  private var results: [[Symbol]] = []
  private var outputs: [Symbol] = []
  /// Whether a node depends on an argument that can move.
  private(set) var moves: [Bool] = []

  init(_ graph: Graph, argumentCount: Int) {
    source = graph
    self.argumentCount = argumentCount
    let inputs = graph.inputs.map { builder.input(graph.type(of: $0)) }
    for node in graph.nodes {
      if let input = node.operation as? Input {
        results.append([inputs[input.index]])
        moves.append(input.index < argumentCount && input.type.elementType.isFloatingPoint)
      } else {
        results.append(builder.emit(node.operation, node.operands.map { results[$0.node][$0.result] }))
        moves.append(
          node.operands.contains { moves[$0.node] } && node.types.contains { $0.elementType.isFloatingPoint })
      }
    }
  }

  private mutating func output(_ symbol: Symbol) -> Int {
    outputs.append(symbol)
    return outputs.count - 1
  }

  /// Walks back from the result, which gets a 1.
  ///
  /// What comes back is linear in what comes to the results of an operation, so that each of several results sends its
  /// own share.
  mutating func run() {
    for value in source.usedValues { places.values[value] = output(results[value.node][value.result]) }
    var received: [Value: Symbol] = [:]
    let end = source.outputs[0]
    received[end] = results[end.node][end.result].constant(1)
    for index in source.nodes.indices.reversed() where moves[index] {
      let node = source.nodes[index]
      let single = Self.single(node, source)
      let operands = node.operands.map { results[$0.node][$0.result] }
      let moving = node.operands.indices.filter { position in
        moves[node.operands[position].node] && source.type(of: node.operands[position]).elementType.isFloatingPoint
      }
      for result in node.types.indices {
        let value = Value(node: index, result: result)
        guard let cotangent = received[value] else { continue }
        places.derivatives[value] = output(cotangent)
        if node.operation is Input { continue }
        let (_, back) = builder.pullBack(single, operands, parameters: moving) { values in
          values.indices.map { $0 == result ? cotangent : nil }
        }
        for (position, share) in zip(moving, back) {
          guard let share else { continue }
          let (operand, use) = (node.operands[position], Use(user: value, operand: position))
          places.contributions[use] = output(share)
          received[operand] = received[operand].map { $0 + share } ?? share
          if let local = local(single, value, operands, position) { places.locals[use] = output(local) }
        }
      }
    }
  }

  /// The derivative of a value in one operand: element by element, where the operation works so, and of one number in
  /// another one, whatever the operation is.
  private func local(_ single: Graph, _ value: Value, _ operands: [Symbol], _ position: Int) -> Symbol? {
    let (operation, shape) = (source.nodes[value.node].operation, source.type(of: value).shape)
    guard operation.isElementwise || shape.rank == 0, operands[position].shape == shape else { return nil }
    let tangents = operands.indices.map { $0 == position ? operands[$0].constant(1) : nil }
    return builder.pushForward(single, operands, tangents: tangents).tangents[value.result]
  }

  /// A node as a function of its own, all its operands told apart.
  private static func single(_ node: Node, _ graph: Graph) -> Graph {
    let one = GraphBuilder()
    let inputs = node.operands.map { one.input(graph.type(of: $0)) }
    _ = one.emit(node.operation, inputs)
    let place = one.nodes.count - 1
    return Graph(
      nodes: one.nodes, inputs: one.inputs, outputs: node.types.indices.map { Value(node: place, result: $0) })
  }

  /// The finished graph.
  func graph() throws -> Graph {
    do throws(OperationError) { return try builder.graph(outputs: outputs) } catch {
      throw TensorError(error.operation, error.message)
    }
  }
}

extension Graph {
  /// Every input, and of what is computed the results that something uses, in the order of the nodes.
  fileprivate var usedValues: [Value] {
    var used = Set(inputs).union(outputs)
    for node in nodes { used.formUnion(node.operands) }
    return nodes.indices.flatMap { index in
      nodes[index].types.indices.map { Value(node: index, result: $0) }.filter(used.contains)
    }
  }
}
