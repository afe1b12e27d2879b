import DescentGraph

/// Attention: for each query the mean of values, weighted by the softmax of the query's products with the keys.
///
/// Where the third axis from the end, that of heads, is longer in the query than in keys and values, and `[batch, heads, …]`
/// divides into their number, consecutive heads share keys and values. Numbers of 16 bits are multiplied, added up and weighted
/// in Float32, and the result alone is rounded. Source: Vaswani et al., "Attention is all you need", 2017; of shared keys,
/// Ainslie et al., "GQA", 2023.
///
/// - Parameters:
///   - query: `[…, queries, features]`.
///   - key: `[…, keys, features]`; the axes in front are repeated to the query's.
///   - value: `[…, keys, outputs]`.
///   - mask: `[…, queries, keys]`, repeated to that: booleans that hold where a query may look at a key, or numbers that
///     are added to the products. A query that may look at nothing gives zeros.
///   - isCausal: Whether a query may look only at keys up to its own number.
///   - scale: What products are multiplied by: 1 / √features where none is given.
///   - dropout: The fraction of the weights that is dropped, at least 0 and less than 1; it takes a random key.
///   - randomKey: The key that says which are dropped.
/// - Returns: `[…, queries, outputs]`.
public func scaledDotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
  dropout: Double = 0, randomKey: RandomKey? = nil
) -> Tensor {
  .calling {
    let name = "scaledDotProductAttention"
    if value.error != nil { return value }
    guard value.rank >= 2, value.elementType == query.elementType else {
      return .failure(
        name,
        "takes values […, keys, outputs] of the query's element type, not \(query.type), \(key.type) and \(value.type)")
    }
    guard dropout >= 0, dropout < 1, dropout == 0 || randomKey != nil else {
      return .failure(
        name,
        "the dropout must be at least 0 and less than 1 and take a random key, found \(dropout)"
          + (randomKey == nil ? " and no key" : ""))
    }
    var weights = wideWeights(query, key, mask, isCausal, scale, name)
    if weights.error != nil { return weights }
    if dropout > 0, let randomKey {
      let isKept = randomKey.bernoulli(weights.shape, probability: 1 - dropout)
      weights = `where`(isKept, weights * weights.number(1 / (1 - dropout)), weights.number(0))
    }
    let wide = value.converted(to: weights.elementType)
    guard let sharing = HeadSharing(weights, wide) else {
      return matmul(weights, wide).converted(to: query.elementType)
    }
    return sharing.apart(matmul(sharing.together(weights), wide)).converted(to: query.elementType)
  }
}

/// The weights by which attention averages values: for each query the softmax of its products with the keys.
///
/// - Parameters:
///   - query: `[…, queries, features]`.
///   - key: `[…, keys, features]`; the axes in front are repeated to the query's.
///   - mask: Which keys a query may look at, or what is added to the products; see `scaledDotProductAttention`. The weights of
///     a query that may look at nothing are zeros.
///   - isCausal: Whether a query may look only at keys up to its own number.
///   - scale: What products are multiplied by: 1 / √features where none is given.
/// - Returns: `[…, queries, keys]`.
public func attentionWeights(
  _ query: Tensor, _ key: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  .calling {
    wideWeights(query, key, mask, isCausal, scale, "attentionWeights").converted(to: query.elementType)
  }
}

/// The weights in the type that sums are taken in.
private func wideWeights(
  _ query: Tensor, _ key: Tensor, _ mask: Tensor?, _ isCausal: Bool, _ scale: Double?, _ name: String
) -> Tensor {
  if let failed = [query, key, mask].compactMap(\.self).first(where: { $0.error != nil }) { return failed }
  guard query.rank >= 2, key.rank >= 2, query.elementType.isFloatingPoint, key.elementType == query.elementType else {
    return .failure(
      name,
      "takes floating-point queries and keys […, length, features] of one element type, not \(query.type) and \(key.type)"
    )
  }
  let type = query.elementType.accumulator
  let (query, wideKey) = (query.converted(to: type), key.converted(to: type))
  let transposed = wideKey.swapped(-1, -2)
  let features = max(1, Double(query.shape[query.rank - 1]))
  var scores: Tensor
  if let sharing = HeadSharing(query, wideKey) {
    scores = sharing.apart(matmul(sharing.together(query), transposed))
  } else {
    scores = matmul(query, transposed)
  }
  scores = scores * query.number(scale ?? 1 / features.squareRoot())
  if scores.error != nil { return scores }
  let none = scores.number(-.infinity)
  if isCausal {
    let (queries, keys) = (scores.shape[scores.rank - 2], scores.shape[scores.rank - 1])
    let isPast = Tensor(rangeTo: keys) .<= Tensor(rangeTo: queries).expanded(axis: -1)
    scores = `where`(isPast, scores, none)
  }
  if let mask {
    scores =
      mask.elementType == .bool
      ? `where`(mask, scores, none)
      : scores + (mask.elementType == key.elementType ? mask.converted(to: type) : mask)
  }
  if scores.error != nil { return scores }
  let largest = stopGradient(scores.max(axes: [-1], keepingAxes: true))
  let powers = exp(scores - `where`(isFinite(largest), largest, largest.number(0)))
  let total = powers.sum(axes: [-1], keepingAxes: true)
  return powers / `where`(total .== total.number(0), total.number(1), total)
}

/// Heads of which consecutive ones share keys and values: the rows of those that do are taken together, so that each key is
/// read once.
private struct HeadSharing {
  private let heads: Int
  private let rows: Int
  private let keyHeads: Int

  /// The sharing of keys or values `[…, heads, keys, …]` by rows `[…, more heads, queries, …]`; `nil` where there is none.
  init?(_ rows: Tensor, _ shared: Tensor) {
    guard rows.rank >= 3, shared.rank >= 3 else { return nil }
    (heads, keyHeads) = (rows.shape[rows.rank - 3], shared.shape[shared.rank - 3])
    self.rows = rows.shape[rows.rank - 2]
    guard keyHeads > 0, heads > keyHeads, heads % keyHeads == 0 else { return nil }
  }

  /// The rows `[…, heads, queries, columns]` as `[…, key heads, rows, columns]`.
  func together(_ tensor: Tensor) -> Tensor {
    let sizes = tensor.shape.sizes
    return tensor.reshaped(Shape(sizes.dropLast(3) + [keyHeads, heads / keyHeads * rows, sizes[sizes.count - 1]]))
  }

  /// The reverse of `together`.
  func apart(_ tensor: Tensor) -> Tensor {
    if tensor.error != nil { return tensor }
    let sizes = tensor.shape.sizes
    return tensor.reshaped(Shape(sizes.dropLast(3) + [heads, rows, sizes[sizes.count - 1]]))
  }
}
