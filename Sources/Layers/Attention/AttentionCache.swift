import DescentGraph
import DescentTensors

/// The keys and values of what a layer of attention has seen: a state that goes in with new positions and comes out with theirs
/// added, so that the next one costs the same at any place.
///
/// ```swift
/// var cache = attention.cache(batch: 1, capacity: 1_024)
/// (output, cache) = attention(newPositions, from: cache)
/// ```
///
/// It is a model, so that it is a state of `scan` or `compiledUpdate`, or an argument of a compiled function; its shapes stay the
/// same, and one plan serves all positions.
public struct AttentionCache: Model {
  /// The keys `[batch, key heads, capacity, width]`, those after `position` not yet known.
  public var keys: Tensor
  /// The values `[batch, key heads, capacity, width]`.
  public var values: Tensor
  /// Where there is something to look at, `[batch, capacity]`: padding of the sequences is not.
  public var isPresent: Tensor
  /// How many positions there are so far, an int32 scalar.
  public var position: Tensor
  /// Whether the latest positions take the place of the earliest ones where all places are taken, so that sequences may go on
  /// for as long as they like.
  public let isRolling: Bool

  /// A cache that has seen nothing.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - heads: The number of heads of keys and values.
  ///   - capacity: How many positions there can be.
  ///   - width: The number of features of a head.
  ///   - isRolling: Whether the latest positions take the place of the earliest ones where all places are taken.
  ///   - elementType: The type that the layer computes in.
  public init(
    batch: Int, heads: Int, capacity: Int, width: Int, isRolling: Bool = false, _ elementType: ElementType = .float32
  ) {
    self.isRolling = isRolling
    func zeros(_ shape: Shape, _ elementType: ElementType) -> Tensor {
      guard batch >= 0, heads >= 1, capacity >= 1, width >= 1 else {
        return Tensor(
          error: TensorError(
            "AttentionCache",
            "needs at least one head, position and feature, found \(batch) sequences, \(heads) heads, a capacity of"
              + " \(capacity) and a width of \(width)"))
      }
      return Tensor(zeros: shape, elementType)
    }
    keys = zeros([batch, heads, capacity, width], elementType)
    values = keys
    isPresent = zeros([batch, capacity], .bool)
    position = zeros([], .int32)
  }

  /// A cache whose tensors carry an error.
  init(failing error: TensorError) {
    isRolling = false
    let failed = Tensor(error: error)
    (keys, values, isPresent, position) = (failed, failed, failed, failed)
  }

  /// How many positions there can be.
  public var capacity: Int { keys.rank == 4 ? keys.shape[2] : 0 }

  /// The cache of some of the sequences, in another order: those that a search goes on with.
  ///
  /// - Parameter sequences: Their numbers, integers `[new batch]`.
  public func selecting(_ sequences: Tensor) -> AttentionCache {
    var cache = self
    cache.keys = keys.taken(sequences)
    cache.values = values.taken(sequences)
    cache.isPresent = isPresent.taken(sequences)
    return cache
  }

  /// The position that each place holds, negative where it holds none yet, of a cache that rolls.
  var places: Tensor {
    let last = position - Tensor(integers: [1], shape: [], .int32)
    return last - remainder(last - Tensor(rangeTo: capacity), Tensor(integers: [capacity], shape: [], .int32))
  }

  /// The cache with the keys and values of further positions, `[batch, heads, length, width]`, at most as many as it holds, in
  /// place of the earliest.
  func rolling(_ newKeys: Tensor, _ newValues: Tensor, isPresent present: Tensor, length: Int) -> AttentionCache {
    let size = Tensor(integers: [capacity], shape: [], .int32)
    var cache = self
    if length == 1 {
      cache.position = remainder(position, size)
      cache = cache.adding(newKeys, newValues, isPresent: present, length: 1)
    } else {
      // Which of the new positions comes to each place, if any.
      let which = remainder(Tensor(rangeTo: capacity) - position, size)
      let isNew = which .< Tensor(integers: [length], shape: [], .int32)
      let taken = minimum(which, Tensor(integers: [length - 1], shape: [], .int32))
      func placed(_ new: Tensor, _ old: Tensor, axis: Int) -> Tensor {
        let mask = axis == 1 ? isNew : isNew.expanded(axis: -1)
        return `where`(mask, new.converted(to: old.elementType).taken(taken, axis: axis), old)
      }
      cache.keys = placed(newKeys, keys, axis: 2)
      cache.values = placed(newValues, values, axis: 2)
      cache.isPresent = placed(present, isPresent, axis: 1)
    }
    cache.position = position + Tensor(integers: [length], shape: [], .int32)
    return cache
  }

  /// The cache with the keys and values of further positions, `[batch, heads, length, width]`.
  func adding(_ newKeys: Tensor, _ newValues: Tensor, isPresent present: Tensor, length: Int) -> AttentionCache {
    var cache = self
    let start = position.reshaped([1])
    cache.keys = keys.replacing(from: start, with: newKeys.converted(to: keys.elementType), axes: [2])
    cache.values = values.replacing(from: start, with: newValues.converted(to: values.elementType), axes: [2])
    cache.isPresent = isPresent.replacing(from: start, with: present, axes: [1])
    cache.position = position + Tensor(integers: [length], shape: [], .int32)
    return cache
  }
}

/// The keys and values of a memory that a decoder looks at again and again, such as an encoder's output.
public struct AttentionMemory: Model {
  /// The keys `[batch, key heads, keys, width]`.
  public var keys: Tensor
  /// The values `[batch, key heads, keys, width]`.
  public var values: Tensor
}
