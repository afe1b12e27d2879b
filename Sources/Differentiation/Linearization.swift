import DescentGraph

/// Writes a function's values and tangents side by side, and takes them apart again.
struct LinearizationWriter {
  private let builder = GraphBuilder()
  private let values: [Symbol]
  private let directions: [Symbol?]
  private let variables: [Symbol]
  private let isLinear: [Bool]

  /// Linearises a function in the moving inputs. - Complexity: O(nodes).
  init(_ graph: Graph, moving: [Bool]) {
    let arguments = graph.copyInputs(to: builder)
    let tangents = builder.linearVariables(of: zip(arguments, moving).map { $1 ? $0.type : nil })
    (values, directions) = builder.pushForward(graph, arguments, tangents: tangents, isLinearizing: true)
    variables = tangents.compactMap { $0 }
    isLinear = builder.linearNodes(from: 0, variables)
  }

  /// The function with what it keeps, and the linear map that reads it.
  ///
  /// A policy that would keep more than keeping everything does gives way to that, which computes nothing again.
  ///
  /// - Complexity: O(nodes).
  func split(isFree: [Bool], retention: Retention) throws(OperationError) -> Linearization {
    let results = resultPlaces
    func choice(_ retention: Retention) -> (residuals: ResidualChoice, isNeeded: [Bool], kept: [Value], bytes: Int) {
      var residuals = ResidualChoice(builder.nodes, isFree: isFree, isAtHand: results.keys, retention: retention)
      let isNeeded = need(of: &residuals)
      let kept = residuals.choose()
      let bytes = kept.reduce(0) { sum, value in
        let isAtHand = results[value] != nil || builder.nodes[value.node].kind == .input
        return sum + (isAtHand ? 0 : builder.type(of: value).byteCount)
      }
      return (residuals, isNeeded, kept, bytes)
    }
    var (effective, chosen) = (retention, choice(retention))
    if retention != .everything, chosen.bytes > 0 {
      let everything = choice(.everything)
      if everything.bytes <= chosen.bytes { (effective, chosen) = (.everything, everything) }
    }
    return try linearization(chosen.kept, chosen.isNeeded, chosen.residuals.isRecomputed, effective)
  }

  /// Which of the results a value is, under its own name or another.
  ///
  /// The last one, because a loop stacks outputs and only hands on what it carries.
  private var resultPlaces: [Value: Int] {
    var places: [Value: Int] = [:]
    for (place, result) in values.enumerated() {
      var value = result.value
      places[value] = place
      while builder.nodes[value.node].kind == .named {
        value = builder.nodes[value.node].operands[0]
        places[value] = place
      }
    }
    return places
  }

  /// Notes which values the linear map reads, and tells which of its nodes a result depends on.
  private func need(of residuals: inout ResidualChoice) -> [Bool] {
    let nodes = builder.nodes
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    for case let direction? in directions {
      if isLinear[direction.value.node] {
        isNeeded[direction.value.node] = true
      } else {
        residuals.need(direction.value)
      }
    }
    for index in nodes.indices.reversed() where isNeeded[index] && isLinear[index] {
      for operand in nodes[index].operands {
        if isLinear[operand.node] { isNeeded[operand.node] = true } else { residuals.need(operand) }
      }
    }
    return isNeeded
  }

  private func linearization(
    _ kept: [Value], _ isNeeded: [Bool], _ isRecomputed: [Bool], _ retention: Retention
  ) throws(OperationError) -> Linearization {
    let nodes = builder.nodes
    var sources: [Linearization.Residual] = []
    var outputs = values
    let results = resultPlaces
    for value in kept {
      if let input = nodes[value.node].input {
        sources.append(.input(input.index))
      } else if let result = results[value] {
        sources.append(.kept(result))
      } else {
        sources.append(.kept(outputs.count))
        outputs.append(Symbol(builder: builder, value: value))
      }
    }
    let primal = Body(try builder.graph(outputs: outputs))

    let target = GraphBuilder()
    var symbols: [Value: Symbol] = [:]
    for value in kept { symbols[value] = target.input(builder.type(of: value)) }
    for variable in variables { symbols[variable.value] = target.input(variable.type) }
    for (index, node) in nodes.enumerated() {
      let isWritten = isLinear[index] ? isNeeded[index] && !node.operands.isEmpty : isRecomputed[index]
      guard isWritten else { continue }
      let operands = node.operands.compactMap { symbols[$0] }
      // The linear map is there for derivatives, and so is what it computes again.
      target.provenance = node.provenance.ofDerivative
      for (result, symbol) in target.emit(node.operation, operands).enumerated() {
        // What is kept is read, even where a neighbor among the results has to be computed again.
        let value = Value(node: index, result: result)
        if symbols[value] == nil { symbols[value] = symbol }
      }
    }
    let linear = try target.graph(outputs: directions.compactMap { $0.flatMap { symbols[$0.value] } })
    return Linearization(
      primal: primal, linear: Body(linear), residuals: sources, moving: directions.map { $0 != nil },
      retention: retention)
  }
}

