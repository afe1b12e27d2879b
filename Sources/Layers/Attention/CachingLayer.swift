import DescentGraph
import DescentTensors

/// A layer that goes through sequences position by position, with a cache of what it has seen.
///
/// `RepeatedBlocks` of such layers keep a cache for each block.
public protocol CachingLayer: Layer<Tensor, Tensor> {
  /// A cache for sequences that this layer will see.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - capacity: How many positions there can be.
  ///   - elementType: The type that the layer computes in.
  /// - Returns: A cache that has seen nothing; where the layer has no parameters yet, its tensors may carry an error.
  func cache(batch: Int, capacity: Int, _ elementType: ElementType) -> AttentionCache

  /// The layer's output for further positions of sequences, which see themselves and all that the cache has seen.
  ///
  /// - Parameters:
  ///   - input: Further positions, `[batch, length, features]`.
  ///   - cache: What was seen before.
  ///   - padding: `[batch, length]`, booleans that hold where there is something to look at; everywhere where none is given.
  /// - Returns: The output `[batch, length, features]`, and the cache with these positions.
  func callAsFunction(
    _ input: Tensor, from cache: AttentionCache, padding: Tensor?
  ) -> (output: Tensor, cache: AttentionCache)
}

extension MultiHeadAttention: CachingLayer {}

extension TransformerEncoderBlock: CachingLayer {
  /// A cache for sequences that this block will see: that of its attention.
  public func cache(batch: Int, capacity: Int, _ elementType: ElementType = .float32) -> AttentionCache {
    attention.cache(batch: batch, capacity: capacity, elementType)
  }
}

// Position after position.
extension RepeatedBlocks {
  /// The caches of the blocks, which have seen nothing.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - capacity: How many positions there can be.
  ///   - elementType: The type that the blocks compute in.
  /// - Returns: A cache for each block; of a loop one alone, whose tensors are stacked, `[blocks, …]`.
  /// - Throws: `TensorError` where blocks keep no cache, or have no parameters yet.
  public func caches(batch: Int, capacity: Int, _ elementType: ElementType = .float32) throws -> [AttentionCache] {
    try blocks.map { block in
      let cache = try caching(block).cache(batch: batch, capacity: capacity, elementType)
      if let error = cache.position.error { throw error }
      return form == .loop ? cache.repeated(count) : cache
    }
  }

  /// The blocks' output for further positions of sequences of which the caches know the ones before.
  ///
  /// - Parameters:
  ///   - input: Further positions, `[batch, length, features]`.
  ///   - caches: What was seen before, as `caches(batch:capacity:_:)` gives them.
  ///   - padding: `[batch, length]`, booleans that hold where there is something to look at; everywhere where none is given.
  /// - Returns: The output `[batch, length, features]`, and the caches with these positions.
  /// - Throws: `TensorError` where blocks keep no cache, or the caches are not those of these blocks.
  public func callAsFunction(
    _ input: Tensor, from caches: [AttentionCache], padding: Tensor? = nil
  ) throws -> (output: Tensor, caches: [AttentionCache]) {
    if let error = input.error { throw error }
    guard caches.count == blocks.count else {
      throw TensorError("RepeatedBlocks", "takes \(blocks.count) caches, found \(caches.count)")
    }
    var (x, next) = (Run.current.input(input), caches)
    for (place, block) in blocks.enumerated() {
      let block = try caching(block)
      let step =
        form == .loop
        ? try walked(block, x, caches[place], padding) : block(x, from: caches[place], padding: padding)
      if let error = step.output.error { throw error }
      (x, next[place]) = (step.output, step.cache)
    }
    return (x, next)
  }

  private func caching(_ block: any Layer<Tensor, Tensor>) throws -> any CachingLayer {
    guard let caching = block as? any CachingLayer else {
      throw TensorError(
        "RepeatedBlocks",
        "its blocks, \(type(of: block)), keep no cache; MultiHeadAttention and TransformerEncoderBlock do, and layers that conform"
          + " to CachingLayer")
    }
    return caching
  }

  /// A loop over stacked blocks and their stacked caches.
  private func walked<Block: CachingLayer>(
    _ block: Block, _ input: Tensor, _ cache: AttentionCache, _ padding: Tensor?
  ) throws -> (output: Tensor, cache: AttentionCache) {
    guard count > 0 else { return (input, cache) }
    guard cache.position.shape == [count] else {
      throw TensorError(
        "RepeatedBlocks",
        "takes a cache of \(count) blocks one on another, found positions \(cache.position.type)")
    }
    let blocks = try stackedCopies(of: block, count: count, in: "RepeatedBlocks") { [try $0(input)] }
    let walked = CachedBlock(block: blocks, cache: cache)
    let (output, next) = try scan(over: walked, from: input) { (x: Tensor, step: CachedBlock<Block>) in
      step.block(x, from: step.cache, padding: padding)
    }
    return (output, next)
  }
}

/// A block and its cache, one step of a loop.
private struct CachedBlock<Block: CachingLayer>: Codable {
  var block: Block
  var cache: AttentionCache
}

extension AttentionCache {
  /// So many of this cache, stacked.
  fileprivate func repeated(_ count: Int) -> AttentionCache {
    func stacked(_ tensor: Tensor) -> Tensor {
      tensor.error == nil ? Tensor(zeros: Shape([count] + tensor.shape.sizes), tensor.elementType) : tensor
    }
    var cache = self
    (cache.keys, cache.values) = (stacked(keys), stacked(values))
    (cache.isPresent, cache.position) = (stacked(isPresent), stacked(position))
    return cache
  }
}
