extension Cond {
  /// A choice that all examples share stays a choice; where each has its own, every branch that some example takes runs
  /// for all of them, and the results are chosen.
  package func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in
      var wide: [Body] = []
      let forced = branches[0].outputTypes.map { _ in true }
      for branch in branches {
        wide.append(
          try context.transforms.batched(
            branch, size: context.size, isBatched: Array(context.isBatched.dropFirst()), forced: forced
          ).body)
      }
      guard context.isBatched[0] else { return context.builder.emit(Cond(wide), context.operands) }
      let index = context.operands[0]
      let arguments = Array(context.operands.dropFirst())
      // Whatever the index, the nearest branch is the only one.
      if wide.count == 1 { return context.builder.inline(wide[0].graph, arguments) }
      var chosen: [Symbol] = []
      for (branch, body) in wide.enumerated() {
        let isFirst = branch == 0
        let isLast = branch == wide.count - 1
        // An index out of range chooses the nearest branch.
        let comparison = Compare(isFirst ? .lessOrEqual : isLast ? .greaterOrEqual : .equal)
        let taken = index.apply(comparison, index.constant(Double(branch)))
        let results =
          context.size == 0 || body.graph.isTame
          ? context.builder.inline(body.graph, arguments)
          : context.builder.emit(
            try Self.guarded(body, arguments.map(\.type), Array(context.isBatched.dropFirst()), taken.type),
            [taken.apply(Reduce(.or, axes: [0])).converted(to: .int32), taken] + arguments)
        chosen =
          isFirst
          ? results
          : zip(results, chosen).map { result, other in
            result.selected(where: taken.broadcast(result.shape, axes: [0]), otherwise: other)
          }
      }
      return chosen
    }
  }

  /// A branch that runs only where an example takes it, and shows those that do not the arguments of the first that does.
  ///
  /// What the branch makes of an argument that is not meant for it is dropped, but not its derivative: zero times the
  /// infinite slope of a root at 0 is not a number. The arguments of an example that takes the branch have the derivatives
  /// that the user sees anyway.
  private static func guarded(
    _ body: Body, _ types: [TensorType], _ isBatched: [Bool], _ taken: TensorType
  ) throws(OperationError) -> Cond {
    let inputs = [taken] + types
    let none = try Body.write(inputs) { builder, _ throws(OperationError) in
      body.outputTypes.map { builder.constant(0, $0) }
    }
    let some = try Body.write(inputs) { builder, inputs throws(OperationError) in
      let taken = inputs[0]
      let first = taken.converted(to: .int32).apply(ArgReduce(.argMaximum, axis: 0)).reshaped([1])
      let arguments = zip(inputs.dropFirst(), isBatched).map { argument, isBatched in
        guard isBatched else { return argument }
        let shape = argument.shape
        let example = argument.apply(DynamicSlice(axes: [0], sizes: [1]), first)
          .reshaped(shape.removing(axes: [0])).broadcast(leading: shape[0])
        return argument.selected(where: taken.broadcast(shape, axes: [0]), otherwise: example)
      }
      return builder.inline(body.graph, arguments)
    }
    return Cond([none, some])
  }
}

extension Graph {
  /// Whether finite arguments of ordinary size have finite values and derivatives of any order.
  fileprivate var isTame: Bool { nodes.allSatisfy { $0.kind.isTame } }
}

extension OperationKind {
  /// Whether the operation has no pole, no edge of its domain, and grows no faster than a power.
  fileprivate var isTame: Bool {
    switch self {
    case .input, .constant, .iota, .randomBits, .stopGradient, .named, .barrier: true
    case .negate, .abs, .sign, .floor, .ceil, .round, .not, .isFinite, .popcount: true
    case .square, .sin, .cos, .tanh, .logistic, .erf, .erfc: true
    case .add, .subtract, .multiply, .maximum, .minimum: true
    case .and, .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic: true
    case .compare, .select, .clamp, .convert: true
    case .reshape, .transpose, .broadcast, .reverse, .concatenate, .pad, .slice: true
    case .dynamicSlice, .dynamicUpdateSlice, .gather, .sort, .topK, .argReduce, .reduce, .dot: true
    case .convolution, .convolutionInputGradient, .convolutionWeightGradient: true
    default: false
    }
  }
}
