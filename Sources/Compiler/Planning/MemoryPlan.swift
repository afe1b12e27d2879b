import DescentGraph

/// Where every value of a plan lies in memory.
package struct MemoryPlan: Sendable {
  /// A piece of memory.
  package enum Region: Sendable, Hashable {
    /// The buffer of an input, by its number.
    case input(Int)
    /// The literal of a constant node.
    case constant(Int)
    /// The buffer of an output, by its number.
    case output(Int)
    /// The arena, from a byte on.
    case arena(Int)
  }

  /// What is copied at the end because its donated memory was still being read when it was written.
  package struct Restoration: Sendable {
    /// The value.
    package let value: Value
    /// The input whose memory it is copied to.
    package let input: Int
  }

  /// The arena's size in bytes.
  package private(set) var arenaBytes = 0
  /// The size of the outputs that take no donated memory, in bytes.
  package private(set) var outputBytes = 0
  /// Where each output's buffer comes from: a new one, or the buffer of an input.
  package private(set) var outputRegions: [Region] = []
  /// Values to copy into donated memory at the end.
  package private(set) var restorations: [Restoration] = []
  /// The values alive when the arena is fullest, largest first, with their bytes.
  package private(set) var largestAtPeak: [(node: Int, bytes: Int)] = []

  /// Where in the arena the working memory of nodes that need some begins.
  package private(set) var workingOffsets: [Int: Int] = [:]

  private var regions: [Value: Region] = [:]
  private var parts: [Int: (whole: Int, layout: Layout)] = [:]

  /// Where a value that is not a view lies: the region, and the layout within it.
  package func place(of base: Value, _ type: TensorType) -> (region: Region, layout: Layout)? {
    if let part = parts[base.node], let region = regions[Value(node: part.whole)] { return (region, part.layout) }
    return regions[base].map { ($0, Layout(dense: type.shape)) }
  }

  /// - Parameter offers: Inputs whose memory an output takes where nothing has to be copied for it.
  init(
    _ lowered: LoweredGraph, _ steps: [Step], _ donations: [Donation], offers: [Donation], overwriting: Overwriting,
    workingBytes: [Int: Int]
  ) {
    let graph = lowered.graph
    for (index, node) in graph.nodes.enumerated() {
      if let assemble = node.assembly {
        for (operand, layout) in zip(node.operands, assemble.layouts) { parts[operand.node] = (index, layout) }
      } else if let input = node.input {
        regions[Value(node: index)] = .input(input.index)
      } else if node.kind == .constant {
        regions[Value(node: index)] = .constant(index)
      }
    }
    let lives = Lifetimes(lowered, steps, parts)
    placeOutputs(lowered, donations, offers, steps, lives, overwriting)
    var blocks = Blocks(lowered, steps, lives, parts, overwriting, fixed: regions)
    blocks.add(workingBytes, steps)
    arenaBytes = blocks.assignOffsets()
    workingOffsets = blocks.workingOffsets
    for (value, offset) in blocks.offsets { regions[value] = .arena(offset) }
    largestAtPeak = blocks.largestAtPeak()
  }

  /// Gives outputs memory of their own, or that of the input which was donated for them.
  private mutating func placeOutputs(
    _ lowered: LoweredGraph, _ donations: [Donation], _ offers: [Donation], _ steps: [Step], _ lives: Lifetimes,
    _ overwriting: Overwriting
  ) {
    let graph = lowered.graph
    let donationOf = Dictionary(uniqueKeysWithValues: donations.map { ($0.output, $0) })
    let offerOf = Dictionary(uniqueKeysWithValues: offers.map { ($0.output, $0) })
    func isSafe(_ base: Value, over input: Value) -> Bool {
      self.isSafe(base, over: input, lowered, steps, lives, overwriting)
    }
    for (index, output) in graph.outputs.enumerated() {
      let base = lowered.base(of: output)
      let type = graph.type(of: output)
      guard let donation = donationOf[index] else {
        if let offer = offerOf[index], isSafe(base, over: graph.inputs[offer.input]) {
          regions[base] = .input(offer.input)
          outputRegions.append(.input(offer.input))
          continue
        }
        regions[base] = .output(index)
        outputRegions.append(.output(index))
        outputBytes += type.byteCount
        continue
      }
      outputRegions.append(.input(donation.input))
      let input = graph.inputs[donation.input]
      if base == input { continue }
      if isSafe(base, over: input) {
        regions[base] = .input(donation.input)
      } else {
        restorations.append(Restoration(value: base, input: donation.input))
      }
    }
    for restoration in restorations { lives.keep(restoration.value.node) }
  }

  /// Whether a value may be written over an input: everything else has read it, or the same kernel reads each element
  /// before it writes it.
  private func isSafe(
    _ base: Value, over input: Value, _ lowered: LoweredGraph, _ steps: [Step], _ lives: Lifetimes,
    _ overwriting: Overwriting
  ) -> Bool {
    guard let written = lives.first[base.node] else { return true }
    guard let read = lives.last[input.node], read >= written else { return true }
    guard read == written else { return false }
    switch steps[written].work {
    case .fused(let work): return work.writesInPlace(base.node, over: input, lowered)
    case .node: return overwriting.operand(of: base) == input
    }
  }
}

/// The steps in which each value is first written and last read.
final class Lifetimes {
  /// For each node, `nil` where it is not written, or not read.
  private(set) var first: [Int?]
  private(set) var last: [Int?]
  private let end: Int

  init(_ lowered: LoweredGraph, _ steps: [Step], _ parts: [Int: (whole: Int, layout: Layout)]) {
    end = steps.count
    first = [Int?](repeating: nil, count: lowered.graph.nodes.count)
    last = first
    for (index, step) in steps.enumerated() {
      for node in step.reads { last[node] = index }
      for node in step.writes {
        let whole = parts[node]?.whole ?? node
        if first[whole] == nil { first[whole] = index }
        if last[whole] ?? -1 < index { last[whole] = index }
      }
    }
  }

  /// Keeps a value to the end.
  func keep(_ node: Int) { last[node] = end }
}

extension FusedWork {
  /// Whether a member may be written over a value that only this kernel still reads: each element is read at no other
  /// point of the iteration than the one at which it is overwritten.
  func writesInPlace(_ node: Int, over value: Value, _ lowered: LoweredGraph) -> Bool {
    let type = lowered.graph.nodes[node].types[0]
    guard outputs.contains(node), type.elementType.byteCount == lowered.graph.type(of: value).elementType.byteCount,
      type.count == lowered.graph.type(of: value).count, lowered.graph.nodes[node].kind != .reduce
    else { return false }
    let written = walk(Layout(dense: type.shape), of: node)
    for member in members {
      for operand in lowered.graph.nodes[member.node].operands {
        if case .memory(let base, let layout) = source(of: operand, for: member, in: lowered), base == value,
          layout != written
        {
          return false
        }
      }
    }
    return true
  }
}
