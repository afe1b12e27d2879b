/// Memory that is given out and taken back in the order of time.
struct Gaps {
  /// The most memory that was in use.
  private(set) var end = 0
  /// What is free below the end, no two of which touch: the size by where it begins, and where it begins by where it
  /// ends.
  private var sizes: [Int: Int] = [:]
  private var starts: [Int: Int] = [:]
  /// Where gaps of each size begin; those that are gone since are passed over.
  private var places: [Int: IndexHeap] = [:]
  /// The sizes in `places`, smallest first.
  private var order: [Int] = []

  /// Gives out memory at the tightest gap that is large enough, the first of them.
  ///
  /// - Complexity: O(log gaps), and moves as many numbers as there are sizes of gaps.
  mutating func take(_ size: Int) -> Int {
    let position = order.partition(before: size - 1)
    while position < order.count {
      let found = order[position]
      while let offset = places[found]?.popFirst() {
        guard sizes[offset] == found else { continue }
        remove(offset)
        if found > size { insert(offset + size, found - size) }
        return offset
      }
      places[found] = nil
      order.remove(at: position)
    }
    // What is free at the end counts.
    if let offset = starts[end] {
      remove(offset)
      end = offset + size
      return offset
    }
    end += size
    return end - size
  }

  /// Takes memory back. - Complexity: as `take`.
  mutating func giveBack(_ size: Int, at offset: Int) {
    var (first, last) = (offset, offset + size)
    if let before = starts[first] {
      remove(before)
      first = before
    }
    if let next = sizes[last] {
      remove(last)
      last += next
    }
    insert(first, last - first)
  }

  private mutating func insert(_ offset: Int, _ size: Int) {
    sizes[offset] = size
    starts[offset + size] = offset
    if places[size] == nil { order.insert(size, at: order.partition(before: size)) }
    places[size, default: IndexHeap()].insert(offset)
  }

  private mutating func remove(_ offset: Int) {
    if let size = sizes.removeValue(forKey: offset) { starts[offset + size] = nil }
  }
}
