/// A function whose derivative the user gives.
package struct CustomDerivative: GraphOperation {
  /// The derivative, in one of two spellings.
  package enum Derivative: Sendable, Hashable {
    /// For reverse mode: `forward` gives the function's results followed by what `backward` reads; `backward`
    /// takes that and a cotangent for each floating-point result, and gives a cotangent for each floating-point
    /// argument.
    case reverse(forward: Body, backward: Body)
    /// For either mode: takes the arguments and a tangent for each floating-point one, and gives a tangent for each
    /// floating-point result. It must be linear in the tangents.
    case forward(Body)
  }

  /// The function.
  package let body: Body
  /// Its derivative.
  package let derivative: Derivative
  /// The number of arguments. Operands after them come from outside, and have no derivative.
  package let argumentCount: Int

  /// Gives a function a derivative.
  package init(_ body: Body, _ derivative: Derivative, argumentCount: Int) {
    self.body = body
    self.derivative = derivative
    self.argumentCount = argumentCount
  }

  package static var kind: OperationKind { .customDerivative }
  package var attributes: String {
    switch derivative {
    case .reverse: "by cotangents"
    case .forward: "by tangents"
    }
  }
  package var bodies: [Body] {
    switch derivative {
    case .reverse(let forward, let backward): [body, forward, backward]
    case .forward(let tangents): [body, tangents]
    }
  }
  package var resultCount: Int { body.graph.outputs.count }

  private func floating(_ types: some Sequence<TensorType>) -> [TensorType] {
    types.filter(\.elementType.isFloatingPoint)
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkOperands(operands, are: body.inputTypes, of: "the function")
    guard argumentCount >= 0, argumentCount <= operands.count else {
      throw OperationError(name, "has \(operands.count) operands, not \(argumentCount) arguments")
    }
    let (arguments, results) = (operands[..<argumentCount], body.outputTypes)
    func check(_ found: [TensorType], _ wanted: [TensorType], _ what: String) throws(OperationError) {
      guard found == wanted else { throw OperationError(name, "\(what) \(found), not \(wanted)") }
    }
    switch derivative {
    case .reverse(let forward, let backward):
      try checkOperands(operands, are: forward.inputTypes, of: "the forward rule")
      try check(Array(forward.outputTypes.prefix(results.count)), results, "the forward rule gives")
      try check(
        backward.inputTypes, forward.outputTypes.dropFirst(results.count) + floating(results),
        "the backward rule takes")
      try check(backward.outputTypes, floating(arguments), "the backward rule gives")
    case .forward(let tangents):
      try check(tangents.inputTypes, operands + floating(arguments), "the tangent rule takes")
      try check(tangents.outputTypes, floating(results), "the tangent rule gives")
    }
    return results
  }

  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    let builder = context.builder
    guard context.moving.contains(true) else {
      let results = builder.emit(self, context.operands)
      return (results, results.map { _ in nil })
    }
    return attempt(context) { () throws(OperationError) in
      guard !context.moving[argumentCount...].contains(true) else {
        throw OperationError(
          name,
          "uses a tensor from outside that is being differentiated; make it an argument, so that the rule can say what"
            + " its derivative is")
      }
      let moves = body.outputTypes.map(\.elementType.isFloatingPoint)
      let directions = zip(context.operands, context.tangents).prefix(argumentCount)
        .filter { $0.0.type.elementType.isFloatingPoint }.map { $1 ?? $0.zeros }
      switch derivative {
      case .forward(let tangents):
        let results = builder.emit(self, context.operands)
        guard context.isLinearizing else {
          return (results, context.spread(builder.inline(tangents.graph, context.operands + directions), over: moves))
        }
        return (results, try linearTangents(context, tangents, directions, moves))
      case .reverse(let forward, let backward):
        guard context.isLinearizing else {
          throw OperationError(
            name,
            "was given a derivative for reverse mode only; forward mode needs customGradient with a rule for tangents")
        }
        let results = builder.inline(forward.graph, context.operands)
        let residuals = Array(results[resultCount...])
        let linear = TransposedBackward(backward: backward, residualCount: residuals.count)
        let tangents = builder.emit(linear, residuals + directions)
        return (Array(results[..<resultCount]), context.spread(tangents, over: moves))
      }
    }
  }

  /// The tangents that a rule gives, written such that what is linear in the directions stands apart.
  ///
  /// A loop or a choice in the rule may compute values and tangents together; a linear map is its own derivative, and
  /// linearizing takes the two apart.
  private func linearTangents(
    _ context: LinkedContext, _ tangents: Body, _ directions: [Symbol], _ moves: [Bool]
  ) throws(OperationError) -> [Symbol?] {
    let arguments = context.operands + directions.map(\.zeros)
    let parts = try context.transforms.linearized(
      tangents, moving: arguments.indices.map { $0 >= context.operands.count }, isFree: arguments.map { _ in true },
      retention: .everything)
    let values = context.builder.inline(parts.primal.graph, arguments)
    let residuals = parts.residuals.map { residual in
      switch residual {
      case .input(let index): arguments[index]
      case .kept(let output): values[output]
      }
    }
    let moved = context.spread(
      context.builder.inline(parts.linear.graph, residuals + directions), over: parts.moving)
    var rest = moved.makeIterator()
    return moves.map { $0 ? rest.next() ?? nil : nil }
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in
      let (size, transforms) = (context.size, context.transforms)
      let operands = context.allBatched
      func wide(_ body: Body) throws(OperationError) -> Body {
        try transforms.batched(
          body, size: size, isBatched: body.inputTypes.map { _ in true }, forced: body.outputTypes.map { _ in true }
        ).body
      }
      let derivative: Derivative =
        switch self.derivative {
        case .reverse(let forward, let backward): .reverse(forward: try wide(forward), backward: try wide(backward))
        case .forward(let tangents): .forward(try wide(tangents))
        }
      return context.builder.emit(
        CustomDerivative(try wide(body), derivative, argumentCount: argumentCount), operands)
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    body.graph.evaluated(operands)
  }
}

/// The linear map whose transpose a user's backward rule is. Nobody knows the map itself, so that only a transposition
/// can do away with it.
private struct TransposedBackward: GraphOperation {
  let backward: Body
  let residualCount: Int

  static var kind: OperationKind { .internal }
  var name: String { CustomDerivative.kind.rawValue }
  var bodies: [Body] { [backward] }
  var resultCount: Int { backward.inputTypes.count - residualCount }

  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    Array(backward.inputTypes.dropFirst(residualCount))
  }

  func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    attempt(context) { () throws(OperationError) in throw unknown }
  }

  func transposed(_ context: TransposeContext) -> [Symbol?] {
    let cotangents = zip(context.cotangents, backward.inputTypes.dropFirst(residualCount)).map { cotangent, type in
      cotangent ?? context.builder.constant(0, type)
    }
    let residuals = context.operands.prefix(residualCount).compactMap { $0 }
    let received = context.builder.inline(backward.graph, residuals + cotangents)
    return [Symbol?](repeating: nil, count: residualCount) + received
  }

  func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in throw unknown }
  }

  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    results.map { ReferenceArray($0, repeating: .nan) }
  }

  private var unknown: OperationError {
    OperationError(name, "was given a derivative for reverse mode only, which is not known as a map of tangents")
  }
}
