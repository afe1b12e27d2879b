/// The largest or smallest element of each window of `[batch, spatial…, channels]`; NaN where a window holds one.
package struct WindowedExtreme: Operation {
  /// Which element of a window is chosen: the first of equals in row-major order, NaN before all.
  package enum Choice: String, Sendable, Hashable {
    case maximum, minimum

    func prefers(_ candidate: Double, over leader: Double) -> Bool {
      if leader.isNaN { return false }
      if candidate.isNaN { return true }
      return self == .maximum ? candidate > leader : candidate < leader
    }
  }

  /// Which element of a window is chosen.
  package let choice: Choice
  /// How the windows lie.
  package let windows: WindowGeometry

  /// Chooses from windows.
  package init(_ choice: Choice, _ windows: WindowGeometry) {
    self.choice = choice
    self.windows = windows
  }

  package static var kind: OperationKind { .windowedExtreme }
  package var name: String { choice == .maximum ? "windowedMaximum" : "windowedMinimum" }
  package var attributes: String { windows.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = try windowedType(operands[0], windows)
    for axis in windows.size.indices {
      // A window of padding alone would have no element to choose.
      let reach = (windows.size[axis] - 1) * windows.dilation[axis]
      guard windows.low[axis] <= reach, windows.high[axis] <= reach else {
        throw OperationError(name, "padding must be smaller than the window: \(windows.attributes)")
      }
    }
    return [type]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0].map { context.operands[0].apply(SelectAndGather(choice, windows), $0) }]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].mergingBatch().apply(self).splittingBatch(context.size)]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var chosen = [Double](repeating: choice == .maximum ? -.infinity : .infinity, count: results[0].count)
    forEachWindow(operands[0].type.shape, windows) { output, places in
      if let place = choose(choice, operands[0], places) { chosen[output] = operands[0].reals[place] }
    }
    return [ReferenceArray(results[0], reals: chosen)]
  }
}

/// Takes, for each window of the first operand, the second operand's element at the place of the chosen one.
///
/// The forward rule of a windowed extreme: linear in the second operand.
package struct SelectAndGather: Operation {
  /// Which element of a window is chosen.
  package let choice: WindowedExtreme.Choice
  /// How the windows lie.
  package let windows: WindowGeometry

  /// Chooses from windows.
  package init(_ choice: WindowedExtreme.Choice, _ windows: WindowGeometry) {
    self.choice = choice
    self.windows = windows
  }

  package static var kind: OperationKind { .selectAndGather }
  package var attributes: String { "\(choice), \(windows.attributes)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkAlike(operands)
    return [try windowedType(operands[0], windows)]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[1].map { context.operands[0].apply(self, $0) }]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let input = context.operands[0], let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [nil, input.apply(SelectAndScatter(choice, windows), cotangent)]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.batched(0).mergingBatch().apply(self, context.batched(1).mergingBatch()).splittingBatch(context.size)]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var gathered = [Double](repeating: 0, count: results[0].count)
    forEachWindow(operands[0].type.shape, windows) { output, places in
      if let place = choose(choice, operands[0], places) { gathered[output] = operands[1].reals[place] }
    }
    return [ReferenceArray(results[0], reals: gathered)]
  }
}

/// Adds, for each window of the first operand, the second operand's element to the place of the chosen one.
///
/// The backward pass of max pooling: linear in the second operand.
package struct SelectAndScatter: Operation {
  /// Which element of a window is chosen.
  package let choice: WindowedExtreme.Choice
  /// How the windows lie.
  package let windows: WindowGeometry

  /// Chooses from windows.
  package init(_ choice: WindowedExtreme.Choice, _ windows: WindowGeometry) {
    self.choice = choice
    self.windows = windows
  }

  package static var kind: OperationKind { .selectAndScatter }
  package var attributes: String { "\(choice), \(windows.attributes)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let output = try windowedType(operands[0], windows)
    guard output == operands[1] else {
      throw OperationError(name, "windows over \(operands[0]) give \(output), not \(operands[1])")
    }
    return [operands[0]]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[1].map { context.operands[0].apply(self, $0) }]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let input = context.operands[0], let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [nil, input.apply(SelectAndGather(choice, windows), cotangent)]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.batched(0).mergingBatch().apply(self, context.batched(1).mergingBatch()).splittingBatch(context.size)]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var sums = [Double](repeating: 0, count: results[0].count)
    forEachWindow(operands[0].type.shape, windows) { output, places in
      if let place = choose(choice, operands[0], places) { sums[place] += operands[1].reals[output] }
    }
    return [ReferenceArray(results[0], reals: sums)]
  }
}

/// The place of the element that a window chooses, or `nil` where it covers none.
private func choose(_ choice: WindowedExtreme.Choice, _ input: ReferenceArray, _ places: [Int]) -> Int? {
  guard var best = places.first else { return nil }
  for place in places.dropFirst() where choice.prefers(input.reals[place], over: input.reals[best]) { best = place }
  return best
}