/// Chooses what a function keeps for its linear map: what is cheap to compute from the rest is computed again.
private struct ResidualChoice {
  private let nodes: [Node]
  private let retention: Retention
  /// Whether a node's values are at hand for the linear map at no cost.
  private var isFree: [Bool]
  private var needed: [Set<Int>]
  /// The function's results, which cost nothing to keep.
  private let results: Set<Value>
  /// The results, and what several values are computed again from.
  private var atHand: Set<Value>
  /// Which nodes the linear map computes for itself.
  private(set) var isRecomputed: [Bool]

  init(_ nodes: [Node], isFree inputs: [Bool], isAtHand results: some Sequence<Value>, retention: Retention) {
    self.nodes = nodes
    self.retention = retention
    self.results = Set(results)
    atHand = self.results
    isFree = [Bool](repeating: false, count: nodes.count)
    needed = nodes.map { _ in [] }
    isRecomputed = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      if let input = node.input {
        isFree[index] = inputs[input.index]
      } else {
        isFree[index] = node.operation.isCheaplyRepeated && node.operands.allSatisfy { isFree[$0.node] }
      }
    }
  }

  /// Notes that the linear map reads a value.
  mutating func need(_ value: Value) { needed[value.node].insert(value.result) }

  /// The values to keep, inputs included, in order.
  mutating func choose() -> [Value] {
    shareSources()
    var kept: [Value] = []
    for (index, node) in nodes.enumerated().reversed() where !needed[index].isEmpty {
      if node.kind == .input || isKept(index) {
        kept += needed[index].sorted(by: >).map { Value(node: index, result: $0) }
      } else {
        isRecomputed[index] = true
        for operand in node.operands { need(operand) }
      }
    }
    return kept.reversed()
  }

  /// Finds the values from which several others can be computed again in one pass each, such as y for 1 + y and 1 − y,
  /// where keeping the one takes less than keeping the others.
  private mutating func shareSources() {
    var savings: [Value: Int] = [:]
    for (index, node) in nodes.enumerated() where !needed[index].isEmpty && node.operation.isCheaplyRepeated {
      let sources = Set(node.operands).filter { price(of: $0, depth: 0) > 0 }
      guard let source = sources.first, sources.count == 1 else { continue }
      savings[source, default: 0] += needed[index].reduce(0) { $0 + node.types[$1].byteCount }
    }
    for (source, saving) in savings where saving > nodes[source.node].types[source.result].byteCount {
      atHand.insert(source)
    }
  }

  private func isKept(_ index: Int) -> Bool {
    let node = nodes[index]
    switch retention {
    case .nothing: return false
    case .products:
      switch type(of: node.operation).kind {
      case .dot, .raggedDot, .convolution, .convolutionInputGradient, .convolutionWeightGradient: return true
      default: return false
      }
    case .named(let names): return (node.operation as? Named).map { names.contains($0.label) } ?? false
    case .everything:
      guard node.operation.isCheaplyRepeated, !isFree[index] else { return !isFree[index] }
      if needed[index].allSatisfy({ results.contains(Value(node: index, result: $0)) }) { return true }
      let price = node.operands.reduce(0) { $0 + self.price(of: $1, depth: 0) }
      return price >= needed[index].reduce(0) { $0 + node.types[$1].byteCount } && price > 0
    }
  }

  /// The bytes that must be kept in addition to what is needed already, so that the linear map can compute a value.
  private func price(of value: Value, depth: Int) -> Int {
    if isFree[value.node] || atHand.contains(value) || needed[value.node].contains(value.result) { return 0 }
    let node = nodes[value.node]
    let bytes = node.types[value.result].byteCount
    guard depth < Self.longestRepetition, node.operation.isCheaplyRepeated else { return bytes }
    return min(bytes, node.operands.reduce(0) { $0 + price(of: $1, depth: depth + 1) })
  }

  private static let longestRepetition = 6
}

extension Operation {
  /// Whether computing the result again costs less than keeping it: one pass of simple arithmetic, or none.
  fileprivate var isCheaplyRepeated: Bool {
    switch Self.kind {
    case .constant, .iota, .negate, .abs, .sign, .floor, .ceil, .round, .not, .isFinite, .stopGradient, .square, .add,
      .subtract, .multiply, .maximum, .minimum, .clamp, .and, .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic,
      .compare, .select, .convert,
      .reshape, .transpose, .broadcast, .reverse, .slice, .named:
      true
    default: false
    }
  }
}
