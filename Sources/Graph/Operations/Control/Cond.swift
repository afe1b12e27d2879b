/// One of several functions, chosen by an index; an index out of range chooses the nearest.
///
/// The first operand is the index, an int32 scalar; the others are the arguments of every branch. All branches give the
/// same types.
package struct Cond: GraphOperation {
  /// The functions to choose from.
  package let branches: [Body]

  /// Chooses between functions.
  package init(_ branches: [Body]) { self.branches = branches }

  package static var kind: OperationKind { .cond }
  package var bodies: [Body] { branches }
  package var resultCount: Int { branches.first?.graph.outputs.count ?? 0 }
  package var attributes: String { "\(branches.count) branches" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard let first = branches.first else { throw OperationError(name, "needs at least one branch") }
    guard let index = operands.first, index == TensorType([], .int32) else {
      throw OperationError(name, "is chosen by \(operands.first.map { "\($0)" } ?? "nothing"), not by int32[]")
    }
    for (position, branch) in branches.enumerated() {
      try checkOperands(Array(operands.dropFirst()), are: branch.inputTypes, of: "branch \(position)")
      guard branch.outputTypes == first.outputTypes else {
        throw OperationError(
          name, "branch 0 gives \(first.outputTypes), branch \(position) gives \(branch.outputTypes)")
      }
    }
    return first.outputTypes
  }

  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    // The index has no tangent.
    let moving = Array(context.moving.dropFirst())
    guard moving.contains(true) else {
      let results = context.builder.emit(self, context.operands)
      return (results, results.map { _ in nil })
    }
    return attempt(context) { () throws(OperationError) in
      try context.isLinearizing ? linearized(context, moving) : pushedForward(context, moving)
    }
  }

  private func pushedForward(
    _ context: LinkedContext, _ moving: [Bool]
  ) throws(OperationError) -> (results: [Symbol], tangents: [Symbol?]) {
    var derivatives: [(body: Body, moving: [Bool])] = []
    for branch in branches { derivatives.append(try context.transforms.forward(branch, moving: moving)) }
    let moves = Self.union(derivatives.map(\.moving))
    var wide: [Body] = []
    for derivative in derivatives {
      wide.append(
        try Body.write(derivative.body.inputTypes) { builder, inputs throws(OperationError) in
          let results = builder.inline(derivative.body.graph, inputs)
          return results[..<resultCount]
            + filled(results[resultCount...], derivative.moving, to: moves, builder)
        })
    }
    let directions = context.tangents.dropFirst().compactMap { $0 }
    let results = context.builder.emit(Cond(wide), context.operands + directions)
    return (Array(results[..<resultCount]), context.spread(results[resultCount...], over: moves))
  }

  /// The branches that also give what their derivatives read, and a choice between linear maps.
  ///
  /// What different branches keep shares places of the same type; a branch fills those that it does not use with zeros.
  private func linearized(
    _ context: LinkedContext, _ moving: [Bool]
  ) throws(OperationError) -> (results: [Symbol], tangents: [Symbol?]) {
    var parts: [Linearization] = []
    for branch in branches {
      parts.append(
        try context.transforms.linearized(
          branch, moving: moving, isFree: moving.map { _ in true }, retention: .everything))
    }
    let moves = Self.union(parts.map(\.moving))
    let slots = ResidualSlots(parts, resultCount: resultCount)
    var primals: [Body] = []
    for (branch, part) in parts.enumerated() {
      primals.append(
        try Body.write(part.primal.inputTypes) { builder, inputs throws(OperationError) in
          let values = builder.inline(part.primal.graph, inputs)
          return values[..<resultCount]
            + slots.types.indices.map { slot in
              slots.output(of: slot, in: branch).map { values[$0] } ?? builder.constant(0, slots.types[slot])
            }
        })
    }
    let results = context.builder.emit(Cond(primals), context.operands)
    let arguments = slots.inputs.map { context.operands[$0 + 1] } + results[resultCount...]
    let directions = context.tangents.dropFirst().compactMap { $0 }
    var linear: [Body] = []
    for (branch, part) in parts.enumerated() {
      linear.append(
        try Body.write((arguments + directions).map(\.type)) { builder, inputs throws(OperationError) in
          let residuals = slots.places(in: branch).map { inputs[$0] }
          let tangents = builder.inline(part.linear.graph, residuals + inputs[arguments.count...])
          return filled(tangents[...], part.moving, to: moves, builder)
        })
    }
    let tangents = context.builder.emit(Cond(linear), [context.operands[0]] + arguments + directions)
    return (Array(results[..<resultCount]), context.spread(tangents, over: moves))
  }

  /// The values for all places marked in `union`, zeros where a branch has none.
  private func filled(
    _ values: ArraySlice<Symbol>, _ marks: [Bool], to union: [Bool], _ builder: GraphBuilder
  ) -> [Symbol] {
    var rest = values
    let types = branches[0].outputTypes
    return union.indices.filter { union[$0] }.map { index in
      marks[index] ? rest.removeFirst() : builder.constant(0, types[index])
    }
  }

  private static func union(_ marks: [[Bool]]) -> [Bool] {
    (marks.first ?? []).indices.map { index in marks.contains { $0[index] } }
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    attempt(context) { () throws(OperationError) in
      guard let index = context.operands[0] else {
        throw OperationError(name, "has no derivative with respect to its index")
      }
      let linear = context.types.indices.dropFirst().map(context.isLinear)
      let inputs = linear.indices.filter { linear[$0] }
      let cotangents = context.cotangents.map { $0 != nil }
      var backs: [(body: Body, moving: [Bool])] = []
      for branch in branches {
        backs.append(try context.transforms.transposed(branch, linear: linear, cotangents: cotangents))
      }
      let receives = Self.union(backs.map(\.moving))
      var bodies: [Body] = []
      for back in backs {
        bodies.append(
          try Body.write(back.body.inputTypes) { builder, arguments throws(OperationError) in
            let received = builder.inline(back.body.graph, arguments)
              .spread(over: inputs.indices.filter { back.moving[$0] }, count: inputs.count)
            return inputs.indices.filter { receives[$0] }.map { position in
              received[position] ?? builder.constant(0, context.types[inputs[position] + 1])
            }
          })
      }
      let known = context.operands.dropFirst().compactMap { $0 }
      let results = context.builder.emit(Cond(bodies), [index] + known + context.cotangents.compactMap { $0 })
      return results.spread(
        over: inputs.indices.filter { receives[$0] }.map { inputs[$0] + 1 }, count: context.types.count)
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let index = min(max(0, Int(operands[0].integers[0])), branches.count - 1)
    return branches[index].graph.evaluated(Array(operands.dropFirst()))
  }
}

