import DescentGraph

extension Graph {
  /// The graph with loops, choices and isolated calls that compute and carry only what something reads.
  ///
  /// A loop whose outputs nobody reads stacks none, a carried value that only serves itself is not carried, and one that
  /// no step changes becomes a constant of the loop.
  ///
  /// - Throws: `OperationError` where a function breaks a shape rule.
  /// - Complexity: O(nodes), those of the functions included, for each level of functions inside functions.
  func pruningFunctions() throws(OperationError) -> Graph {
    guard nodes.contains(where: { $0.kind.holdsFunctions }) else { return self }
    var isRead = nodes.map { $0.types.map { _ in false } }
    func read(_ value: Value) { isRead[value.node][value.result] = true }
    var cuts: [Int: FunctionCut] = [:]
    for output in outputs { read(output) }
    for index in nodes.indices.reversed() where isRead[index].contains(true) {
      let node = nodes[index]
      if let cut = try FunctionCut(node.operation, isRead: isRead[index]) {
        cuts[index] = cut
        for operand in cut.operands + cut.passed.values { read(node.operands[operand]) }
      } else {
        for operand in node.operands { read(operand) }
      }
    }
    guard !cuts.isEmpty else { return self }

    let builder = GraphBuilder()
    let arguments = inputs.map { value in
      builder.input(type(of: value), name: nodes[value.node].input?.name ?? "")
    }
    // What nobody reads is not written.
    var values: [[Symbol?]] = []
    for (index, node) in nodes.enumerated() {
      builder.provenance = node.provenance
      let operands = node.operands.map { values[$0.node][$0.result] }
      if let input = node.input {
        values.append([arguments[input.index]])
      } else if let cut = cuts[index] {
        let results = builder.emit(cut.operation, cut.operands.compactMap { operands[$0] })
        values.append(
          node.types.indices.map { result in
            cut.passed[result].map { operands[$0] } ?? cut.results.firstIndex(of: result).map { results[$0] }
          })
      } else if isRead[index].contains(true) {
        values.append(builder.emit(node.operation, operands.compactMap { $0 }))
      } else {
        values.append(node.types.map { _ in nil })
      }
    }
    return try builder.graph(outputs: outputs.compactMap { values[$0.node][$0.result] })
  }
}

// Each is asked for several times for every function around it, and remembered: a function inside another inside a third
// would otherwise be walked as often as there are ways down to it.
extension Body {
  /// What is pruned of a function; `nil` where nothing is.
  private struct Pruned: Sendable { let body: Body? }

  /// The function with its own functions pruned.
  fileprivate func pruned() throws(OperationError) -> Body {
    let pruned = try remembered(Derivation(.pruned)) { () throws(OperationError) in
      let simpler = try graph.pruningFunctions()
      // A body that remembers itself would never be freed.
      return Pruned(body: simpler == graph ? nil : Body(simpler))
    }
    return pruned.body ?? self
  }

  /// For each input, whether one of some outputs depends on it.
  fileprivate func inputsRead(by outputs: [Int]) throws(OperationError) -> [Bool] {
    try remembered(Derivation(.inputsRead(outputs: outputs))) { () throws(OperationError) in
      // Functions inside may read less for some outputs than for all.
      let part = try Graph(nodes: graph.nodes, inputs: graph.inputs, outputs: outputs.map { graph.outputs[$0] })
        .pruningFunctions()
      let live = part.liveNodes()
      return part.inputs.map { live[$0.node] }
    }
  }

  /// A function of some of this one's inputs that gives some of its outputs; the others do not matter.
  fileprivate func part(inputs kept: [Int], outputs given: [Int]) throws(OperationError) -> Body {
    try remembered(Derivation(.part(inputs: kept, outputs: given))) { () throws(OperationError) in
      let types = inputTypes
      let body = try Body.write(kept.map { types[$0] }) { builder, inputs throws(OperationError) in
        var arguments = types.map { builder.constant(0, $0) }
        for (argument, input) in zip(kept, inputs) { arguments[argument] = input }
        let values = builder.inline(graph, arguments)
        return given.map { values[$0] }
      }
      return try body.pruned()
    }
  }
}

/// An operation that holds functions, reduced to what is read of it.
private struct FunctionCut {
  /// The operation that is left.
  let operation: any Operation
  /// Which of the operands it takes, in order.
  let operands: [Int]
  /// Which of the results it gives, in order.
  let results: [Int]
  /// The results that are operands unchanged.
  var passed: [Int: Int] = [:]

  /// Reduces an operation; `nil` where all of it is needed.
  init?(_ operation: any Operation, isRead: [Bool]) throws(OperationError) {
    switch operation {
    case let scan as Scan: try self.init(scan, isRead)
    case let loop as WhileLoop: try self.init(loop, isRead)
    case let cond as Cond: try self.init(cond, isRead)
    case let call as Call: try self.init(call, isRead)
    default: return nil
    }
  }

