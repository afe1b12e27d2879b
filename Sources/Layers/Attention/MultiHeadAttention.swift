import DescentGraph
import DescentTensors

/// Attention of several heads: each position of a sequence becomes a mean over positions of the same or of another sequence,
/// weighted by what it asks for, for each head by projections of its own.
///
/// ```swift
/// let attention = MultiHeadAttention(heads: 8, isCausal: true)
/// let output = attention(x)                                   // [batch, length, features]
/// let read = attention(x, attendingTo: memory, padding: isWord)
/// let (output, weights) = attention.outputAndWeights(x)       // weights: [batch, heads, queries, keys]
/// ```
///
/// `[…, length, features]` stays so; the number of features is bound by the first example. Heads are as wide as the features
/// divided by their number, unless told otherwise. With fewer heads of keys and values than of queries, consecutive heads of
/// queries share them. While training, a part of the weights is dropped where `dropout` says so.
///
/// Source: Vaswani et al., 2017; shared keys: Ainslie et al., "GQA", 2023; windows: Beltagy et al., "Longformer", 2020.
public struct MultiHeadAttention: Layer {
  /// What becomes queries, `[features, heads · width]`.
  public var query: Dense
  /// What becomes keys, `[features, key heads · width]`.
  public var key: Dense
  /// What becomes values, `[features, key heads · width]`.
  public var value: Dense
  /// What the heads' outputs go through together, `[heads · width, features]`.
  public var output: Dense
  /// The number of heads.
  public let heads: Int
  /// The number of heads of keys and values.
  public let keyHeads: Int
  /// The number of features of a head; those of the input divided by the number of heads where it is `nil`.
  public let headWidth: Int?
  /// Whether a position sees only itself and those before it.
  public let isCausal: Bool
  /// How far a position sees: those less than so many places away; without limit where it is `nil`.
  public let window: Int?
  /// How positions are told apart.
  public let positions: AttentionPositions
  /// The fraction of the weights that is dropped while training.
  public let dropout: Double

  /// A layer of several heads.
  ///
  /// - Parameters:
  ///   - heads: The number of heads.
  ///   - keyHeads: The number of heads of keys and values, of which that of heads is a multiple; as many where none is given.
  ///   - headWidth: The number of features of a head; the input's divided by the number of heads where none is given.
  ///   - isCausal: Whether a position sees only itself and those before it.
  ///   - window: How far a position sees: those less than so many places away; without limit where none is given.
  ///   - positions: How positions are told apart.
  ///   - dropout: The fraction of the weights that is dropped while training.
  ///   - bias: Whether queries, keys and values have a bias.
  ///   - outputBias: Whether the output has one; as the others where left out.
  ///   - initializer: How the projections' weights are initialized.
  public init(
    heads: Int, keyHeads: Int? = nil, headWidth: Int? = nil, isCausal: Bool = false, window: Int? = nil,
    positions: AttentionPositions = .none, dropout: Double = 0, bias: Bool = true, outputBias: Bool? = nil,
    initializer: Initializer = .glorotUniform
  ) {
    query = Dense(units: 0, bias: bias, initializer: initializer)
    key = Dense(units: 0, bias: bias, initializer: initializer)
    value = Dense(units: 0, bias: bias, initializer: initializer)
    output = Dense(units: 0, bias: outputBias ?? bias, initializer: initializer)
    (self.heads, self.keyHeads, self.headWidth) = (heads, keyHeads ?? heads, headWidth)
    (self.isCausal, self.window, self.positions, self.dropout) = (isCausal, window, positions, dropout)
  }

  /// Attention within a sequence, `[…, length, features]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, attendingTo: nil as Tensor?) }

  /// Attention within a sequence with a mask; see `callAsFunction(_:attendingTo:values:mask:padding:)`.
  public func callAsFunction(_ input: Tensor, mask: Tensor? = nil, padding: Tensor? = nil) -> Tensor {
    self(input, attendingTo: nil as Tensor?, mask: mask, padding: padding)
  }

