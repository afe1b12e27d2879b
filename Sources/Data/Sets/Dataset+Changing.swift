import DescentGraph
import DescentTensors

extension Dataset {
  /// The data set whose elements a function makes of those of this one, each time they are asked for.
  public func map<Other: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Other
  ) -> Dataset<Other> {
    Dataset<Other>(count: count) { index, epoch in try transform(try make(index, epoch)) }
  }

  /// The data set whose elements a function makes of those of this one with random numbers: others for each element and
  /// each pass, and the same whenever that element of that pass is asked for.
  ///
  /// - Parameters:
  ///   - seed: The seed of the random numbers.
  ///   - transform: Makes an element; `random` gives numbers, and is a generator for Swift's own
  ///     functions, such as `elements.randomElement(using: &random)`.
  public func map<Other: Sendable>(
    seed: UInt64, _ transform: @escaping @Sendable (Element, _ random: inout ElementRandom) throws -> Other
  ) -> Dataset<Other> {
    Dataset<Other>(count: count) { index, epoch in
      var random = ElementRandom(seed: seed, epoch: epoch, index: index)
      return try transform(try make(index, epoch), &random)
    }
  }

  /// The elements for which a function says so, in their order.
  ///
  /// Each element of the first pass is made once to find out; which ones are kept is the same in all passes.
  ///
  /// - Throws: what making an element, or the function, throws.
  /// - Complexity: O(elements).
  public func filter(_ isIncluded: (Element) throws -> Bool) throws -> Dataset {
    selecting(unchecked: try (0..<count).filter { try isIncluded(try make($0, 0)) })
  }

  /// The elements at some places, in that order; an element may come more than once.
  ///
  /// - Throws: `TensorError` where there is no such element.
  public func selecting(_ indices: [Int]) throws -> Dataset {
    if let wrong = indices.first(where: { !(0..<count).contains($0) }) {
      throw TensorError("Dataset", "there is no element \(wrong) among \(count)")
    }
    return selecting(unchecked: indices)
  }

  private func selecting(unchecked indices: [Int]) -> Dataset { placed(indices.count) { place, _ in indices[place] } }

  /// A data set of elements of this one, which a function finds.
  func placed(_ count: Int, _ place: @escaping @Sendable (_ index: Int, _ epoch: Int) -> Int) -> Dataset {
    var gathered: (@Sendable ([Int], Int) throws -> Element)?
    if let gather {
      gathered = { indices, epoch in try gather(indices.map { place($0, epoch) }, epoch) }
    }
    return Dataset(count: count, gather: gathered) { index, epoch in try make(place(index, epoch), epoch) }
  }

  /// The elements in another order in each pass.
  ///
  /// - Complexity: O(elements) for each pass, and eight bytes for each element.
  public func shuffled(seed: UInt64 = 0) -> Dataset {
    let order = EpochOrder(count: count, seed: seed)
    return placed(count) { index, epoch in order.place(index, epoch) }
  }

  /// The elements dealt out at random into a first part and the rest.
  ///
  /// - Parameters:
  ///   - fraction: The part of the elements that the first one takes, 0...1.
  ///   - seed: The seed of how they are dealt; `nil` leaves them in their order, the first ones first.
  /// - Throws: `TensorError` where the fraction is outside 0...1.
  public func split(_ fraction: Double, seed: UInt64? = 0) throws -> (first: Dataset, rest: Dataset) {
    guard (0...1).contains(fraction) else { throw TensorError("split", "the fraction \(fraction) is outside 0...1") }
    let order = seed.map { shuffledIndices(count: count, seed: $0) } ?? Array(0..<count)
    let firstCount = Int((Double(count) * fraction).rounded())
    return (selecting(unchecked: Array(order[..<firstCount])), selecting(unchecked: Array(order[firstCount...])))
  }

  /// Several passes as one: what was the second pass follows the first, with its own order and random numbers.
  ///
  /// - Throws: `TensorError` where the number is negative, or there would be too many elements to count.
  public func repeated(_ times: Int) throws -> Dataset {
    let (total, overflow) = count.multipliedReportingOverflow(by: times)
    guard times >= 0, !overflow else { throw TensorError("repeated", "\(count) elements cannot come \(times) times") }
    let inner = count
    return Dataset(count: total) { index, epoch in try make(index % inner, epoch &* times &+ index / inner) }
  }

  /// The same elements in every pass, each made once and then kept in memory.
  ///
  /// What is random before this is drawn once; shuffle and change at random afterward.
  public func cached() -> Dataset {
    let kept = Guarded<[Element?]>(Array(repeating: nil, count: count))
    let box = Holder(kept)
    return Dataset(count: count) { index, _ in
      if let element = box.value.withLock({ $0[index] }) { return element }
      let element = try make(index, 0)
      box.value.withLock { $0[index] = element }
      return element
    }
  }

  /// The elements of this data set, then those of another.
  public func concatenated(_ other: Dataset) -> Dataset {
    let first = count
    return Dataset(count: first + other.count) { index, epoch in
      index < first ? try make(index, epoch) : try other.make(index - first, epoch)
    }
  }

  /// Elements of this data set and another, side by side.
  ///
  /// - Throws: `TensorError` where their numbers differ.
  public func zipped<Other>(_ other: Dataset<Other>) throws -> Dataset<(Element, Other)> {
    guard count == other.count else {
      throw TensorError("zipped", "data sets of \(count) and of \(other.count) elements")
    }
    return Dataset<(Element, Other)>(count: count) { index, epoch in
      (try make(index, epoch), try other.make(index, epoch))
    }
  }

  /// Elements drawn with replacement, each as often as its weight says, anew in each pass.
  ///
  /// - Parameters:
  ///   - weights: A weight for each element, not negative; only how they relate to each other counts.
  ///   - drawn: The number of elements in a pass; `nil` for as many as there are.
  ///   - seed: The seed of the draws.
  /// - Throws: `TensorError` where there are more or fewer weights than elements, one is negative or not finite, or none is
  ///   above 0.
  /// - Complexity: O(log *n*) for a draw.
  public func sampled(weights: [Double], count drawn: Int? = nil, seed: UInt64 = 0) throws -> Dataset {
    func fault(_ text: String) -> TensorError { TensorError("sampled", text) }
    guard weights.count == count else { throw fault("\(weights.count) weights for \(count) elements") }
    if let place = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw fault("the weight \(weights[place]) of element \(place) is not a finite number from 0 on")
    }
    var total = 0.0
    let ends = weights.map { weight in
      total += weight
      return total
    }
    guard total > 0, total.isFinite, let last = weights.lastIndex(where: { $0 > 0 }) else {
      throw fault("the weights sum to \(total)")
    }
    let sum = total
    return placed(max(0, drawn ?? count)) { index, epoch in
      var random = ElementRandom(seed: seed, epoch: epoch, index: index)
      return min(last, firstAbove(random.unit() * sum, in: ends))
    }
  }
}

/// The first place whose number is above a limit, by halving; the numbers do not fall.
private func firstAbove(_ limit: Double, in ends: [Double]) -> Int {
  var (low, high) = (0, ends.count)
  while low < high {
    let middle = (low + high) / 2
    if ends[middle] > limit { high = middle } else { low = middle + 1 }
  }
  return low
}

/// Something that cannot be copied, for closures to hold.
final class Holder<Value: ~Copyable & Sendable>: Sendable {
  let value: Value
  init(_ value: consuming Value) { self.value = value }
}

/// The order of the elements in the passes, of which the one that was asked for last is kept.
final class EpochOrder: Sendable {
  private let count: Int
  private let seed: UInt64
  private let latest = Guarded<(epoch: Int, places: [Int])?>(nil)

  init(count: Int, seed: UInt64) {
    self.count = count
    self.seed = seed
  }

  func places(_ epoch: Int) -> [Int] {
    latest.withLock { latest in
      if let latest, latest.epoch == epoch { return latest.places }
      let mixed = seed &+ UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15
      let places = shuffledIndices(count: count, seed: mixed)
      latest = (epoch, places)
      return places
    }
  }

  func place(_ index: Int, _ epoch: Int) -> Int { places(epoch)[index] }
}
