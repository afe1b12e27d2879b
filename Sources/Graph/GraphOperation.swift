/// An operation that holds functions and applies them to its operands: a loop, a branch, a call.
package protocol GraphOperation: Operation {
  /// The functions.
  var bodies: [Body] { get }
  /// The number of results, known without the operands.
  var resultCount: Int { get }
}

extension GraphOperation {
  /// Not called: `linked` writes results and tangents together.
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    context.results.first?.builder.fail(OperationError(name, "has no tangents apart from its results"))
    return context.results.map { _ in nil }
  }

  /// The results and tangents that a rule writes, or, where it throws, results that stand for a kept mistake.
  func attempt(
    _ context: LinkedContext, _ rule: () throws(OperationError) -> (results: [Symbol], tangents: [Symbol?])
  ) -> (results: [Symbol], tangents: [Symbol?]) {
    do throws(OperationError) { return try rule() } catch {
      context.builder.fail(error)
      let results = context.builder.invalid(count: resultCount)
      return (results, results.map { _ in nil })
    }
  }

  /// The cotangents that a rule writes, or none where it throws.
  func attempt(
    _ context: TransposeContext, _ rule: () throws(OperationError) -> [Symbol?]
  ) -> [Symbol?] {
    do throws(OperationError) { return try rule() } catch {
      context.builder.fail(error)
      return context.types.map { _ in nil }
    }
  }

  /// The batched results that a rule writes, or, where it throws, results that stand for a kept mistake.
  func attempt(_ context: BatchContext, _ rule: () throws(OperationError) -> [Symbol]) -> [Symbol] {
    do throws(OperationError) { return try rule() } catch {
      context.builder.fail(error)
      return context.builder.invalid(count: resultCount)
    }
  }

  /// Refuses operands that are not those that a function takes.
  func checkOperands(_ operands: [TensorType], are types: [TensorType], of body: String) throws(OperationError) {
    guard operands.count == types.count else {
      throw OperationError(name, "\(body) takes \(types.count) arguments, not \(operands.count)")
    }
    for (index, (operand, type)) in zip(operands, types).enumerated() where operand != type {
      throw OperationError(name, "\(body) takes \(type) as argument \(index + 1), not \(operand)")
    }
  }
}

/// What a rule that writes results and tangents together works with.
package struct LinkedContext {
  /// The builder to write into.
  package let builder: GraphBuilder
  /// The operands' values.
  package let operands: [Symbol]
  /// The operands' tangents, `nil` standing for zero.
  package let tangents: [Symbol?]
  /// Whether the tangents will be transposed, so that what is linear in them has to stand apart from the results.
  package let isLinearizing: Bool
  /// What can be done to functions.
  package let transforms: any GraphTransforms

  /// Creates the context of one node.
  package init(
    builder: GraphBuilder, operands: [Symbol], tangents: [Symbol?], isLinearizing: Bool,
    transforms: any GraphTransforms
  ) {
    self.builder = builder
    self.operands = operands
    self.tangents = tangents
    self.isLinearizing = isLinearizing
    self.transforms = transforms
  }

  /// Which operands have tangents.
  var moving: [Bool] { tangents.map { $0 != nil } }
  /// The tangents that are not zero.
  var directions: [Symbol] { tangents.compactMap { $0 } }

  /// The tangents of all results, `nil` where they do not move.
  func spread(_ directions: some Sequence<Symbol>, over moving: [Bool]) -> [Symbol?] {
    var rest = directions.makeIterator()
    return moving.map { $0 ? rest.next() : nil }
  }
}

extension Operation {
  /// Applies the operation, and asks the forward rule for the tangents.
  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    let results = context.builder.emit(self, context.operands)
    guard context.moving.contains(true) else { return (results, results.map { _ in nil }) }
    let forward = ForwardContext(operands: context.operands, results: results, tangents: context.tangents)
    let place = context.builder.provenance
    let tangents = context.builder.writing(context.isLinearizing ? place.ofDerivative : place) {
      self.tangents(forward)
    }
    return (results, tangents)
  }
}
