import DescentBackends
import DescentGraph
import DescentTensors
import Dispatch

/// The elements of a data set in batches: each tensor of an element, `[…]`, becomes one of the batch, `[batch, …]`.
public final class DatasetBatches<Element: Codable & Sendable>: BatchSource {
  private let data: Dataset<Element>
  private let settings: BatchSettings
  /// Which elements are in the batches of a pass.
  private let plan: BatchPlan
  /// The number of batches in a pass.
  public let batchCount: Int
  /// The number of elements in a pass.
  public let exampleCount: Int

  init(_ data: Dataset<Element>, _ settings: BatchSettings, _ plan: BatchPlan) {
    self.data = data
    self.settings = settings
    self.plan = plan
    batchCount = plan.batchCount
    exampleCount = plan.exampleCount
  }

  /// One batch.
  ///
  /// - Throws: `TensorError` where there is no such batch, the batch size is not positive, or the elements do not fit
  ///   together; and what making an element throws.
  public func batch(_ index: Int, epoch: Int) throws -> Element {
    guard plan.size >= 1 else { throw TensorError("batched", "the batch size \(plan.size) is not positive") }
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    let places = plan.places(index, epoch)
    if settings.padding == nil, let gather = data.gather { return try gather(places, epoch) }
    return try Stacking.stacked(try elements(places, epoch), padding: settings.padding, for: "batched")
  }

  private func elements(_ places: [Int], _ epoch: Int) throws -> [Element] {
    guard settings.workers > 1, places.count > 1 else { return try places.map { try data.make($0, epoch) } }
    let made = Holder(Guarded<[Result<Element, any Error>?]>(Array(repeating: nil, count: places.count)))
    let backend = Backend.current
    let workers = min(settings.workers, places.count)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      // Every worker takes each so-many-th element, since neighbors may well take equally long.
      for place in stride(from: worker, to: places.count, by: workers) {
        let element = Result { try withBackend(backend) { try data.make(places[place], epoch) } }
        made.value.withLock { $0[place] = element }
      }
    }
    return try made.value.withLock { $0 }.compactMap { try $0?.get() }
  }
}

/// How elements are put into batches.
struct BatchSettings: Sendable {
  var padding: Double?
  var workers: Int
}

/// Which elements are in which batch.
protocol BatchPlan: Sendable {
  var size: Int { get }
  var batchCount: Int { get }
  var exampleCount: Int { get }
  /// The elements of a batch, whose number was checked.
  func places(_ index: Int, _ epoch: Int) -> [Int]
}

/// Elements one after the other.
private struct PlainPlan: BatchPlan {
  let size: Int
  let count: Int
  let batchCount: Int
  let exampleCount: Int

  init(count: Int, size: Int, droppingRemainder: Bool) {
    self.size = size
    self.count = count
    // A size that makes no sense is told by the first batch that is asked for.
    let divisor = max(1, size)
    let whole = count / divisor
    batchCount = droppingRemainder || count % divisor == 0 ? whole : whole + 1
    exampleCount = droppingRemainder ? whole * divisor : count
  }

  func places(_ index: Int, _ epoch: Int) -> [Int] { Array(index * size..<min(count, (index + 1) * size)) }
}

/// Elements of similar length together, in another order in each pass.
private final class BucketPlan: BatchPlan {
  let size: Int
  let batchCount: Int
  let exampleCount: Int
  private let lengths: [Int]
  private let pool: Int
  private let order: EpochOrder
  private let seed: UInt64
  private let latest = Guarded<(epoch: Int, batches: [[Int]])?>(nil)

  init(lengths: [Int], size: Int, pool: Int, seed: UInt64) {
    self.lengths = lengths
    self.size = size
    self.pool = pool
    self.seed = seed
    order = EpochOrder(count: lengths.count, seed: seed)
    exampleCount = lengths.count
    let divisor = max(1, size)
    batchCount = lengths.count / divisor + (lengths.count % divisor == 0 ? 0 : 1)
  }

  func places(_ index: Int, _ epoch: Int) -> [Int] {
    latest.withLock { latest in
      if let latest, latest.epoch == epoch { return latest.batches[index] }
      let batches = batches(epoch)
      latest = (epoch, batches)
      return batches[index]
    }
  }

  private func batches(_ epoch: Int) -> [[Int]] {
    let places = order.places(epoch)
    let (width, overflow) = size.multipliedReportingOverflow(by: max(1, pool))
    var batches: [[Int]] = []
    for start in stride(from: 0, to: places.count, by: overflow ? Int.max : width) {
      let end = overflow ? places.count : min(places.count, start + min(width, places.count))
      let sorted = places[start..<end].enumerated().sorted { a, b in
        (lengths[a.element], a.offset) < (lengths[b.element], b.offset)
      }
      for begin in stride(from: 0, to: sorted.count, by: size) {
        batches.append(sorted[begin..<min(sorted.count, begin + size)].map(\.element))
      }
    }
    let mixed = ~seed &+ UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15
    return shuffledIndices(count: batches.count, seed: mixed).map { batches[$0] }
  }
}

extension Dataset where Element: Codable {
  /// The elements in batches, in their order.
  ///
  /// What changes from element to element has to be a tensor; numbers, texts and flags in an element are part of its form
  /// and have to be the same in all.
  ///
  /// - Parameters:
  ///   - size: The number of elements in a batch.
  ///   - padding: What fills up tensors that are smaller than the largest of a batch along some axis, such as 0 for
  ///     sentences; `nil` where sizes have to agree.
  ///   - droppingRemainder: Whether elements that do not fill a last batch are left out of a pass.
  ///   - workers: How many threads make the elements of a batch.
  public func batched(
    _ size: Int, padding: Double? = nil, droppingRemainder: Bool = false, workers: Int = 1
  ) -> DatasetBatches<Element> {
    let plan = PlainPlan(count: count, size: size, droppingRemainder: droppingRemainder)
    return DatasetBatches(self, BatchSettings(padding: padding, workers: workers), plan)
  }

  /// The elements in batches of similar length, padded, so that little of a batch is padding; in another order in each pass.
  ///
  /// In each pass the elements are shuffled, sorted by length within pools of some batches, and the batches are shuffled.
  /// Each element of the first pass is made once to ask for its length.
  ///
  /// - Parameters:
  ///   - size: The number of elements in a batch.
  ///   - length: The length of an element.
  ///   - pool: The number of batches that are sorted together: more of them pad less and mix less.
  ///   - padding: What fills up shorter elements.
  ///   - seed: The seed of the orders.
  ///   - workers: How many threads make the elements of a batch.
  /// - Throws: what making an element, or the function, throws.
  /// - Complexity: O(elements), and O(*n* log *n*) for each pass.
  public func bucketed(
    _ size: Int, byLength length: (Element) throws -> Int, pool: Int = 100, padding: Double = 0, seed: UInt64 = 0,
    workers: Int = 1
  ) throws -> DatasetBatches<Element> {
    let lengths = try (0..<count).map { try length(try make($0, 0)) }
    let plan = BucketPlan(lengths: lengths, size: size, pool: pool, seed: seed)
    return DatasetBatches(self, BatchSettings(padding: padding, workers: workers), plan)
  }
}
