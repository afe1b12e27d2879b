import DescentGraph

/// Writes a graph anew, each node through the table of rules, so that every operand a rule sees is simple already.
final class Rewriter {
  let builder = GraphBuilder()
  private let rules: [ObjectIdentifier: [Rule]]
  private var starts: [Int: [Int]] = [:]

  /// Starts an empty graph that is written through the given rules.
  init(_ rules: [Rule]) { self.rules = Dictionary(grouping: rules, by: \.operation) }

  /// Rewrites a whole graph.
  ///
  /// - Throws: `OperationError` where a rule wrote something that breaks a shape rule.
  /// - Complexity: O(nodes).
  static func rewrite(_ graph: Graph, _ rules: [Rule]) throws(OperationError) -> Graph {
    let rewriter = Rewriter(rules)
    return try graph.rewritten(into: rewriter.builder) { _, node, values in
      rewriter.write(node.operation, node.operands.map { values[$0] })
    }
  }

  /// Writes an operation, or what the rules make of it.
  func write(_ operation: any Operation, _ operands: [Symbol]) -> [Symbol] {
    for rule in rules[ObjectIdentifier(type(of: operation))] ?? [] {
      if let simpler = rule.apply(operation, operands, self) { return [simpler] }
    }
    for rule in rules[Rule.everyOperation] ?? [] {
      if let simpler = rule.apply(operation, operands, self) { return [simpler] }
    }
    return builder.emit(operation, operands)
  }

  /// Writes an operation of one result.
  func one(_ operation: any Operation, _ operands: Symbol...) -> Symbol { write(operation, operands)[0] }

  /// The operation that made a value, if it is of the given kind, and what it was applied to.
  func definition<O: Operation>(_ symbol: Symbol, as _: O.Type) -> (operation: O, operands: [Symbol])? {
    let node = builder.nodes[symbol.value.node]
    guard node.kind == O.kind, let operation = node.operation as? O else { return nil }
    return (operation, node.operands.map { Symbol(builder: builder, value: $0) })
  }

  /// Where along the axis each operand of a concatenation begins. - Complexity: O(operands), O(1) when asked again.
  func operandStarts(ofConcatenation node: Int, _ axis: Int) -> [Int] {
    if let known = starts[node] { return known }
    var (begins, end): ([Int], Int) = ([], 0)
    for operand in builder.nodes[node].operands {
      begins.append(end)
      end += builder.type(of: operand).shape[axis]
    }
    starts[node] = begins
    return begins
  }

  /// The scalar that a value repeats everywhere, where it is known now.
  func uniform(_ symbol: Symbol) -> Symbol? {
    let node = builder.nodes[symbol.value.node]
    if node.kind == .constant { return node.types[0].rank == 0 ? symbol : nil }
    if node.kind == .broadcast { return uniform(Symbol(builder: builder, value: node.operands[0])) }
    return nil
  }

  /// The number that a value is everywhere, where it is known now.
  func number(_ symbol: Symbol) -> Double? {
    guard let scalar = uniform(symbol), let constant = definition(scalar, as: Constant.self) else { return nil }
    return ReferenceArray(constant.operation.literal).real(0)
  }

  /// A constant, the same number everywhere.
  func constant(_ number: Double, like symbol: Symbol) -> Symbol { builder.constant(number, symbol.type) }

  /// A whole number, the same everywhere; integer types wrap it, as their arithmetic does.
  func wrappedConstant(_ number: Int, like symbol: Symbol) -> Symbol {
    let type = symbol.type.elementType
    return constant(Double(type.isInteger ? ReferenceArray.wrapped(Int64(number), type) : Int64(number)), like: symbol)
  }

  /// A value in another element type.
  func converted(_ symbol: Symbol, to type: ElementType) -> Symbol {
    symbol.type.elementType == type ? symbol : one(Convert(to: type), symbol)
  }

  /// A value under another shape.
  func reshaped(_ symbol: Symbol, _ shape: Shape) -> Symbol { one(Reshape(shape: shape), symbol) }
}

/// One line of a table of rules: for which operation, and what simpler value it stands for, if any.
struct Rule: Sendable {
  /// Stands for all operations in place of one of them.
  static let everyOperation = ObjectIdentifier(Rule.self)

  /// The type of the operation.
  let operation: ObjectIdentifier
  /// The simpler value, or `nil` where the rule does not apply.
  let apply: @Sendable (any Operation, [Symbol], Rewriter) -> Symbol?

  /// A rule for one type of operation.
  init<O: Operation>(_: O.Type, _ body: @escaping @Sendable (O, [Symbol], Rewriter) -> Symbol?) {
    operation = ObjectIdentifier(O.self)
    apply = { operation, operands, rewriter in (operation as? O).flatMap { body($0, operands, rewriter) } }
  }

  /// A rule for all operations.
  init(every body: @escaping @Sendable (any Operation, [Symbol], Rewriter) -> Symbol?) {
    operation = Self.everyOperation
    apply = body
  }
}
