import DescentGraph
import DescentTensors

/// A learned vector for each of a number of indices, such as those of words.
///
/// Integers `[…]` become vectors `[…, size]`, the rows of a table `[count, size]`, taken without a product. The gradient is
/// added to the rows that were taken, those that were taken more than once several times.
///
/// ```swift
/// struct LanguageModel: Layer {
///   var words = Embedding(count: 10_000, size: 256)
///   var recurrent = LSTM(units: 256)
///   func callAsFunction(_ text: Tensor) -> Tensor { words.logits(recurrent(words(text))) }
/// }
/// ```
///
/// The table is initialized like weights from `size` inputs to `count` outputs, which it is in `logits(_:)`: with
/// `.lecunNormal` vectors have a length near 1.
public struct Embedding: Layer {
  /// The vectors `[count, size]`.
  public var weight = Parameter()
  /// The number of vectors.
  public let count: Int
  /// The size of a vector.
  public let size: Int
  /// An index that stands for nothing, such as what fills up short sentences, or `nil` for none: its vector is 0, and
  /// has no gradient. It may be that of a row, or lie outside, such as −1.
  public let padding: Int?
  /// How the vectors are initialized.
  public let initializer: Initializer

  /// A table of vectors.
  ///
  /// - Parameters:
  ///   - count: The number of vectors; indices are less than that.
  ///   - size: The size of a vector.
  ///   - padding: An index that stands for nothing, of a row or outside, such as −1; its vector is 0, whatever the table
  ///     holds.
  ///   - initializer: How the vectors are initialized.
  public init(count: Int, size: Int, padding: Int? = nil, initializer: Initializer = .lecunNormal) {
    self.count = count
    self.size = size
    self.padding = padding
    self.initializer = initializer
  }

  /// The vectors at indices: `[…]` becomes `[…, size]`.
  ///
  /// An index outside `0..<count` is an error that names it, wherever the indices are known or given to a compiled function as
  /// they are; where they are computed with before, the nearest row is taken.
  public func callAsFunction(_ indices: Tensor) -> Tensor {
    if indices.error != nil { return indices }
    let site = LayerSite("Embedding", holding: weight)
    guard indices.elementType.isInteger else {
      return site.failure("takes integer indices, found \(indices.elementType)\(indices.shape)")
    }
    let table = table(site)
    if table.error != nil { return table }
    if let error = ExpectedLabels.refusal(
      of: indices, below: count, ignoring: padding, in: site.title, naming: "the index", range: "the rows of the table")
    {
      return Tensor(error: error)
    }
    let vectors = site.probed(.rows, weight, nil, indices, site.titled(table.taken(indices)))
    guard let padding else { return vectors }
    let isPadding = indices.converted(to: .int64) .== Tensor(integers: [padding], shape: [], .int64)
    return `where`(isPadding.expanded(axis: -1), number(0, vectors.elementType), vectors)
  }

  /// The products of vectors with each row of the table, for an output that shares the weights of the input: `[…, size]`
  /// becomes `[…, count]`.
  ///
  /// Source: Press and Wolf, "Using the output embedding to improve language models", 2017.
  public func logits(_ vectors: Tensor) -> Tensor {
    if vectors.error != nil { return vectors }
    let site = LayerSite("Embedding", holding: weight)
    if let refusal = site.refusal(of: vectors) { return refusal }
    guard vectors.shape.last == size else {
      return site.failure("logits take vectors […, \(size)], found \(vectors.shape)")
    }
    let vectors = Run.current.input(vectors)
    let table = table(site)
    if table.error != nil { return table }
    guard table.elementType == vectors.elementType else {
      return site.failure(
        "its parameters are \(table.elementType), the input is \(vectors.elementType); convert one with converted(to:)")
    }
    Run.current.probe?.exclude(weight)
    return matmul(vectors, table.transposed())
  }

  /// The vectors, in their own type where the pass has no precision: indices ask for none.
  private func table(_ site: LayerSite) -> Tensor {
    guard count >= 1, size >= 1 else {
      return site.failure("has \(count) vectors of size \(size); it needs at least one of each")
    }
    let table = weight.bound(to: [count, size], in: site.layerType) { key, shape in
      let type = Run.current.precision?.parameters ?? .float32
      let values = initializer.values([size, count], key: key, type)
      return initializer.isMatrix ? values.transposed() : values.reshaped(shape)
    }
    return site.titled(table)
  }
}
