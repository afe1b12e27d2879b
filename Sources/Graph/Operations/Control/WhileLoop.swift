/// A loop that goes on as long as a condition holds.
///
/// The operands are the first carried values and the constants; condition and body take both. The condition gives one
/// boolean, the body the next carried values. It has forward mode only: a backward pass would have to keep something
/// from each of an unknown number of steps.
package struct WhileLoop: GraphOperation {
  /// Whether to take another step.
  package let condition: Body
  /// One step.
  package let body: Body
  /// The number of values that are carried from step to step.
  package let carryCount: Int

  /// Repeats a step as long as a condition holds.
  package init(_ condition: Body, _ body: Body, carryCount: Int) {
    self.condition = condition
    self.body = body
    self.carryCount = carryCount
  }

  package static var kind: OperationKind { .whileLoop }
  package var bodies: [Body] { [condition, body] }
  package var resultCount: Int { carryCount }
  package var attributes: String { "\(carryCount) carried" }

  private var carries: Range<Int> { 0..<carryCount }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkOperands(operands, are: body.inputTypes, of: "the step")
    try checkOperands(operands, are: condition.inputTypes, of: "the condition")
    guard condition.outputTypes == [TensorType([], .bool)] else {
      throw OperationError(name, "the condition gives \(condition.outputTypes), not one boolean")
    }
    guard carryCount >= 0, carryCount <= operands.count, body.outputTypes.count == carryCount else {
      throw OperationError(name, "the step gives \(body.outputTypes.count) values, not the \(carryCount) carried ones")
    }
    for (index, type) in body.outputTypes.enumerated() where type != operands[index] {
      throw OperationError(
        name, "carried value \(index + 1) enters a step as \(operands[index]) and leaves it as \(type)")
    }
    return body.outputTypes
  }

  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    let builder = context.builder
    guard context.moving.contains(true) else {
      let results = builder.emit(self, context.operands)
      return (results, results.map { _ in nil })
    }
    return attempt(context) { () throws(OperationError) in
      var moving = context.moving
      var derivative = try context.transforms.forward(body, moving: moving)
      while carries.contains(where: { derivative.moving[$0] && !moving[$0] }) {
        for index in carries where derivative.moving[index] { moving[index] = true }
        derivative = try context.transforms.forward(body, moving: moving)
      }
      let moved = carries.filter { moving[$0] }
      let movedConstants = (carryCount..<moving.count).filter { moving[$0] }
      let (types, count) = (body.inputTypes, body.inputTypes.count)
      let wideTypes =
        (Array(carries) + moved + Array(carryCount..<count) + movedConstants).map { types[$0] }
      func sorted(_ inputs: [Symbol]) -> (values: [Symbol], directions: [Symbol]) {
        var rest = inputs[...]
        var values = rest.take(carryCount)
        var directions = rest.take(moved.count)
        values += rest.take(count - carryCount)
        directions += rest
        return (values, directions)
      }
      let step = try Body.write(wideTypes) { builder, inputs throws(OperationError) in
        let (values, directions) = sorted(inputs)
        let results = builder.inline(derivative.body.graph, values + directions)
        let tangents = context.spread(results[carryCount...], over: derivative.moving)
        return results[..<carryCount] + moved.map { tangents[$0] ?? builder.constant(0, types[$0]) }
      }
      let test = try Body.write(wideTypes) { builder, inputs throws(OperationError) in
        builder.inline(condition.graph, sorted(inputs).values)
      }
      func tangents(_ places: [Int]) -> [Symbol] {
        places.map { context.tangents[$0] ?? context.operands[$0].zeros }
      }
      let results = builder.emit(
        WhileLoop(test, step, carryCount: carryCount + moved.count),
        context.operands[carries] + tangents(moved) + context.operands[carryCount...] + tangents(movedConstants))
      // A loop that depends on tangents cannot give the values of a derivative that is transposed.
      let values = context.isLinearizing ? builder.emit(self, context.operands) : Array(results[carries])
      return (values, Array(results[carryCount...]).spread(over: moved, count: carryCount))
    }
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    context.builder.fail(
      OperationError(
        name,
        "has no gradient: how many steps a backward pass would have to keep is not known before the loop runs; use scan"
          + " with a fixed number of steps, or forward mode"))
    return context.types.map { _ in nil }
  }

  /// The loop runs until every example is done; those that are done early keep their values.
  package func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in
      let (size, transforms) = (context.size, context.transforms)
      var isBatched = context.isBatched
      var test = try transforms.batched(condition, size: size, isBatched: isBatched, forced: [false])
      func wide() throws(OperationError) -> (body: Body, isBatched: [Bool]) {
        try transforms.batched(
          body, size: size, isBatched: isBatched, forced: carries.map { isBatched[$0] || test.isBatched[0] })
      }
      var step = try wide()
      while carries.contains(where: { step.isBatched[$0] && !isBatched[$0] }) {
        for index in carries where step.isBatched[index] { isBatched[index] = true }
        test = try transforms.batched(condition, size: size, isBatched: isBatched, forced: [false])
        step = try wide()
      }
      let operands = context.operands.indices.map { isBatched[$0] ? context.batched($0) : context.operands[$0] }
      if test.isBatched[0] {
        let condition = test
        let types = operands.map(\.type)
        let kept = try Body.write(types) { builder, inputs throws(OperationError) in
          let goesOn = builder.inline(condition.body.graph, inputs)[0]
          let next = builder.inline(step.body.graph, inputs)
          return zip(next, inputs).map { next, last in
            next.selected(where: goesOn.broadcast(next.shape, axes: [0]), otherwise: last)
          }
        }
        step = (kept, step.isBatched)
        test.body = try Body.write(types) { builder, inputs throws(OperationError) in
          [builder.inline(condition.body.graph, inputs)[0].apply(Reduce(.or, axes: [0]))]
        }
      }
      let results = context.builder.emit(WhileLoop(test.body, step.body, carryCount: carryCount), operands)
      return zip(results, step.isBatched).map { $1 ? $0 : $0.broadcast(leading: size) }
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var carried = Array(operands[carries])
    let constants = operands[carryCount...]
    while condition.graph.evaluated(carried + constants)[0].integers[0] != 0 {
      carried = body.graph.evaluated(carried + constants)
    }
    return carried
  }
}