  /// Attention within a sequence, or from one to another.
  ///
  /// - Parameters:
  ///   - input: What asks, `[batch, queries, features]`.
  ///   - memory: What is looked at, `[batch, keys, any features]`; the input itself where none is given.
  ///   - values: What is averaged, where it is not what is looked at, `[batch, keys, any features]`.
  ///   - mask: `[queries, keys]`, `[batch, queries, keys]` or `[batch, heads, queries, keys]`: booleans that hold where a query
  ///     may look at a key, or numbers that are added to the products.
  ///   - padding: `[batch, keys]`, booleans that hold where there is something to look at.
  /// - Returns: `[batch, queries, features]`. Of a query that may look at nothing, the bias alone is left.
  public func callAsFunction(
    _ input: Tensor, attendingTo memory: Tensor?, values: Tensor? = nil, mask: Tensor? = nil, padding: Tensor? = nil
  ) -> Tensor {
    attended(input, mask: mask, padding: padding) { pass in pass.memory(memory ?? pass.input, values: values) }.output
  }

  /// Attention to a memory whose keys and values are known already; see `memory(of:)`.
  public func callAsFunction(
    _ input: Tensor, attendingTo memory: AttentionMemory, mask: Tensor? = nil, padding: Tensor? = nil
  ) -> Tensor {
    attended(input, mask: mask, padding: padding) { _ in memory }.output
  }

  /// What attention gives, and the weights by which each query averages values, before any are dropped.
  ///
  /// See `callAsFunction(_:attendingTo:values:mask:padding:)`.
  ///
  /// - Returns: The output `[batch, queries, features]` and the weights `[batch, heads, queries, keys]`.
  public func outputAndWeights(
    _ input: Tensor, attendingTo memory: Tensor? = nil, values: Tensor? = nil, mask: Tensor? = nil,
    padding: Tensor? = nil
  ) -> (output: Tensor, weights: Tensor) {
    attended(input, mask: mask, padding: padding) { pass in pass.memory(memory ?? pass.input, values: values) }
  }

  /// The keys and values of what is looked at, for a decoder that looks at it again and again.
  ///
  /// - Parameter memory: `[batch, keys, any features]`.
  /// - Returns: What `callAsFunction(_:attendingTo:mask:padding:)` takes.
  public func memory(of memory: Tensor) -> AttentionMemory {
    AttentionPass(self, memory).memory(memory, values: nil)
  }

  private func attended(
    _ input: Tensor, mask: Tensor?, padding: Tensor?, _ memory: (AttentionPass) -> AttentionMemory
  ) -> (output: Tensor, weights: Tensor) {
    let pass = AttentionPass(self, input)
    if let failure = pass.failure { return (failure, failure) }
    let read = memory(pass)
    let keys = Tensor(rangeTo: read.keys.rank >= 2 ? read.keys.shape[read.keys.rank - 2] : 0)
    return pass.attended(read, queries: Tensor(rangeTo: pass.length), keys: keys, mask: mask, padding: padding)
  }

  /// The width of a head where it is given, or known by the keys' weights; `nil` where neither is.
  var knownWidth: Int? { headWidth ?? key.weight.tensor?.shape.last.map { $0 / max(1, keyHeads) } }
}

// Position after position.
extension MultiHeadAttention {
  /// A cache for sequences that this layer will see.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - capacity: How many positions there can be.
  ///   - elementType: The type that the layer computes in.
  /// - Returns: A cache that has seen nothing; where the layer has no parameters yet and its heads' width was not given, its
  ///   tensors carry an error.
  public func cache(batch: Int, capacity: Int, _ elementType: ElementType = .float32) -> AttentionCache {
    cache(batch: batch, capacity: capacity, isRolling: false, elementType)
  }

  /// A cache for sequences of any length, of which each position sees the last ones, as many as the capacity: a sliding window.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - capacity: How many positions are seen.
  ///   - elementType: The type that the layer computes in.
  /// - Returns: A cache that has seen nothing; where the layer has no parameters yet and its heads' width was not given, its
  ///   tensors carry an error.
  public func rollingCache(batch: Int, capacity: Int, _ elementType: ElementType = .float32) -> AttentionCache {
    cache(batch: batch, capacity: capacity, isRolling: true, elementType)
  }

  private func cache(batch: Int, capacity: Int, isRolling: Bool, _ elementType: ElementType) -> AttentionCache {
    guard let width = knownWidth else {
      let title = LayerSite("MultiHeadAttention", around: query.weight).title
      return AttentionCache(
        failing: TensorError(
          title, "has no parameters yet, so that its heads have no width; give the model an example first"))
    }
    return AttentionCache(
      batch: batch, heads: keyHeads, capacity: capacity, width: width, isRolling: isRolling, elementType)
  }