  private init?(_ scan: Scan, _ isRead: [Bool]) throws(OperationError) {
    let body = try scan.body.pruned()
    let carries = try CarriedValues(scan.carries, of: body, isRead: isRead)
    let outputs = carries.changing + isRead.indices.dropFirst(scan.carryCount).filter { isRead[$0] }
    let reads = try body.inputsRead(by: outputs)
    let sequences = scan.sequences.filter { reads[$0] }
    let constants = scan.constants.filter { reads[$0] } + carries.fixed.filter { reads[$0] }
    let inputs = carries.changing + sequences + constants
    if inputs.count == reads.count, outputs.count == isRead.count, carries.fixed.isEmpty, body == scan.body {
      return nil
    }
    operation = Scan(
      try body.part(inputs: inputs, outputs: outputs), length: scan.length, carryCount: carries.changing.count,
      sequenceCount: sequences.count, isReversed: scan.isReversed)
    operands = inputs
    results = outputs
    for carry in carries.fixed where isRead[carry] { passed[carry] = carry }
  }

  private init?(_ loop: WhileLoop, _ isRead: [Bool]) throws(OperationError) {
    let (test, step) = (try loop.condition.pruned(), try loop.body.pruned())
    let isTested = try test.inputsRead(by: [0])
    let needed = isRead.indices.map { isRead[$0] || isTested[$0] }
    let carries = try CarriedValues(0..<loop.carryCount, of: step, isRead: needed)
    let reads = try step.inputsRead(by: carries.changing)
    let constants = (Array(loop.carryCount..<reads.count) + carries.fixed).filter { reads[$0] || isTested[$0] }
    let inputs = carries.changing + constants
    let isWhole = inputs.count == reads.count && carries.fixed.isEmpty
    // A loop that changes nothing is left as it is: it may never end.
    if carries.changing.isEmpty || isWhole && step == loop.body && test == loop.condition { return nil }
    operation = WhileLoop(
      try test.part(inputs: inputs, outputs: [0]), try step.part(inputs: inputs, outputs: carries.changing),
      carryCount: carries.changing.count)
    operands = inputs
    results = carries.changing
    for carry in carries.fixed where isRead[carry] { passed[carry] = carry }
  }

  private init?(_ cond: Cond, _ isRead: [Bool]) throws(OperationError) {
    var branches: [Body] = []
    for branch in cond.branches { branches.append(try branch.pruned()) }
    let outputs = isRead.indices.filter { isRead[$0] }
    var reads: [[Bool]] = []
    for branch in branches { reads.append(try branch.inputsRead(by: outputs)) }
    let inputs = (reads.first ?? []).indices.filter { input in reads.contains { $0[input] } }
    if outputs.count == isRead.count, inputs.count == reads.first?.count, branches == cond.branches {
      return nil
    }
    var bodies: [Body] = []
    for branch in branches { bodies.append(try branch.part(inputs: inputs, outputs: outputs)) }
    operation = Cond(bodies)
    operands = [0] + inputs.map { $0 + 1 }
    results = outputs
  }

  private init?(_ call: Call, _ isRead: [Bool]) throws(OperationError) {
    let body = try call.body.pruned()
    let outputs = isRead.indices.filter { isRead[$0] }
    let reads = try body.inputsRead(by: outputs)
    let inputs = reads.indices.filter { reads[$0] }
    if outputs.count == isRead.count, inputs.count == reads.count, body == call.body { return nil }
    operation = Call(
      try body.part(inputs: inputs, outputs: outputs), retention: call.retention, isIsolated: call.isIsolated)
    operands = inputs
    results = outputs
  }
}

/// The carried values of a loop, sorted by what a step does with them.
private struct CarriedValues {
  /// Those that are needed and change.
  let changing: [Int]
  /// Those that every step hands on as they are.
  let fixed: [Int]

  /// Sorts the carried values; `isRead` says what is read of the loop's results.
  init(_ carries: Range<Int>, of step: Body, isRead: [Bool]) throws(OperationError) {
    let isFixed = carries.map { step.graph.outputs[$0] == step.graph.inputs[$0] }
    fixed = carries.filter { isFixed[$0] }
    var isNeeded = isRead
    for carry in fixed { isNeeded[carry] = false }
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      let reads = try step.inputsRead(by: isNeeded.indices.filter { isNeeded[$0] })
      for carry in carries where reads[carry] && !isNeeded[carry] && !isFixed[carry] {
        isNeeded[carry] = true
        isGrowing = true
      }
    }
    changing = carries.filter { isNeeded[$0] }
  }
}
