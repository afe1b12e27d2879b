import DescentGraph
import DescentTensors

/// The latest transitions, of which those that surprised most are drawn most often.
///
/// An item is drawn in proportion to (|error| + ε)^α; new ones count as much as the most surprising one so far. What is learned from
/// it is weighted by (n · probability)^−β, divided by the largest such weight of the batch, against the bias.
/// Source: Schaul et al., "Prioritized experience replay", 2016.
public struct PrioritizedReplay<Item: Codable & Sendable>: Codable, Sendable {
  /// The items.
  public private(set) var buffer: ReplayBuffer<Item>
  /// The priorities.
  public private(set) var tree: SumTree
  /// The largest priority so far.
  private var largest: Tensor
  /// The exponent α of priorities; 0 draws evenly.
  public let alpha: Double

  /// Items drawn from a replay.
  public struct Sample: Sendable {
    /// The items, side by side.
    public let items: Item
    /// Where they stand.
    public let places: Tensor
    /// What their losses are multiplied by, `[items]`.
    public let weights: Tensor
  }

  /// An empty replay.
  ///
  /// - Parameters:
  ///   - capacity: The most items that it holds.
  ///   - example: One item, whose values do not matter.
  ///   - alpha: The exponent of priorities, from 0 on.
  /// - Throws: `TensorError` where there is no room, or memory does not hold them.
  public init(capacity: Int, like example: Item, alpha: Double = 0.6) throws {
    guard alpha >= 0, alpha.isFinite else {
      throw TensorError("PrioritizedReplay", "takes an exponent of priorities from 0 on, not \(alpha)")
    }
    buffer = try ReplayBuffer(capacity: capacity, like: example)
    tree = try SumTree(count: capacity)
    largest = Tensor(1)
    self.alpha = alpha
  }

  /// Writes items, as `ReplayBuffer` does, with the largest priority so far.
  ///
  /// - Parameters:
  ///   - items: The items side by side.
  ///   - mask: Which of them are written, booleans `[items]`; all where none is given.
  /// - Throws: `TensorError` where they are more than there is room for, or of other types.
  public mutating func insert(_ items: Item, where mask: Tensor? = nil) throws {
    let places = try buffer.insert(items, where: mask)
    tree.set(largest.broadcast(to: places.shape), at: places)
  }

  /// Items drawn by their priorities. At least one has to be there.
  ///
  /// - Parameters:
  ///   - number: The number of items.
  ///   - beta: The exponent β of weights, a scalar: 1 takes all bias away.
  ///   - key: The key of the draw.
  public func sample(_ number: Int, beta: Tensor, _ key: RandomKey) throws -> Sample {
    let places = tree.places(number, key)
    let share = tree.weights(at: places) / tree.total
    let weights = pow(share * buffer.count.converted(to: share.elementType), -beta)
    return Sample(items: try buffer.items(at: places), places: places, weights: weights / weights.max())
  }

  /// Sets the priorities of items from their errors.
  ///
  /// - Parameters:
  ///   - places: Where the items stand.
  ///   - errors: How much they surprised; the sign does not matter.
  public mutating func update(at places: Tensor, errors: Tensor) {
    let priorities = pow(abs(errors) + 1e-6, alpha)
    tree.set(priorities, at: places)
    largest = maximum(largest, priorities.max())
  }
}