  /// Attention from further positions of sequences to themselves and all that the cache has seen.
  ///
  /// A position costs the same wherever it is: the whole capacity is looked at. Past the capacity there is an error, or NaN where
  /// the position is not known while a function is recorded, unless the cache rolls: then each position sees the last ones, as
  /// many as the capacity.
  ///
  /// - Parameters:
  ///   - input: Further positions, `[batch, length, features]`: one, or all of a text to begin with.
  ///   - cache: What was seen before.
  ///   - padding: `[batch, length]`, booleans that hold where there is something to look at; everywhere where none is given.
  /// - Returns: The output `[batch, length, features]`, and the cache with these positions.
  public func callAsFunction(
    _ input: Tensor, from cache: AttentionCache, padding: Tensor? = nil
  ) -> (output: Tensor, cache: AttentionCache) {
    func failed(_ tensor: Tensor) -> (Tensor, AttentionCache) {
      (tensor, tensor.error.map { AttentionCache(failing: $0) } ?? cache)
    }
    let all = [cache.keys, cache.values, cache.isPresent, cache.position, padding].compactMap(\.self)
    if let error = all.first(where: { $0.error != nil }) { return failed(error) }
    let pass = AttentionPass(self, input)
    if let failure = pass.failure { return failed(failure) }
    let form: Shape = [pass.batch.first ?? 0, keyHeads, cache.capacity, pass.width]
    guard pass.batch.rank == 1, cache.keys.shape == form, cache.values.shape == form,
      cache.isPresent.shape == [form[0], form[2]]
    else {
      return failed(
        pass.site.failure(
          "takes a cache \(form) for an input \(input.shape), found one of keys \(cache.keys.shape) and values"
            + " \(cache.values.shape)"))
    }
    let length = pass.length
    // A cache that rolls has room for any position, though not for more at once than it holds.
    let begin = cache.isRolling ? Tensor(integers: [0], shape: [], .int32) : cache.position
    if let refusal = pass.site.refusal(of: begin, length: length, capacity: cache.capacity, "a cache") {
      return failed(refusal)
    }
    if let fault = AttentionMask.fault(nil, padding, batch: pass.batch, heads: heads, queries: length, keys: length) {
      return failed(pass.site.failure(fault))
    }
    let queries = Tensor(rangeTo: length) + cache.position
    let new = pass.memory(pass.input, values: nil, at: queries)
    if let error = [new.keys, new.values].first(where: { $0.error != nil }) { return failed(error) }
    let present = padding ?? Tensor(ones: [form[0], length], .bool)
    if cache.isRolling { return rolled(pass, cache, new, queries, present) }
    let next = cache.adding(new.keys, new.values, isPresent: present, length: length)
    let (keys, type) = (Tensor(rangeTo: cache.capacity), pass.input.elementType)
    let memory = AttentionMemory(keys: next.keys.converted(to: type), values: next.values.converted(to: type))
    let isSeen = next.isPresent .& (keys .< next.position)
    let output = pass.attended(memory, queries: queries, keys: keys, mask: nil, padding: isSeen).output
    return (
      LayerSite.poisoned(output, unless: cache.position, plus: length, fits: cache.capacity),
      next
    )
  }

  /// Attention to what a rolling cache holds and to the new positions, before these take the place of the earliest ones.
  private func rolled(
    _ pass: AttentionPass, _ cache: AttentionCache, _ new: AttentionMemory, _ queries: Tensor, _ present: Tensor
  ) -> (output: Tensor, cache: AttentionCache) {
    let (type, places) = (pass.input.elementType, cache.places)
    let memory = AttentionMemory(
      keys: concatenated([cache.keys.converted(to: type), new.keys], axis: 2),
      values: concatenated([cache.values.converted(to: type), new.values], axis: 2))
    let keys = concatenated([places, queries], axis: 0)
    let isHeld = cache.isPresent .& (places .>= Tensor(integers: [0], shape: [], .int32))
    let capacity = Tensor(integers: [cache.capacity], shape: [], .int32)
    let isNear = abs(queries.expanded(axis: -1) - keys) .< capacity
    let output = pass.attended(
      memory, queries: queries, keys: keys, mask: isNear, padding: concatenated([isHeld, present], axis: 1)
    ).output
    return (output, cache.rolling(new.keys, new.values, isPresent: present, length: pass.length))
  }
}
