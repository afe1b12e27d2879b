import DescentGraph
import DescentTensors

/// The mean over rows of 1 − cosine of outputs and targets, whatever their lengths.
///
/// - Parameters:
///   - outputs: Vectors `[batch…, features]`.
///   - targets: Vectors `[batch…, features]`.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func cosineLoss(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
  cosineLoss(outputs, targets, reduction: .mean)
}

/// 1 − cosine of outputs and targets, of rows that count differently, or its sum.
///
/// - Parameters:
///   - outputs: Vectors `[batch…, features]`.
///   - targets: Vectors `[batch…, features]`.
///   - weights: What each row counts, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the outputs have 16 bits.
public func cosineLoss(
  _ outputs: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.cosineLoss(outputs, targets, weights).reduced(reduction)
}

/// The mean over rows of 1 − cosine for vectors that belong together, and of max(0, cosine − margin) for others.
///
/// - Parameters:
///   - first: Vectors `[batch…, features]`.
///   - second: Vectors `[batch…, features]`.
///   - isPair: Booleans `[batch…]`: whether vectors belong together.
///   - margin: The cosine that vectors which do not belong together may have.
///   - weights: What each row counts, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
public func cosineEmbeddingLoss(
  _ first: Tensor, _ second: Tensor, isPair: Tensor, margin: Double = 0, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  let name = "cosineEmbeddingLoss"
  return LossTerms(name) {
    let (first, second) = try LossTerms.matched(name, first, second)
    if let error = isPair.error { throw error }
    guard first.rank >= 1 else { throw TensorError(name, "takes vectors [batch…, features], found scalars") }
    let rows = first.shape.removing(axes: [first.rank - 1])
    guard isPair.elementType == .bool, isPair.shape == rows else {
      throw TensorError(
        name, "vectors \(first.shape) take booleans \(rows), found \(isPair.elementType) \(isPair.shape)")
    }
    return try .weighed(name, [first, second], rows, by: weights) {
      let cosine = cosineSimilarity($0[0], $0[1])
      return `where`(isPair, 1.0 - cosine, relu(cosine - margin))
    }
  }.reduced(reduction)
}

/// The mean over rows of max(0, |anchor − positive| − |anchor − negative| + margin): what belongs to the anchor should lie
/// nearer than what does not.
///
/// Source: Schroff, Kalenichenko and Philbin, "FaceNet", 2015.
///
/// - Parameters:
///   - anchor: Vectors `[batch…, features]`.
///   - positive: What belongs to them, in the same shape.
///   - negative: What does not, in the same shape.
///   - margin: How much nearer.
///   - order: Of the norm that measures; see `norm`.
///   - isSwapping: Whether the negative's distance is that from the positive where it is smaller. Source: Balntas et al.,
///     "Learning local feature descriptors with triplets", 2016.
///   - weights: What each row counts, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
public func tripletMarginLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, order: Double = 2,
  isSwapping: Bool = false, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  let name = "tripletMarginLoss"
  return LossTerms(name) {
    if let error = anchor.error ?? positive.error ?? negative.error { throw error }
    guard anchor.rank >= 1, anchor.shape == positive.shape, anchor.shape == negative.shape else {
      throw TensorError(
        name,
        "takes vectors [batch…, features] of one shape, found \(anchor.shape), \(positive.shape) and \(negative.shape)")
    }
    let wide = try LossTerms.wide(name, anchor)
    let operands = [wide, positive.converted(to: wide.elementType), negative.converted(to: wide.elementType)]
    return try .weighed(name, operands, anchor.shape.removing(axes: [anchor.rank - 1]), by: weights) { vectors in
      let near = (vectors[0] - vectors[1]).norm(order, axes: [-1])
      var far = (vectors[0] - vectors[2]).norm(order, axes: [-1])
      if isSwapping { far = minimum(far, (vectors[1] - vectors[2]).norm(order, axes: [-1])) }
      return relu(near - far + margin)
    }
  }.reduced(reduction)
}

/// The contrastive loss InfoNCE: the cross-entropy of finding each query's own key among all keys of the batch, by the
/// cosine of both.
///
/// Sources: van den Oord, Li and Vinyals, "Representation learning with contrastive predictive coding", 2018; in both
/// directions: Radford et al., "Learning transferable visual models from natural language supervision", 2021.
///
/// - Parameters:
///   - queries: Vectors `[batch, features]`.
///   - keys: Vectors `[keys, features]`, at least as many: key i belongs to query i, and all others do not.
///   - temperature: What the cosines are divided by, positive; a small one sees the nearest wrong keys alone.
///   - isSymmetric: Whether the mean with the loss of finding each key's query is taken; there are as many keys as queries
///     then.
///   - weights: What each query counts `[batch]`, or a mask; see `Reduction`. Keys of queries that count nothing are still
///     among those to choose from.
///   - reduction: What becomes of the losses of queries `[batch]`.
/// - Returns: A scalar, or `[batch]`; in Float32 where the vectors have 16 bits.
/// - Complexity: O(batch · keys · features).
public func infoNCELoss(
  _ queries: Tensor, _ keys: Tensor, temperature: Double = 0.1, isSymmetric: Bool = false, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.infoNCELoss(queries, keys, temperature, isSymmetric, weights).reduced(reduction)
}

/// The contrastive loss InfoNCE at temperature 0.1: finding each query's own key among all keys of the batch.
///
/// - Parameters:
///   - queries: Vectors `[batch, features]`.
///   - keys: Vectors `[keys, features]`: key i belongs to query i.
/// - Returns: A scalar, in Float32 where the vectors have 16 bits.
public func infoNCELoss(_ queries: Tensor, _ keys: Tensor) -> Tensor { infoNCELoss(queries, keys, reduction: .mean) }

extension LossTerms {
  static func cosineLoss(_ outputs: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms {
    ofRows("cosineLoss", outputs, targets, weights) { 1.0 - cosineSimilarity($0, $1) }
  }

  static func infoNCELoss(
    _ queries: Tensor, _ keys: Tensor, _ temperature: Double, _ isSymmetric: Bool, _ weights: Tensor?
  ) -> LossTerms {
    let name = "infoNCELoss"
    return LossTerms(name) {
      if let error = queries.error ?? keys.error { throw error }
      let wide = try wide(name, queries)
      guard queries.rank == 2, keys.rank == 2, queries.shape[1] == keys.shape[1],
        isSymmetric ? queries.shape[0] == keys.shape[0] : queries.shape[0] <= keys.shape[0]
      else {
        throw TensorError(
          name,
          "takes queries [batch, features] and \(isSymmetric ? "as many" : "at least as many") keys, found"
            + " \(queries.shape) and \(keys.shape)")
      }
      guard temperature > 0 else { throw TensorError(name, "its temperature must be positive, found \(temperature)") }
      let keys = keys.converted(to: wide.elementType).normalized(axes: [-1])
      return try weighed(name, [wide], [queries.shape[0]], by: weights) {
        let logits = matmul($0[0].normalized(axes: [-1]), keys.transposed()) / temperature
        let own = Tensor(rangeTo: queries.shape[0])
        let losses = DescentLayers.softmaxCrossEntropy(logits, own, reduction: .none)
        guard isSymmetric else { return losses }
        let back = DescentLayers.softmaxCrossEntropy(logits.transposed(), own, reduction: .none)
        return (losses + back) / 2
      }
    }
  }
}
