import DescentGraph
import DescentTensors

/// The latest transitions, in tensors: a ring that lies inside the plans that write into it and draw from it.
///
/// What is kept is any value of tensors, such as `Transition`. Carried by a loop or by `compiledUpdate`, it is written in place.
public struct ReplayBuffer<Item: Codable & Sendable>: Codable, Sendable {
  /// What is kept: every tensor has a first axis of the size of the buffer.
  public private(set) var storage: Item
  /// Where the next item goes, an int32 scalar.
  public private(set) var position: Tensor
  /// The number of items that there are, an int32 scalar.
  public private(set) var count: Tensor
  /// The most items that there are room for.
  public let capacity: Int

  /// An empty buffer.
  ///
  /// - Parameters:
  ///   - capacity: The most items that it holds; the earliest ones make room for later ones.
  ///   - example: One item, whose values do not matter.
  /// - Throws: `TensorError` where there is no room, or more than the machine's memory would take.
  public init(capacity: Int, like example: Item) throws {
    guard capacity >= 1, capacity <= Int(Int32.max) else {
      throw TensorError("ReplayBuffer", "cannot hold \(capacity) items; give it room for 1 up to \(Int32.max)")
    }
    let tree = try ModelTree(example)
    let tensors = tree.leaves.compactMap(\.tensor)
    for tensor in tensors { if let error = tensor.error { throw error } }
    try MachineMemory.check(
      tensors.map(\.type.byteCount).reduce(0, +), times: capacity, "ReplayBuffer", "\(capacity) items")
    storage = try tree.rebuilt(
      Item.self,
      with: tree.leaves.map { leaf in
        leaf.tensor.map { Tensor(zeros: Shape([capacity] + $0.shape.sizes), $0.elementType) }
      })
    (position, count) = (Tensor(integers: [0], shape: []), Tensor(integers: [0], shape: []))
    self.capacity = capacity
  }

  /// Writes items, in place of the earliest ones where the buffer is full.
  ///
  /// - Parameters:
  ///   - items: The items side by side: every tensor has a first axis of their number.
  ///   - mask: Which of them are written, booleans `[items]`; all where none is given.
  /// - Returns: Where they stand, int32 `[items]`; for those that are not written the capacity, a place that does not exist.
  /// - Throws: `TensorError` where they are more than there is room for, or of other types.
  @discardableResult
  public mutating func insert(_ items: Item, where mask: Tensor? = nil) throws -> Tensor {
    let (tree, new) = (try ModelTree(storage), try ModelTree(items).leaves.map(\.tensor))
    guard new.count == tree.leaves.count, let added = new.first??.shape.first else {
      throw TensorError("ReplayBuffer", "is given items of another form than those it was made for")
    }
    guard added <= capacity else {
      throw TensorError("ReplayBuffer", "is given \(added) items at once and has room for \(capacity)")
    }
    let size = Tensor(integers: [capacity], shape: [])
    var (number, places) = (Tensor(integers: [added], shape: []), remainder(position + Tensor(rangeTo: added), size))
    if let mask {
      let ranks = mask.converted(to: .int32).cumulativeSum()
      places = `where`(mask, remainder(position + ranks - 1, size), size)
      number = mask.converted(to: .int32).sum()
    }
    let tensors = try zip(tree.leaves, new).map { leaf, part -> Tensor? in
      guard let whole = leaf.tensor, let part else { return nil }
      if let error = part.error { throw error }
      guard part.elementType == whole.elementType, part.shape.sizes == [added] + whole.shape.sizes.dropFirst() else {
        throw TensorError(
          "ReplayBuffer", "holds \(leaf.path) as \(whole.type), and is given \(part.type) for \(added) items")
      }
      return whole.scattered(part, at: places, combining: .set)
    }
    storage = try tree.rebuilt(Item.self, with: tensors, identities: tree.leaves.map(\.identity))
    position = remainder(position + number, size)
    count = minimum(count + number, size)
    return places
  }

  /// The items at some places.
  ///
  /// - Parameter places: Integers `[items…]` from 0 up to the capacity.
  public func items(at places: Tensor) throws -> Item {
    let tree = try ModelTree(storage)
    return try tree.rebuilt(Item.self, with: tree.leaves.map { $0.tensor?.taken(places) })
  }

  /// Places drawn evenly from those that hold items, with replacement: int32 `[number]`.
  ///
  /// At least one item has to be there.
  public func places(_ number: Int, _ key: RandomKey) -> Tensor {
    // The whole part of count · bits / 2³².
    let product = key.bits([number]).converted(to: .uint64) * count.converted(to: .uint64)
    return (product >> 32).converted(to: .int32)
  }

  /// Items drawn evenly, with replacement.
  ///
  /// At least one item has to be there.
  public func sample(_ number: Int, _ key: RandomKey) throws -> Item { try items(at: places(number, key)) }
}
