import DescentGraph
import DescentTensors

/// A loss before its reduction: the losses of elements or rows, and what each of them counts.
struct LossTerms {
  /// The weighted losses, or a tensor that carries an error.
  let losses: Tensor
  /// What each loss counts in a mean, in the losses' shape; `nil` where each counts 1.
  let weights: Tensor?

  init(_ losses: Tensor, weights: Tensor? = nil) { (self.losses, self.weights) = (losses, weights) }

  /// What a body gives, or what carries the error that it throws. Mistakes made within are told by the loss's name.
  init(_ name: String, _ body: () throws -> LossTerms) {
    let call = FunctionCall(name)
    do {
      let terms = try body()
      if let error = terms.weights?.error { throw error }
      self.init(call(terms.losses), weights: terms.weights)
    } catch {
      self.init(call(Tensor(catching: { throw error })))
    }
  }

  /// The losses as they are asked for.
  func reduced(_ reduction: Reduction) -> Tensor {
    switch reduction {
    case .none: return losses
    case .sum: return losses.sum()
    case .mean:
      guard let weights, losses.error == nil else { return losses.mean() }
      let total = weights.sum()
      let isNothing = total .== number(0, total.elementType)
      let mean = losses.sum() / `where`(isNothing, number(1, total.elementType), total)
      return `where`(isNothing, number(0, total.elementType), mean)
    }
  }

  /// The sum of the weighted losses and that of the weights, in Float64, whose quotient is the mean.
  var totals: (losses: Tensor, weights: Tensor) {
    let count = Tensor(repeating: 1, shape: losses.shape, .float64)
    return (losses.converted(to: .float64).sum(), (weights?.converted(to: .float64) ?? count).sum())
  }

  /// The terms of a loss of pairs of elements in one shape.
  ///
  /// - Parameters:
  ///   - name: The loss, for errors.
  ///   - weights: What each element counts.
  ///   - predicted: The derivatives for targets as the model predicts them, where the loss says what it predicts.
  ///   - body: The losses of elements.
  static func ofElements(
    _ name: String, _ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?, predicted: PredictedTargets? = nil,
    _ body: (Tensor, Tensor) -> Tensor
  ) -> LossTerms {
    LossTerms(name) {
      let pair = try matched(name, outputs, targets)
      return try weighed(name, [pair.outputs, pair.targets], pair.outputs.shape, by: weights) { kept in
        PredictedTargets.probed(kept[0], predicted, kept[1]) { body($0, kept[1]) }
      }
    }
  }

  /// The terms of a loss of pairs of rows `[batch…, features]` in one shape.
  static func ofRows(
    _ name: String, _ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?, _ body: (Tensor, Tensor) -> Tensor
  ) -> LossTerms {
    LossTerms(name) {
      let pair = try matched(name, outputs, targets)
      let shape = pair.outputs.shape
      guard shape.rank >= 1 else { throw TensorError(name, "takes rows [batch…, features], found scalars") }
      let rows = shape.removing(axes: [shape.rank - 1])
      return try weighed(name, [pair.outputs, pair.targets], rows, by: weights) { kept in
        PredictedTargets.probed(kept[0], nil, kept[1]) { body($0, kept[1]) }
      }
    }
  }

  /// Two tensors of one shape, in an element type fit for sums.
  static func matched(
    _ name: String, _ outputs: Tensor, _ targets: Tensor
  ) throws -> (outputs: Tensor, targets: Tensor) {
    if let error = outputs.error ?? targets.error { throw error }
    let outputs = try wide(name, outputs)
    // Repeating one to the other's shape would be a silent mistake: [batch, 1] against [batch] gives batch² pairs.
    guard outputs.shape == targets.shape else {
      throw TensorError(name, "takes two tensors of one shape, found \(outputs.shape) and \(targets.shape)")
    }
    return (outputs, targets.converted(to: outputs.elementType))
  }

  /// Floating-point numbers in an element type fit for sums.
  static func wide(_ name: String, _ outputs: Tensor) throws -> Tensor {
    if let error = LayerSite(name).refusal(of: outputs)?.error { throw error }
    return outputs.converted(to: outputs.elementType.accumulator)
  }

  /// The losses that a body makes of operands, weighted.
  ///
  /// - Parameters:
  ///   - operands: What the losses are made of, whose leading axes are those of the losses. Where a loss counts nothing, the
  ///     body sees zeros, so that neither its value nor its derivative has a say.
  ///   - shape: The shape of the losses.
  ///   - weights: What each counts, from the user.
  static func weighed(
    _ name: String, _ operands: [Tensor], _ shape: Shape, by weights: Tensor?, _ body: ([Tensor]) -> Tensor
  ) throws -> LossTerms {
    guard let weights else { return LossTerms(body(operands)) }
    let aligned = try LossWeights(weights, for: shape, of: name)
    let kept = operands.map { operand -> Tensor in
      let isCounted = aligned.isCounted.reshaped(
        Shape(aligned.isCounted.shape.sizes + [Int](repeating: 1, count: operand.rank - shape.rank)))
      return `where`(isCounted.broadcast(to: operand.shape), operand, number(0, operand.elementType))
    }
    let losses = body(kept)
    let numbers = aligned.numbers.converted(to: losses.elementType).broadcast(to: shape)
    return LossTerms(scaled(losses, by: numbers), weights: numbers)
  }

  /// Numbers times what they count: nothing where they count nothing, even if they are infinite.
  static func scaled(_ losses: Tensor, by weights: Tensor) -> Tensor {
    let zero = number(0, losses.elementType)
    return `where`(weights .== zero, zero, losses * weights)
  }
}

/// What each of some losses counts, from numbers or a mask for them or their leading axes.
struct LossWeights {
  /// The weights, with an axis of size 1 in place of each that they do not have.
  let numbers: Tensor
  /// Whether each is something.
  let isCounted: Tensor

  /// - Throws: `TensorError` where weights and losses do not fit.
  init(_ weights: Tensor, for losses: Shape, of name: String) throws {
    if let error = weights.error { throw error }
    let sizes = weights.shape.sizes
    guard sizes.count <= losses.rank, zip(sizes, losses.sizes).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      throw TensorError(
        name, "losses \(losses) take weights of this shape or of its leading axes, found \(weights.shape)")
    }
    numbers = weights.reshaped(Shape(sizes + [Int](repeating: 1, count: losses.rank - sizes.count)))
    isCounted = weights.elementType == .bool ? numbers : numbers .!= number(0, weights.elementType)
  }
}
