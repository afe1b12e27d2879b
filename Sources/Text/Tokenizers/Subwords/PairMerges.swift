/// Byte-pair encoding: a word is its characters at first, of which neighbors are merged, those first that were merged first in
/// training, until none can be.
///
/// Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", 2016.
struct PairMerges: Sendable {
  /// The merges in their order: the tokens on both sides, and what they become.
  let merges: [(left: Int32, right: Int32, merged: Int32)]
  /// The ranks of merges by their pairs: an open hash table, of which each place has the pair and the rank, −1 where empty.
  private let pairs: [UInt64]
  private let ranks: [Int32]
  /// Above how many symbols a heap finds the next merge.
  private static let heapLimit = 48

  init(_ merges: [(left: Int32, right: Int32, merged: Int32)]) {
    self.merges = merges
    var size = 64
    while size < merges.count * 3 { size *= 2 }
    var (pairs, ranks) = ([UInt64](repeating: 0, count: size), [Int32](repeating: -1, count: size))
    for (rank, merge) in merges.enumerated() {
      let key = Self.key(merge.left, merge.right)
      var place = Self.hash(key) & (size - 1)
      while ranks[place] >= 0, pairs[place] != key { place = (place + 1) & (size - 1) }
      // Of equal pairs the last one counts, as in a dictionary that is filled in order.
      (pairs[place], ranks[place]) = (key, Int32(truncatingIfNeeded: rank))
    }
    (self.pairs, self.ranks) = (pairs, ranks)
  }

  @inline(__always) private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always) private static func hash(_ key: UInt64) -> Int {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 20)
  }

  /// Merges the symbols of a word, in place.
  ///
  /// - Complexity: O(symbols · log(symbols)) for long words.
  func merge(_ word: inout [Int32]) {
    if word.count < 2 { return }
    if word.count > Self.heapLimit { return mergeByHeap(&word) }
    pairs.withUnsafeBufferPointer { pairs in
      ranks.withUnsafeBufferPointer { ranks in
        merges.withUnsafeBufferPointer { merges in
          let mask = ranks.count - 1
          func rank(_ left: Int32, _ right: Int32) -> Int32 {
            let key = Self.key(left, right)
            var place = Self.hash(key) & mask
            while ranks[place] >= 0 {
              if pairs[place] == key { return ranks[place] }
              place = (place + 1) & mask
            }
            return .max
          }
          var count = word.count
          // The ranks of neighbors: at most so many that they fit beside the stack's other things.
          withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { best in
            word.withUnsafeMutableBufferPointer { word in
              for index in 0..<count - 1 { best.initializeElement(at: index, to: rank(word[index], word[index + 1])) }
              best.initializeElement(at: count - 1, to: .max)
              while true {
                var (lowest, place) = (Int32.max, 0)
                for index in 0..<count - 1 where best[index] < lowest { (lowest, place) = (best[index], index) }
                if lowest == .max { break }
                word[place] = merges[Int(lowest)].merged
                count -= 1
                for index in place + 1..<max(count, place + 1) {
                  word[index] = word[index + 1]
                  best[index] = best[index + 1]
                }
                best[count - 1] = .max
                if place > 0 { best[place - 1] = rank(word[place - 1], word[place]) }
                if place < count - 1 { best[place] = rank(word[place], word[place + 1]) }
              }
            }
          }
          word.removeLast(word.count - count)
        }
      }
    }
  }

  /// The rank of a pair, the largest number where it is not merged.
  private func rank(_ left: Int32, _ right: Int32) -> Int32 {
    let key = Self.key(left, right)
    let mask = ranks.count - 1
    var place = Self.hash(key) & mask
    while ranks[place] >= 0 {
      if pairs[place] == key { return ranks[place] }
      place = (place + 1) & mask
    }
    return .max
  }

  private func mergeByHeap(_ word: inout [Int32]) {
    let count = word.count
    var previous = (0..<count).map { $0 - 1 }
    var next = (0..<count).map { $0 + 1 < count ? $0 + 1 : -1 }
    var heap = MinHeap()
    func offer(_ place: Int) {
      guard place >= 0, next[place] >= 0 else { return }
      let rank = rank(word[place], word[next[place]])
      if rank < .max { heap.push(UInt64(UInt32(rank)) << 32 | UInt64(UInt32(truncatingIfNeeded: place))) }
    }
    for place in 0..<count - 1 { offer(place) }
    while let entry = heap.pop() {
      let (rank, place) = (Int32(truncatingIfNeeded: entry >> 32), Int(entry & 0xFFFF_FFFF))
      // What has been merged meanwhile is marked, or has another rank.
      guard word[place] >= 0, next[place] >= 0 else { continue }
      let right = next[place]
      guard self.rank(word[place], word[right]) == rank else { continue }
      word[place] = merges[Int(rank)].merged
      word[right] = -1
      next[place] = next[right]
      if next[right] >= 0 { previous[next[right]] = place }
      offer(previous[place])
      offer(place)
    }
    word.removeAll { $0 < 0 }
  }
}

/// A heap of numbers, the smallest first.
struct MinHeap {
  private var entries: [UInt64] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func push(_ entry: UInt64) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, entries[(place - 1) / 2] > entries[place] {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> UInt64? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count && entries[child] < entries[least] {
        least = child
      }
      if least == place { return first }
      entries.swapAt(place, least)
      place = least
    }
  }
}
