/// A tensor into whose windows updates are put: operands are the tensor, the indices and the updates, which have the
/// shape of what `Gather` would take from there.
///
/// Where several updates meet at an element they are combined in the order of their index vectors, so that the result
/// does not depend on who computes it.
package struct Scatter: Operation {
  /// What an update does to the element that it meets.
  package let combination: ScatterCombination
  /// What is addressed and where it comes from.
  package let geometry: IndexGeometry

  /// Puts updates into windows.
  package init(_ combination: ScatterCombination, _ geometry: IndexGeometry) {
    self.combination = combination
    self.geometry = geometry
  }

  package static var kind: OperationKind { .scatter }
  package var attributes: String { "\(combination), " + geometry.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (tensor, updates) = (operands[0], operands[2])
    try check(geometry, tensor, operands[1])
    let wanted = tensor.with(shape: geometry.gathered(from: tensor.shape, at: operands[1].shape))
    guard updates == wanted else {
      throw OperationError(name, "the updates of \(tensor) at \(operands[1].shape) are \(wanted), not \(updates)")
    }
    guard combination == .set || tensor.elementType != .bool else {
      throw OperationError(name, "\(combination) takes numbers, not bool")
    }
    return [tensor]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (tensor, updates) = (context.tangents[0], context.tangents[2])
    guard tensor != nil || updates != nil else { return [nil] }
    switch combination {
    case .add where updates == nil: return [tensor]
    case .add, .set:
      let base = tensor ?? context.operands[0].zeros
      return [base.apply(self, context.operands[1], updates ?? context.operands[2].zeros)]
    case .maximum, .minimum: return [extremeTangent(context)]
    case .multiply: return [productTangent(context)]
    }
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let indices = context.operands[1], let cotangent = context.cotangents[0] else { return [nil, nil, nil] }
    guard combination == .set else {
      return [
        context.isLinear(0) ? cotangent : nil, nil,
        context.isLinear(2) ? cotangent.apply(Gather(geometry), indices) : nil,
      ]
    }
    let none = context.builder.constant(0, context.types[2])
    var received = context.isLinear(2) ? cotangent.apply(Gather(geometry), indices) : nil
    if !geometry.isSinglePlace(indices.shape) {
      received = received.map { $0.selected(where: winners(indices, context.types), otherwise: none) }
    }
    return [context.isLinear(0) ? cotangent.apply(self, indices, none) : nil, nil, received]
  }

  /// Which updates are still to be seen after all have been set: each sets its number, and looks whether it stayed.
  private func winners(_ indices: Symbol, _ types: [TensorType]) -> Symbol {
    let (builder, count) = (indices.builder, types[2].count)
    let elementType: ElementType = count <= Int(Int32.max) ? .int32 : .int64
    let line = builder.emit(Iota(type: TensorType([count], elementType), axis: 0), [])[0]
    let numbers = line.reshaped(types[2].shape)
    let marked = builder.constant(0, types[0].with(elementType: elementType)).apply(self, indices, numbers)
    return marked.apply(Gather(geometry), indices).equals(numbers)
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (tensor, updates) = (context.batched(0), context.batched(2))
    if !context.isBatched[1], geometry.batch == 0 {
      return [tensor.apply(Scatter(combination, geometry.prepending(batch: false)), context.operands[1], updates)]
    }
    return [tensor.apply(Scatter(combination, geometry.prepending(batch: true)), context.batched(1), updates)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (tensor, updates, type) = (operands[0], operands[2], results[0].elementType)
    var (reals, integers) = (tensor.reals, tensor.integers)
    geometry.forEach(in: tensor.type.shape, at: operands[1]) { update, place in
      guard let place else { return }
      if type.isFloatingPoint {
        reals[place] = combined(reals[place], updates.reals[update])
      } else {
        integers[place] = ReferenceArray.wrapped(combined(integers[place], updates.integers[update], type), type)
      }
    }
    return [
      type.isFloatingPoint ? ReferenceArray(results[0], reals: reals) : ReferenceArray(results[0], integers: integers)
    ]
  }

  private func combined(_ x: Double, _ y: Double) -> Double {
    switch combination {
    case .add: x + y
    case .set: y
    case .maximum: Maximum.value(x, y)
    case .minimum: Minimum.value(x, y)
    case .multiply: x * y
    }
  }

  private func combined(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    switch combination {
    case .add: x &+ y
    case .set: y
    case .maximum: Maximum.value(x, y, type)
    case .minimum: Minimum.value(x, y, type)
    case .multiply: x &* y
    }
  }
}
