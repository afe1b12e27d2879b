/// Memory that is given out and taken back in the order of time.
struct Gaps {
  private struct Gap {
    var offset: Int
    var size: Int
  }

  /// The most memory that was in use.
  private(set) var end = 0
  /// What is free below the end, by offset; no two touch.
  private var gaps: [Gap] = []

  /// Gives out memory at the tightest gap that is large enough. - Complexity: O(gaps).
  mutating func take(_ size: Int) -> Int {
    var best: Int?
    for (index, gap) in gaps.enumerated() where gap.size >= size && gap.size < best.map({ gaps[$0].size }) ?? .max {
      best = index
    }
    if let best {
      let offset = gaps[best].offset
      gaps[best].offset += size
      gaps[best].size -= size
      if gaps[best].size == 0 { gaps.remove(at: best) }
      return offset
    }
    // What is free at the end counts.
    if let last = gaps.last, last.offset + last.size == end {
      gaps.removeLast()
      end = last.offset + size
      return last.offset
    }
    end += size
    return end - size
  }

  /// Takes memory back. - Complexity: O(gaps).
  mutating func giveBack(_ size: Int, at offset: Int) {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    let touchesNext = low < gaps.count && gaps[low].offset == offset + size
    if low > 0, gaps[low - 1].offset + gaps[low - 1].size == offset {
      gaps[low - 1].size += size + (touchesNext ? gaps[low].size : 0)
      if touchesNext { gaps.remove(at: low) }
    } else if touchesNext {
      gaps[low].offset = offset
      gaps[low].size += size
    } else {
      gaps.insert(Gap(offset: offset, size: size), at: low)
    }
  }
}
