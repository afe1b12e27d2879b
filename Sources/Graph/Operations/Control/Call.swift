/// A function applied as one node: its derivative is made once, however often it is called, and may keep less than it
/// reads.
///
/// With a retention other than `everything` this is gradient checkpointing: the backward pass computes again what was
/// not kept (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016).
package struct Call: GraphOperation {
  /// The function.
  package let body: Body
  /// What its derivative may keep from the forward pass.
  package let retention: Retention
  /// Whether the function stays a plan of its own, so that nothing in it is shared with what was computed before.
  package let isIsolated: Bool

  /// Applies a function.
  package init(_ body: Body, retention: Retention = .everything, isIsolated: Bool = false) {
    self.body = body
    self.retention = retention
    self.isIsolated = isIsolated
  }

  package static var kind: OperationKind { .call }
  package var name: String { retention == .everything ? "call" : "checkpointed" }
  package var attributes: String {
    let words = retention == .everything ? [] : ["keeping \(retention.words)"]
    return (words + (isIsolated ? ["isolated"] : [])).joined(separator: ", ")
  }
  package var bodies: [Body] { [body] }
  package var resultCount: Int { body.graph.outputs.count }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkOperands(operands, are: body.inputTypes, of: "the function")
    return body.outputTypes
  }

  private func with(_ body: Body, isIsolated: Bool? = nil) -> Call {
    Call(body, retention: retention, isIsolated: isIsolated ?? self.isIsolated)
  }

  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    attempt(context) { () throws(OperationError) in
      let (builder, transforms, count) = (context.builder, context.transforms, resultCount)
      guard context.isLinearizing else {
        let derivative = try transforms.forward(body, moving: context.moving)
        let results = builder.emit(with(derivative.body), context.operands + context.directions)
        return (Array(results[..<count]), context.spread(results[count...], over: derivative.moving))
      }
      let parts = try transforms.linearized(
        body, moving: context.moving, isFree: context.operands.map { _ in true }, retention: retention)
      let results = builder.emit(with(parts.primal), context.operands)
      let residuals = parts.residuals.map { residual in
        switch residual {
        case .input(let index): context.operands[index]
        case .kept(let output): results[output]
        }
      }
      // What is computed again must not be found equal to what was computed first.
      let linear = with(parts.linear, isIsolated: isIsolated || parts.retention != .everything)
      let tangents = builder.emit(linear, residuals + context.directions)
      return (Array(results[..<count]), context.spread(tangents, over: parts.moving))
    }
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    attempt(context) { () throws(OperationError) in
      let linear = context.types.indices.map(context.isLinear)
      let back = try context.transforms.transposed(
        body, linear: linear, cotangents: context.cotangents.map { $0 != nil })
      let operands = context.operands.compactMap { $0 } + context.cotangents.compactMap { $0 }
      let receiving = zip(linear.indices.filter { linear[$0] }, back.moving).filter(\.1).map(\.0)
      return context.builder.emit(with(back.body), operands).spread(over: receiving, count: linear.count)
    }
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in
      let wide = try context.transforms.batched(
        body, size: context.size, isBatched: context.isBatched, forced: body.outputTypes.map { _ in true })
      return context.builder.emit(with(wide.body), context.operands)
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    body.graph.evaluated(operands)
  }
}
