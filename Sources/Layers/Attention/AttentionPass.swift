import DescentGraph
import DescentTensors

/// One pass of queries through a layer of attention: what all ways of calling it have in common.
struct AttentionPass {
  let layer: MultiHeadAttention
  let site: LayerSite
  /// The input in the type of the computation.
  let input: Tensor
  /// The axes in front of `[length, features]`.
  let batch: Shape
  /// The number of queries.
  let length: Int
  /// The number of features of a head.
  let width: Int
  /// What is wrong with the layer's settings or the input, `nil` for nothing.
  let failure: Tensor?

  init(_ layer: MultiHeadAttention, _ input: Tensor) {
    let site = LayerSite("MultiHeadAttention", around: layer.query.weight)
    (self.layer, self.site) = (layer, site)
    let (features, isSequence) = (input.shape.last ?? 0, input.rank >= 2)
    batch = isSequence ? Shape(input.shape.sizes.dropLast(2)) : []
    length = isSequence ? input.shape[input.rank - 2] : 0
    // An example gives heads their width, and what follows has to be as wide.
    let known = layer.knownWidth
    width = known ?? (layer.heads > 0 ? features / layer.heads : 0)
    if input.error != nil {
      failure = input
    } else if !isSequence {
      failure = site.failure("takes an input […, length, features], found \(input.shape)")
    } else if let fault = Self.fault(of: layer, width) {
      failure = site.failure(fault)
    } else if known == nil, features % layer.heads != 0 {
      failure = site.failure(
        "divides the features among \(layer.heads) heads, and those of \(input.shape) do not divide so; give it a headWidth"
      )
    } else {
      failure = site.refusal(of: input)
    }
    self.input = failure == nil ? Run.current.input(input) : input
  }

  /// What is wrong with a layer's settings.
  private static func fault(of layer: MultiHeadAttention, _ width: Int) -> String? {
    let (heads, keyHeads) = (layer.heads, layer.keyHeads)
    guard heads >= 1, keyHeads >= 1, heads % keyHeads == 0 else {
      return "its number of heads must be a multiple of that of keys and values, found \(heads) and \(keyHeads)"
    }
    guard width >= 1, !heads.multipliedReportingOverflow(by: width).overflow else {
      return "its heads need at least one feature, found \(width) for each of \(heads)"
    }
    guard layer.dropout >= 0, layer.dropout < 1 else {
      return "its dropout must be at least 0 and less than 1, found \(layer.dropout)"
    }
    if let window = layer.window, window < 1 { return "its window must be at least 1, found \(window)" }
    return nil
  }

  /// `[…, length, heads · width]` as `[…, heads, length, width]`.
  private func split(_ x: Tensor, _ heads: Int) -> Tensor {
    if x.error != nil { return x }
    return x.reshaped(Shape(x.shape.sizes.dropLast() + [heads, width])).swapped(-3, -2)
  }

  /// The keys and values of what is looked at, `[…, key heads, keys, width]`.
  ///
  /// - Parameter positions: Where it stands; from 0 on where none are given.
  func memory(_ memory: Tensor, values: Tensor?, at positions: Tensor? = nil) -> AttentionMemory {
    func failed(_ tensor: Tensor) -> AttentionMemory { AttentionMemory(keys: tensor, values: tensor) }
    if let failure { return failed(failure) }
    let source = values ?? memory
    if let error = [memory, source].first(where: { $0.error != nil }) { return failed(error) }
    guard memory.rank == batch.rank + 2, source.rank == memory.rank,
      Array(memory.shape.sizes.dropLast(2)) == batch.sizes,
      memory.shape.sizes.dropLast() == source.shape.sizes.dropLast()
    else {
      return failed(
        site.failure(
          "takes as many sequences [keys, features] to look at as it is given, found \(memory.shape) and values"
            + " \(source.shape) for an input \(input.shape)"))
    }
    let (memory, last) = (Run.current.input(memory), Run.current.input(source))
    let keys = split(layer.key(memory, units: layer.keyHeads * width), layer.keyHeads)
    let read = split(layer.value(last, units: layer.keyHeads * width), layer.keyHeads)
    if let error = [keys, read].first(where: { $0.error != nil }) { return failed(error) }
    let places = positions ?? Tensor(rangeTo: memory.shape[memory.rank - 2])
    return AttentionMemory(keys: site.titled(layer.positions.turned(keys, at: places)), values: read)
  }

  /// What the queries make of keys and values.
  ///
  /// - Parameters:
  ///   - queries: The positions of the queries.
  ///   - keys: The positions of the keys.
  func attended(
    _ memory: AttentionMemory, queries: Tensor, keys: Tensor, mask: Tensor?, padding: Tensor?
  ) -> (output: Tensor, weights: Tensor) {
    let operands = [memory.keys, memory.values, mask, padding].compactMap(\.self)
    if let failed = operands.first(where: { $0.error != nil }) { return (failed, failed) }
    let count = keys.count
    let form = Shape(batch.sizes + [layer.keyHeads, count, width])
    guard memory.keys.shape == form, memory.values.shape == form else {
      let failed = site.failure(
        "takes keys and values \(form) for an input \(input.shape), found \(memory.keys.shape) and \(memory.values.shape)"
      )
      return (failed, failed)
    }
    if let fault = AttentionMask.fault(
      mask, padding, batch: batch, heads: layer.heads, queries: length, keys: count)
    {
      let failed = site.failure(fault)
      return (failed, failed)
    }
    let asked = split(layer.query(input, units: layer.heads * width), layer.heads)
    if asked.error != nil { return (asked, asked) }
    let turned = layer.positions.turned(asked, at: queries)
    let allowed = self.mask(queries, keys, mask, padding)
    let key = layer.dropout > 0 && Run.current.isTraining ? Run.current.nextKey() : nil
    let heads = scaledDotProductAttention(
      turned, memory.keys, memory.values, mask: allowed, dropout: key == nil ? 0 : layer.dropout, randomKey: key)
    if heads.error != nil { return (site.titled(heads), site.titled(heads)) }
    let joined = heads.swapped(-3, -2).reshaped(Shape(batch.sizes + [length, layer.heads * width]))
    let output = layer.output(joined, units: input.shape[input.rank - 1])
    return (output, attentionWeights(turned, memory.keys, mask: allowed))
  }

  /// Which keys queries may look at, by the layer's settings and what the caller says.
  private func mask(_ queries: Tensor, _ keys: Tensor, _ mask: Tensor?, _ padding: Tensor?) -> Tensor? {
    var all = AttentionMask(batch: batch, queries: length, keys: keys.count)
    let type = input.elementType.accumulator
    let places = queries.expanded(axis: -1)
    if layer.isCausal { all.allow(keys .<= places) }
    if let window = layer.window {
      let width = Tensor(integers: [min(window, Int(Int32.max))], shape: [], .int32)
      all.allow(abs(places - keys) .< width)
    }
    if let bias = layer.positions.bias(heads: layer.heads, queries: queries, keys: keys, type) { all.add(bias) }
    all.take(mask, type)
    all.take(padding: padding)
    return all.tensor()
  }
}
