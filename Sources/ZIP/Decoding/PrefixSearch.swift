/// A string of symbols with its exact probability.
public struct Candidate: Hashable, Sendable {
  /// The string.
  public let symbols: [Symbol]
  /// The sum over all its alignments.
  public let probability: Double

  /// A string with its probability.
  public init(symbols: [Symbol], probability: Double) {
    self.symbols = symbols
    self.probability = probability
  }
}

/// The most likely strings of a line.
public struct SearchResult: Sendable {
  /// The strings found, the most likely first; at most as many as asked for.
  public let candidates: [Candidate]
  /// The probability of all permitted strings found, the ones beyond the asked number included.
  public let foundMass: Double
  /// The probability of everything that was not looked at.
  public let openMass: Double
  /// Whether no string that was not looked at can be among the first ones.
  public let isProven: Bool
}

extension SymbolProbabilities {
  /// Finds the most likely strings, best first (prefix search; Graves et al., 2006, section 3.2).
  ///
  /// The probability that a line *begins* with a prefix bounds that of all strings which do; the search always extends
  /// the most likely prefix and ends when no open one can beat the strings at hand. With `codes`, only strings that are
  /// codes of the list count, and prefixes of none are not followed.
  ///
  /// - Parameters:
  ///   - count: how many strings to find.
  ///   - codes: the ZIP codes to choose from; nil for any string of any length.
  ///   - openMass: the search goes on until at most this much probability was not looked at.
  ///   - limit: the most prefixes that are extended; a line so unclear is not worth more.
  /// - Complexity: O(`steps`) for each prefix extended; a clear line takes about a dozen.
  public func mostLikely(
    _ count: Int = 2, in codes: ZIPCodeList? = nil, openMass: Double = 1, limit: Int = 600
  ) -> SearchResult {
    var open = PriorityQueue()
    open.insert(PrefixState(empty: self))
    var found: [Candidate] = []
    var foundMass = 0.0
    var remaining = 1.0
    var extended = 0
    while let first = open.first {
      let weakest = found.count >= max(count, 1) ? found[found.count - 1].probability : -1
      if first.mass <= weakest, remaining <= openMass { break }
      if extended >= limit { break }
      open.removeFirst()
      extended += 1
      remaining -= first.mass
      let isPermitted = codes.map { $0.contains(first.classes) } ?? true
      if isPermitted {
        foundMass += first.probability
        let symbols = first.classes.compactMap { Symbol(classIndex: Int($0)) }
        let candidate = Candidate(symbols: symbols, probability: first.probability)
        let place = found.firstIndex { $0.probability < candidate.probability } ?? found.count
        found.insert(candidate, at: place)
        if found.count > max(count, 1) { found.removeLast() }
      }
      for symbolClass in 0..<Symbol.blankClass {
        if let codes, !codes.allows(prefix: first.classes + [UInt8(symbolClass)]) { continue }
        let next = first.extended(by: symbolClass, in: self)
        guard next.mass > 1e-15 else { continue }
        remaining += next.mass
        open.insert(next)
      }
    }
    let weakest = found.count >= max(count, 1) ? found[found.count - 1].probability : 0
    return SearchResult(
      candidates: found, foundMass: foundMass, openMass: max(remaining, 0),
      isProven: (open.first?.mass ?? 0) <= weakest)
  }
}

/// Open prefixes, the most likely on top: a binary heap.
private struct PriorityQueue {
  private var heap: [PrefixState] = []

  var first: PrefixState? { heap.first }

  mutating func insert(_ state: PrefixState) {
    heap.append(state)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[parent].mass < heap[child].mass else { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  mutating func removeFirst() {
    guard heap.count > 1 else {
      heap.removeAll(keepingCapacity: true)
      return
    }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].mass > heap[largest].mass { largest = child }
      }
      guard largest != parent else { break }
      heap.swapAt(parent, largest)
      parent = largest
    }
  }
}