/// The places in which the branches of a choice leave what their derivatives read.
private struct ResidualSlots {
  /// The arguments that some branch's derivative reads.
  private(set) var inputs: [Int] = []
  /// The types of what is kept in addition to them.
  private(set) var types: [TensorType] = []
  private var slots: [[Int]] = []
  private let residuals: [[Linearization.Residual]]

  init(_ parts: [Linearization], resultCount: Int) {
    residuals = parts.map(\.residuals)
    for part in parts {
      var taken: Set<Int> = []
      var own: [Int] = []
      for residual in part.residuals {
        switch residual {
        case .input(let input): if !inputs.contains(input) { inputs.append(input) }
        case .kept(let output):
          let type = part.primal.outputTypes[output]
          let slot = types.indices.first { types[$0] == type && !taken.contains($0) } ?? types.count
          if slot == types.count { types.append(type) }
          taken.insert(slot)
          own.append(slot)
        }
      }
      slots.append(own)
    }
  }

  /// The output of a branch's primal function that belongs into a slot.
  func output(of slot: Int, in branch: Int) -> Int? {
    let outputs = residuals[branch].compactMap { residual -> Int? in
      if case .kept(let output) = residual { return output }
      return nil
    }
    return slots[branch].firstIndex(of: slot).map { outputs[$0] }
  }

  /// Where a branch's linear map finds its residuals: among the inputs and the slots that follow them.
  func places(in branch: Int) -> [Int] {
    var own = slots[branch][...]
    return residuals[branch].map { residual in
      switch residual {
      case .input(let input): inputs.firstIndex(of: input) ?? 0
      case .kept: inputs.count + own.removeFirst()
      }
    }
  }
}
