import DescentGraph
import DescentTensors

/// Which keys the queries of a layer may look at, and what is added to their products, brought into the form that
/// `scaledDotProductAttention` takes: `[…, heads or 1, queries, keys]`.
struct AttentionMask {
  /// The axes in front of `[length, features]` in the queries.
  let batch: Shape
  let queries: Int
  let keys: Int
  private var isAllowed: Tensor?
  private var bias: Tensor?

  init(batch: Shape, queries: Int, keys: Int) {
    (self.batch, self.queries, self.keys) = (batch, queries, keys)
  }

  /// What is wrong with a mask or a padding, `nil` for nothing.
  static func fault(_ mask: Tensor?, _ padding: Tensor?, batch: Shape, heads: Int, queries: Int, keys: Int) -> String? {
    if let mask, mask.error == nil {
      let forms: [Shape] = [
        [queries, keys], Shape(batch.sizes + [queries, keys]), Shape(batch.sizes + [heads, queries, keys]),
      ]
      let fits = forms.contains { form in
        form.rank == mask.rank && zip(mask.shape, form).allSatisfy { $0 == $1 || $0 == 1 }
      }
      guard fits else {
        return
          "takes a mask \(forms.map { "\($0)" }.joined(separator: " or ")), with 1 where an axis is repeated, found"
          + " \(mask.shape)"
      }
      guard mask.elementType == .bool || mask.elementType.isFloatingPoint else {
        return "takes a mask of booleans, or of floating-point numbers to be added, found \(mask.elementType)"
      }
    }
    if let padding, padding.error == nil {
      let form = Shape(batch.sizes + [keys])
      guard padding.shape == form, padding.elementType == .bool else {
        return
          "takes a padding of booleans \(form) that hold where there is something to look at, found \(padding.type)"
      }
    }
    return nil
  }

  /// Lets queries look at keys only where a boolean tensor holds, `[…, queries, keys]`.
  mutating func allow(_ condition: Tensor) { isAllowed = isAllowed.map { $0 .& condition } ?? condition }

  /// Adds numbers to the products.
  mutating func add(_ numbers: Tensor) { bias = bias.map { $0 + numbers } ?? numbers }

  /// Takes a mask of the user's.
  mutating func take(_ mask: Tensor?, _ type: ElementType) {
    guard var mask else { return }
    // One for each example stands before the heads.
    if mask.rank == batch.rank + 2, mask.rank > 2 { mask = mask.expanded(axis: -3) }
    if mask.elementType == .bool { allow(mask) } else { add(mask.converted(to: type)) }
  }

  /// Takes which keys there are, `[batch, keys]`.
  mutating func take(padding: Tensor?) {
    guard let padding else { return }
    allow(padding.expanded(axis: -2).expanded(axis: -2))
  }

  /// Both in one tensor, `nil` where every query may look at every key.
  func tensor() -> Tensor? {
    guard let isAllowed else { return bias }
    guard let bias else { return isAllowed }
    return `where`(isAllowed, bias, number(-.infinity, bias.elementType))
  }
}
