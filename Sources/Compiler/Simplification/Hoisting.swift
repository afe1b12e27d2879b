import DescentGraph

extension Graph {
  /// The graph with products that a loop makes of what it walks along and of what stays the same made before the loop, as
  /// one product for all steps.
  ///
  /// - Throws: `OperationError` where a function breaks a shape rule.
  /// - Complexity: O(nodes), those of the loops' steps included.
  func hoistingProducts() throws(OperationError) -> Graph {
    try rewritingLoops { builder, scan, operands throws(OperationError) in
      try HoistedProducts(scan)?.write(builder, operands)
    }
  }

  /// The graph with loops replaced by what a rule writes in their place; `nil` leaves a loop as it is.
  func rewritingLoops(
    _ rule: (GraphBuilder, Scan, [Symbol]) throws(OperationError) -> [Symbol]?
  ) throws(OperationError) -> Graph {
    guard nodes.contains(where: { $0.kind == .scan }) else { return self }
    let builder = GraphBuilder()
    return try rewritten(into: builder) { _, node, values throws(OperationError) in
      guard let scan = node.operation as? Scan, scan.length > 1 else { return nil }
      return try rule(builder, scan, node.operands.map { values[$0] })
    }
  }
}

/// The products of a loop's step that no carried value has a part in.
private struct HoistedProducts {
  /// What a node of the step depends on.
  private enum Dependence: Comparable { case constants, sequences, carries }

  private let scan: Scan
  private let dependence: [Dependence]
  private let products: [Int]

  /// Looks for such products; `nil` where there are none.
  init?(_ scan: Scan) {
    self.scan = scan
    let graph = scan.body.graph
    var dependence: [Dependence] = []
    for node in graph.nodes {
      if let input = node.input {
        dependence.append(
          scan.carries.contains(input.index) ? .carries : scan.sequences.contains(input.index) ? .sequences : .constants
        )
        continue
      }
      let most = node.operands.map { dependence[$0.node] }.max() ?? .constants
      // What lies between a sequence and a product is simple, or it stays in the loop.
      let isSimple =
        most != .sequences || node.operation.isElementwise || node.operation.isView || node.kind == .dot
      let staysInside = node.kind.holdsFunctions || node.kind == .barrier
      dependence.append(staysInside || !isSimple ? .carries : most)
    }
    self.dependence = dependence
    products = graph.nodes.indices.filter { index in
      let node = graph.nodes[index]
      guard node.kind == .dot, dependence[index] == .sequences else { return false }
      let sides = node.operands.map { dependence[$0.node] }
      let largest = node.operands.reduce(0) { max($0, graph.type(of: $1).byteCount) }
      return sides.contains(.constants) && node.types[0].byteCount <= largest
        && node.types[0].byteCount * scan.length <= Self.mostBytes
    }
    if products.isEmpty { return nil }
  }

  /// Writes the products and the loop that reads them; gives the loop's results.
  func write(_ builder: GraphBuilder, _ operands: [Symbol]) throws(OperationError) -> [Symbol] {
    let graph = scan.body.graph
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    for product in products { isNeeded[product] = true }
    for index in graph.nodes.indices.reversed() where isNeeded[index] {
      for operand in graph.nodes[index].operands { isNeeded[operand.node] = true }
    }
    var values = [[Symbol]](repeating: [], count: graph.nodes.count)
    let place = builder.provenance
    for (index, node) in graph.nodes.enumerated() where isNeeded[index] {
      builder.provenance = node.provenance.within(place)
      let given = node.operands.map { values[$0.node][$0.result] }
      if let input = node.input {
        values[index] = [operands[input.index]]
      } else if dependence[index] == .constants {
        values[index] = builder.emit(node.operation, given)
      } else {
        let isWalked = node.operands.map { dependence[$0.node] == .sequences }
        values[index] = node.operation.batched(
          BatchContext(
            builder: builder, operands: given, isBatched: isWalked, size: scan.length, transforms: NoTransforms()))
      }
    }
    builder.provenance = place
    let stacked = products.map { values[$0][0] }
    let (types, end) = (scan.body.inputTypes, scan.sequences.upperBound)
    let body = try Body.write(types[..<end] + stacked.map { graph.partType($0.type) } + types[end...]) {
      builder, inputs throws(OperationError) in
      let arguments = inputs[..<end] + inputs[(end + stacked.count)...]
      let slices = zip(products, inputs[end...]).map { (Value(node: $0), $1) }
      return builder.inline(graph, Array(arguments), replacing: Dictionary(uniqueKeysWithValues: slices))
    }
    let loop = Scan(
      body, length: scan.length, carryCount: scan.carryCount, sequenceCount: scan.sequenceCount + stacked.count,
      isReversed: scan.isReversed)
    return builder.emit(loop, operands[..<end] + stacked + operands[end...])
  }

  /// The most memory that the product of all steps may take.
  private static let mostBytes = 1 << 28
}

/// No function is transformed once graphs are compiled.
private struct NoTransforms: GraphTransforms {
  private var refusal: OperationError { OperationError("compile", "a function cannot be transformed any more") }

  func forward(_ body: Body, moving: [Bool]) throws(OperationError) -> (body: Body, moving: [Bool]) { throw refusal }
  func linearized(
    _ body: Body, moving: [Bool], isFree: [Bool], retention: Retention
  ) throws(OperationError) -> Linearization { throw refusal }
  func transposed(
    _ body: Body, linear: [Bool], cotangents: [Bool]
  ) throws(OperationError) -> (body: Body, moving: [Bool]) { throw refusal }
  func batched(
    _ body: Body, size: Int, isBatched: [Bool], forced: [Bool]
  ) throws(OperationError) -> (body: Body, isBatched: [Bool]) { throw refusal }
}

extension Graph {
  /// The type of one part of a stack.
  fileprivate func partType(_ type: TensorType) -> TensorType { type.with(shape: type.shape.removing(axes: [0])) }
}

extension GraphBuilder {
  /// Copies a graph's nodes into this one as `inline` does, with some values given from outside in place of their nodes.
  fileprivate func inline(_ graph: Graph, _ arguments: [Symbol], replacing given: [Value: Symbol]) -> [Symbol] {
    var values: [[Symbol]] = []
    let place = provenance
    defer { provenance = place }
    for (index, node) in graph.nodes.enumerated() {
      provenance = node.provenance.within(place)
      if let symbol = given[Value(node: index)] {
        values.append([symbol])
      } else if let input = node.input {
        values.append([arguments[input.index]])
      } else {
        values.append(emit(node.operation, node.operands.map { values[$0.node][$0.result] }))
      }
    }
    return graph.outputs.map { values[$0.node][$0.result] }
  }
}
