import DescentGraph

/// Attention: for each query the mean of values, weighted by the softmax of the query's products with the keys.
///
/// Source: Vaswani et al., "Attention is all you need", 2017.
///
/// - Parameters:
///   - query: `[…, queries, features]`.
///   - key: `[…, keys, features]`; the axes in front are repeated to the query's.
///   - value: `[…, keys, outputs]`.
///   - mask: `[…, queries, keys]`, repeated to that: booleans that hold where a query may look at a key, or numbers that
///     are added to the products. A query that may look at nothing gives zeros.
///   - isCausal: Whether a query may look only at keys up to its own number.
///   - scale: What products are multiplied by: 1 / √features where none is given.
/// - Returns: `[…, queries, outputs]`.
public func scaledDotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  .calling {
    let name = "scaledDotProductAttention"
    if let failed = [query, key, value, mask].compactMap({ $0 }).first(where: { $0.error != nil }) { return failed }
    guard query.rank >= 2, key.rank >= 2, value.rank >= 2, query.elementType.isFloatingPoint else {
      return .failure(
        name,
        "takes floating-point queries, keys and values […, length, features], not \(query.type), \(key.type) and"
          + " \(value.type)")
    }
    let type = query.elementType
    let (query, key, value) = (
      query.converted(to: type.accumulator), key.converted(to: type.accumulator), value.converted(to: type.accumulator)
    )
    let features = Double(query.shape[query.rank - 1])
    var scores = matmul(query, key.swapped(-1, -2)) * query.number(scale ?? 1 / features.squareRoot())
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
        : scores + (mask.elementType == type ? mask.converted(to: scores.elementType) : mask)
    }
    if scores.error != nil { return scores }
    let largest = stopGradient(scores.max(axes: [-1], keepingAxes: true))
    let powers = exp(scores - `where`(isFinite(largest), largest, largest.number(0)))
    let total = powers.sum(axes: [-1], keepingAxes: true)
    return matmul(powers / `where`(total .== total.number(0), total.number(1), total), value).converted(to: type)
  }
}
