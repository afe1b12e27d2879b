import DescentTensors

/// Elements that come one after the other and cannot be asked for by place: what a program makes as it goes, or a file that
/// is read from its beginning.
///
/// A stream's place is a `Codable` value, from which it goes on with the same elements, so that a run which is interrupted
/// saves it with its checkpoint:
///
/// ```swift
/// var walk = DataStream(from: Walker(seed: 1)) { walker in walker.step() }.shuffled(buffer: 1_000, seed: 2)
/// let element = try walk.next()
/// let saved = walk.place              // Codable; later: walk.go(to: saved)
/// ```
///
/// Where elements have places, use a ``Dataset``: it shuffles as a whole and needs nothing saved.
public struct DataStream<Element, Place: Codable & Sendable>: Sendable {
  /// Where the stream is: what the next element is made from.
  public private(set) var place: Place
  private let make: @Sendable (inout Place) throws -> Element?

  /// A stream.
  ///
  /// - Parameters:
  ///   - place: Where it begins.
  ///   - make: Makes the next element and moves the place on; `nil` ends the stream. It has to depend on the place alone.
  public init(from place: Place, make: @escaping @Sendable (inout Place) throws -> Element?) {
    self.place = place
    self.make = make
  }

  /// The next element, or `nil` at the end.
  ///
  /// - Throws: what making it throws; the stream stays where it was then.
  public mutating func next() throws -> Element? {
    var next = place
    let element = try make(&next)
    place = next
    return element
  }

  /// Up to so many elements, fewer at the end.
  ///
  /// - Throws: what making an element throws.
  public mutating func next(_ count: Int) throws -> [Element] {
    var elements: [Element] = []
    while elements.count < count, let element = try next() { elements.append(element) }
    return elements
  }

  /// Goes to a place that was saved.
  public mutating func go(to place: Place) { self.place = place }

  /// The stream whose elements a function makes of those of this one.
  public func map<Other>(_ transform: @escaping @Sendable (Element) throws -> Other) -> DataStream<Other, Place> {
    DataStream<Other, Place>(from: place) { [make] place in try make(&place).map(transform) }
  }

  /// The elements for which a function says so.
  public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> DataStream {
    DataStream(from: place) { [make] place in
      while let element = try make(&place) { if try isIncluded(element) { return element } }
      return nil
    }
  }

  /// The stream in another order: each element is drawn from as many as the buffer holds.
  ///
  /// An element comes at most a buffer's length early, and any time later. The place holds those of the elements in the
  /// buffer rather than the elements: going on makes each again when it is drawn.
  ///
  /// - Parameters:
  ///   - buffer: How many elements are drawn from; at least 1.
  ///   - seed: The seed of the draws.
  public func shuffled(buffer: Int, seed: UInt64 = 0) -> DataStream<Element, ShuffledPlace<Place>> {
    let begin = ShuffledPlace(next: place, waiting: [], draws: 0, isAtEnd: false)
    let size = max(1, buffer)
    return DataStream<Element, ShuffledPlace<Place>>(from: begin) { [make] state in
      while state.waiting.count < size, !state.isAtEnd {
        let before = state.next
        if try make(&state.next) == nil { state.isAtEnd = true } else { state.waiting.append(before) }
      }
      guard !state.waiting.isEmpty else { return nil }
      var random = ElementRandom(seed: seed, epoch: 0, index: state.draws)
      state.draws += 1
      let drawn = random.place(below: state.waiting.count)
      state.waiting.swapAt(drawn, state.waiting.count - 1)
      var place = state.waiting.removeLast()
      return try make(&place)
    }
  }
}

/// Where a shuffled stream is: the places of the elements that wait to be drawn, and where the stream goes on.
public struct ShuffledPlace<Place: Codable & Sendable>: Codable, Sendable {
  var next: Place
  var waiting: [Place]
  var draws: Int
  var isAtEnd: Bool
}

extension DataStream where Element: Codable & Sendable {
  /// The elements put together in batches: each tensor, `[…]`, becomes one of the batch, `[batch, …]`.
  ///
  /// - Parameters:
  ///   - size: The number of elements in a batch; at least 1.
  ///   - padding: What fills up tensors that are smaller than the largest of a batch; `nil` where sizes have to agree.
  ///   - droppingRemainder: Whether elements that do not fill a last batch are left out.
  public func batched(_ size: Int, padding: Double? = nil, droppingRemainder: Bool = false) -> DataStream {
    DataStream(from: place) { [make] place in
      var elements: [Element] = []
      while elements.count < max(1, size), let element = try make(&place) { elements.append(element) }
      guard !elements.isEmpty, elements.count >= size || !droppingRemainder else { return nil }
      return try Stacking.stacked(elements, padding: padding, for: "batched")
    }
  }
}
