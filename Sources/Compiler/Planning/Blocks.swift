import DescentGraph

/// The blocks of the arena: values that share memory in turn, with the steps between which each block is in use.
struct Blocks {
  private struct Block {
    /// The node for which the memory is taken first.
    var node: Int
    var values: [Value]
    var bytes: Int
    var first: Int
    var last: Int
    var offset = 0
  }

  private var blocks: [Block] = []

  /// Makes a block for each value that is written and has no fixed region; a value that can overwrite another one which
  /// dies in the same kernel takes that one's block.
  init(
    _ lowered: LoweredGraph, _ steps: [Step], _ lives: Lifetimes, _ parts: [Int: (whole: Int, layout: Layout)],
    _ overwriting: Overwriting, fixed: [Value: MemoryPlan.Region]
  ) {
    let graph = lowered.graph
    var blockOf: [Value: Int] = [:]
    for (index, step) in steps.enumerated() {
      for node in step.writes {
        let whole = parts[node]?.whole ?? node
        for (result, type) in graph.nodes[whole].types.enumerated() {
          let value = Value(node: whole, result: result)
          guard fixed[value] == nil, blockOf[value] == nil else { continue }
          let last = lives.last[whole] ?? index
          /// The block of a value that dies in this kernel, where the result fits into it.
          func dying(_ value: Value) -> Int? {
            guard parts[value.node] == nil, let block = blockOf[value] else { return nil }
            return blocks[block].last == index && blocks[block].bytes == type.byteCount ? block : nil
          }
          var taken: Int?
          if parts[node] == nil {
            switch step.work {
            case .fused(let work):
              let value = step.reads.lazy.map { Value(node: $0) }
                .first { dying($0) != nil && work.writesInPlace(node, over: $0, lowered) }
              taken = value.flatMap(dying)
            case .node: taken = overwriting.operand(of: value).flatMap(dying)
            }
          }
          if let block = taken {
            blocks[block].values.append(value)
            blocks[block].last = last
            blockOf[value] = block
          } else {
            blockOf[value] = blocks.count
            blocks.append(Block(node: whole, values: [value], bytes: type.byteCount, first: index, last: last))
          }
        }
      }
    }
  }

  /// Finds a place for every block such that blocks in use at the same time do not overlap. Returns the arena's size.
  ///
  /// Larger ones come first, each at the tightest gap; of very many blocks, those that are used first.
  ///
  /// - Complexity: O(blocks · log blocks) where there are many, if few gaps are open at a time.
  mutating func assignOffsets() -> Int {
    blocks.count > Self.mostCompared ? assignOffsetsInOrderOfUse() : assignOffsetsInOrderOfSize()
  }

  private mutating func assignOffsetsInOrderOfUse() -> Int {
    let steps = blocks.reduce(0) { max($0, $1.last + 1) }
    var (starting, ending) = ([[Int]](repeating: [], count: steps), [[Int]](repeating: [], count: steps))
    for (index, block) in blocks.enumerated() where block.bytes > 0 {
      starting[block.first].append(index)
      ending[block.last].append(index)
    }
    var gaps = Gaps()
    for step in 0..<steps {
      for index in starting[step] { blocks[index].offset = gaps.take(Self.padded(blocks[index].bytes)) }
      for index in ending[step] { gaps.giveBack(Self.padded(blocks[index].bytes), at: blocks[index].offset) }
    }
    return gaps.end
  }

  /// - Complexity: O(blocks²).
  private mutating func assignOffsetsInOrderOfSize() -> Int {
    let order = blocks.indices.filter { blocks[$0].bytes > 0 }
      .sorted { (blocks[$1].bytes, $0) < (blocks[$0].bytes, $1) }
    // Placed blocks by offset.
    var placed: [Int] = []
    var used = 0
    for index in order {
      let block = blocks[index]
      let size = Self.padded(block.bytes)
      var (end, best, tightest) = (0, Int?.none, Int.max)
      for other in placed where blocks[other].first <= block.last && blocks[other].last >= block.first {
        let gap = blocks[other].offset - end
        if gap >= size, gap < tightest { (best, tightest) = (end, gap) }
        end = max(end, blocks[other].offset + Self.padded(blocks[other].bytes))
      }
      let offset = best ?? end
      blocks[index].offset = offset
      used = max(used, offset + size)
      placed.insert(index, at: placed.firstIndex { blocks[$0].offset > offset } ?? placed.endIndex)
    }
    return used
  }

  /// The place of every value in the arena.
  var offsets: [(Value, Int)] { blocks.flatMap { block in block.values.map { ($0, block.offset) } } }

  /// Makes a block for the working memory of each node that needs some, in use while the node is computed.
  mutating func add(_ workingBytes: [Int: Int], _ steps: [Step]) {
    for (index, step) in steps.enumerated() {
      guard case .node(let node) = step.work, let bytes = workingBytes[node], bytes > 0 else { continue }
      blocks.append(Block(node: node, values: [], bytes: bytes, first: index, last: index))
    }
  }

  /// Where each node's working memory begins.
  var workingOffsets: [Int: Int] {
    Dictionary(uniqueKeysWithValues: blocks.filter { $0.values.isEmpty }.map { ($0.node, $0.offset) })
  }

  /// The values alive at the step with the most bytes in use, largest first.
  func largestAtPeak() -> [(node: Int, bytes: Int)] {
    var growth: [Int: Int] = [:]
    for block in blocks {
      growth[block.first, default: 0] += block.bytes
      growth[block.last + 1, default: 0] -= block.bytes
    }
    var (alive, most, peak) = (0, 0, 0)
    for step in growth.keys.sorted() {
      alive += growth[step] ?? 0
      if alive > most { (most, peak) = (alive, step) }
    }
    return blocks.filter { $0.first <= peak && $0.last >= peak }
      .sorted { $0.bytes > $1.bytes }
      .map { ($0.node, $0.bytes) }
  }

  private static let mostCompared = 4_096

  private static func padded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
