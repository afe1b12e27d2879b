import DescentGraph

/// Rounds every result of arithmetic a little worse than a processor does.
///
/// What a program's answers differ by when they are computed so is what rounding can do to them: cancellation,
/// steepness, a comparison that goes either way. Two correct evaluations may differ by no less. Source: Parker, "Monte
/// Carlo Arithmetic", 1997.
struct RoundingNoise {
  /// The part of a number by which a result is moved at most.
  let amount: Double
  /// Which of many ways of rounding.
  let salt: UInt64

  /// The function with noise after every operation that rounds, and after the inputs.
  func added(to graph: Graph) throws -> Graph {
    var salt = salt
    return try graph.rewritten { operation, results in
      guard operation.isRounded else { return results }
      return results.map { result in
        guard result.type.elementType.isFloatingPoint else { return result }
        salt = salt &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
        return result.apply(Jitter(amount: amount, salt: salt))
      }
    }
  }
}

extension Graph {
  /// The graph with each operation's results replaced by what a rule makes of them, in the functions that operations
  /// hold as well.
  func rewritten(_ rule: (any Operation, [Symbol]) -> [Symbol]) throws -> Graph {
    let builder = GraphBuilder()
    var values: [[Symbol]] = []
    let arguments = inputs.map { builder.input(type(of: $0)) }
    for node in nodes {
      let operands = node.operands.map { values[$0.node][$0.result] }
      if let input = node.operation as? Input {
        values.append(rule(input, [arguments[input.index]]))
      } else {
        let operation = try node.operation.rewritingBodies { try $0.rewritten(rule) }
        values.append(rule(operation, builder.emit(operation, operands)))
      }
    }
    return try builder.graph(outputs: outputs.map { values[$0.node][$0.result] })
  }
}

extension Operation {
  /// The operation with its functions rewritten.
  fileprivate func rewritingBodies(_ rule: (Graph) throws -> Graph) throws -> any Operation {
    func body(_ body: Body) throws -> Body { Body(try rule(body.graph)) }
    switch self {
    case let scan as Scan:
      return Scan(
        try body(scan.body), length: scan.length, carryCount: scan.carryCount, sequenceCount: scan.sequenceCount,
        isReversed: scan.isReversed)
    case let cond as Cond: return Cond(try cond.branches.map(body))
    case let loop as WhileLoop:
      return WhileLoop(try body(loop.condition), try body(loop.body), carryCount: loop.carryCount)
    case let call as Call: return Call(try body(call.body), retention: call.retention, isIsolated: call.isIsolated)
    // The derivative's rules do not run.
    case let custom as CustomDerivative: return Call(try body(custom.body))
    default: return self
    }
  }

  /// Whether a result may differ in its last places from one processor to another.
  fileprivate var isRounded: Bool {
    switch Self.kind {
    case .constant, .iota, .negate, .abs, .sign, .floor, .ceil, .round, .not, .isFinite, .stopGradient, .maximum,
      .minimum, .clamp, .and, .or, .xor, .shiftLeft, .shiftRight, .compare, .select, .convert, .reshape, .transpose,
      .broadcast, .reverse, .slice, .pad, .concatenate, .named, .gather, .dynamicSlice, .dynamicUpdateSlice, .sort,
      .topK, .argReduce, .scan, .cond, .whileLoop, .call, .customDerivative:
      false
    case .reduce: (self as? Reduce)?.isExact != true
    default: true
    }
  }
}

extension Reduce {
  fileprivate var isExact: Bool {
    switch reducer {
    case .maximum, .minimum, .and, .or: true
    default: false
    }
  }
}

/// Moves every number by a part of itself.
private struct Jitter: Operation {
  let amount: Double
  let salt: UInt64
  static var kind: OperationKind { .internal }

  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { operands }
  func tangents(_ context: ForwardContext) -> [Symbol?] { context.tangents }
  func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var state = salt
    let moved = operands[0].reals.map { number in
      state = state &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
      return number + number * amount * (Double(Int64(bitPattern: state) >> 11) * 0x1p-52)
    }
    return [ReferenceArray(results[0], reals: moved)]
  }
}
