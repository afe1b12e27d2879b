import DescentGraph
import DescentTensors

/// The mean over all elements of max(0, margin − y · z), which asks for the right sign and some distance from 0.
///
/// - Parameters:
///   - outputs: z, in any shape.
///   - labels: y, −1 or 1 of any element type, in the same shape.
///   - margin: The distance that is asked for.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func hingeLoss(_ outputs: Tensor, _ labels: Tensor, margin: Double = 1) -> Tensor {
  elementwiseLoss("hingeLoss", outputs, labels) { relu(number(margin, $0.elementType) - $1 * $0) }
}

/// The mean over rows of 1 − cosine for vectors that belong together, and of max(0, cosine − margin) for others.
///
/// - Parameters:
///   - first: Vectors `[batch…, features]`.
///   - second: Vectors `[batch…, features]`.
///   - isPair: Booleans `[batch…]`: whether vectors belong together.
///   - margin: The cosine that vectors which do not belong together may have.
public func cosineEmbeddingLoss(_ first: Tensor, _ second: Tensor, isPair: Tensor, margin: Double = 0) -> Tensor {
  let call = FunctionCall()
  if isPair.error != nil { return isPair }
  let cosine = cosineSimilarity(first, second)
  if cosine.error != nil { return call(cosine) }
  guard isPair.elementType == .bool, isPair.shape == cosine.shape else {
    return LayerSite("cosineEmbeddingLoss").failure(
      "vectors \(first.shape) take booleans \(cosine.shape), found \(isPair.elementType) \(isPair.shape)")
  }
  return `where`(isPair, 1.0 - cosine, relu(cosine - margin)).mean()
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
public func tripletMarginLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, order: Double = 2
) -> Tensor {
  if let failed = [anchor, positive, negative].first(where: { $0.error != nil }) { return failed }
  guard anchor.rank >= 1, anchor.shape == positive.shape, anchor.shape == negative.shape else {
    return LayerSite("tripletMarginLoss").failure(
      "takes vectors [batch…, features] of one shape, found \(anchor.shape), \(positive.shape) and \(negative.shape)")
  }
  return .calling {
    let (near, far) = (anchor - positive, anchor - negative)
    return relu(near.norm(order, axes: [-1]) - far.norm(order, axes: [-1]) + margin).mean()
  }
}
