import DescentGraph

/// Sorts the nodes of a lowered graph into the units of a plan: clusters, and single nodes with kernels of their own.
///
/// Nodes are visited from the outputs backwards. A value that is read in one place joins the kernel that reads it; one
/// that is read in several joins the first of them, if no other reader comes before that one, and is written to memory
/// for the rest. What is cheap to compute again is computed wherever it is read.
struct Clustering {
  let lowered: LoweredGraph
  /// All clusters; those merged into others are empty.
  private(set) var clusters: [Cluster] = []
  /// For each node, the unit that makes its value; −1 where none does.
  private(set) var home: [Int]
  /// For each node, the clusters that could compute it for themselves.
  private var demanders: [[Int]]
  /// For each node, the units that read it from memory.
  private var readers: [[Int]]
  private var forwarded: [Int: Int] = [:]
  private let isOutput: [Bool]
  /// How many nodes read each base value.
  private let useCounts: [Int]

  private var nodes: [Node] { lowered.graph.nodes }

  /// Forms the units.
  ///
  /// - Complexity: O(nodes), with a bounded search for each node that is read more than once.
  init(_ lowered: LoweredGraph) {
    self.lowered = lowered
    let count = lowered.graph.nodes.count
    home = [Int](repeating: -1, count: count)
    demanders = [[Int]](repeating: [], count: count)
    readers = [[Int]](repeating: [], count: count)
    var isOutput = [Bool](repeating: false, count: count)
    for output in lowered.graph.outputs { isOutput[lowered.base(of: output).node] = true }
    self.isOutput = isOutput
    var useCounts = [Int](repeating: 0, count: count)
    for node in lowered.graph.nodes {
      for operand in node.operands { useCounts[lowered.base(of: operand).node] += 1 }
    }
    self.useCounts = useCounts
    for index in nodes.indices.reversed() { visit(index) }
    mergeSiblings()
  }

  /// The clusters that were not merged into others.
  var finished: [Cluster] { clusters.filter { forwarded[$0.unit] == nil } }

  /// The base values that a single node reads, or that must be known before it reads.
  func reads(of node: Int) -> [Int] { nodes[node].operands.flatMap(lowered.sources) }

  private mutating func visit(_ index: Int) {
    switch lowered.means[index] {
    case .given: break
    case .none:
      if nodes[index].assembly != nil { visitUnit(index) }
    case .kernel, .reference: visitUnit(index)
    case .fused:
      if nodes[index].kind == .reduce, let reduce = nodes[index].operation as? Reduce {
        visit(index, reduce)
      } else {
        visitElementwise(index)
      }
    }
  }

  private mutating func visitUnit(_ index: Int) {
    home[index] = index
    for base in reads(of: index) { readers[base].append(index) }
  }

  private mutating func visit(_ index: Int, _ reduce: Reduce) {
    let shape = lowered.graph.type(of: nodes[index].operands[0]).shape
    let cluster = makeCluster(shape, reducing: reduce.axes)
    add(index, IndexMap(identity: shape), to: cluster)
    settle(index, in: cluster)
  }

  private mutating func visitElementwise(_ index: Int) {
    var candidates: [Cluster] = []
    var seen: Set<Int> = []
    for unit in demanders[index] {
      let cluster = self.cluster(unit)
      guard seen.insert(cluster.unit).inserted else { continue }
      if let map = cluster.demand(index), cluster.hasRoom(), computes(index, map, in: cluster) {
        candidates.append(cluster)
      } else if cluster.members[index] == nil {
        cluster.read(index)
        readers[index].append(cluster.unit)
      }
    }
    if isCheap(index) {
      for cluster in candidates { join(index, cluster) }
      guard isOutput[index] || !readers[index].isEmpty else { return }
      if let first = firstCluster(candidates, for: index) { return settle(index, in: first) }
      return startCluster(index)
    }
    candidates = merged(candidates)
    if candidates.count == 1, readers[index].isEmpty, !isOutput[index] {
      guard endsSummation(index, in: candidates[0]) else { return join(index, candidates[0]) }
      candidates[0].read(index)
      readers[index].append(candidates[0].unit)
      return startCluster(index)
    }
    guard !candidates.isEmpty || !readers[index].isEmpty || isOutput[index] else { return }
    let chosen = firstCluster(candidates, for: index)
    for cluster in candidates where cluster !== chosen {
      cluster.read(index)
      readers[index].append(cluster.unit)
    }
    guard let chosen else { return startCluster(index) }
    join(index, chosen)
    settle(index, in: chosen)
  }

  /// Whether a long sum of large values is better added up to here before it goes on: added up in one kernel, all its
  /// terms would be in memory at the same time.
  private func endsSummation(_ index: Int, in cluster: Cluster) -> Bool {
    let type = nodes[index].types[0]
    guard nodes[index].kind == .add, type.byteCount >= Self.leastSummed else { return false }
    let terms = cluster.reads.count { base in
      useCounts[base] == 1 && lowered.means[base] != .given && nodes[base].types[0].byteCount == type.byteCount
    }
    return terms >= Self.mostTerms
  }

  /// The first candidate that depends on none of a value's other readers.
  private func firstCluster(_ candidates: [Cluster], for index: Int) -> Cluster? {
    let isShared = !isCheap(index)
    let others = readers[index].map(current) + (isShared ? candidates.map(\.unit) : [])
    let targets = Set(others)
    return candidates.first { !depends($0.unit, on: targets) }
  }

  /// The candidates with as many as possible made one.
  private mutating func merged(_ candidates: [Cluster]) -> [Cluster] {
    var result: [Cluster] = []
    for cluster in candidates {
      if let partner = result.suffix(Self.mostSiblings).first(where: { isMergeable($0, cluster) }) {
        merge(cluster, into: partner)
      } else {
        result.append(cluster)
      }
    }
    return result
  }

  private func isMergeable(_ a: Cluster, _ b: Cluster) -> Bool {
    a !== b && a.fits(b) && !depends(a.unit, on: [b.unit]) && !depends(b.unit, on: [a.unit])
  }

  private mutating func merge(_ cluster: Cluster, into partner: Cluster) {
    for node in cluster.outputs { home[node] = partner.unit }
    for node in cluster.demands.keys { demanders[node].append(partner.unit) }
    partner.absorb(cluster)
    forwarded[cluster.unit] = partner.unit
  }

  private mutating func startCluster(_ index: Int) {
    let shape = nodes[index].types[0].shape
    let cluster = makeCluster(shape)
    add(index, IndexMap(identity: shape), to: cluster)
    settle(index, in: cluster)
  }

  private mutating func makeCluster(_ shape: Shape, reducing axes: [Int]? = nil) -> Cluster {
    let cluster = Cluster(unit: nodes.count + clusters.count, extents: shape.sizes, reducing: axes)
    clusters.append(cluster)
    return cluster
  }

  private mutating func join(_ index: Int, _ cluster: Cluster) {
    if let map = cluster.demand(index) { add(index, map, to: cluster) }
  }

  private mutating func settle(_ index: Int, in cluster: Cluster) {
    cluster.outputs.insert(index)
    home[index] = cluster.unit
  }

  private mutating func add(_ index: Int, _ map: IndexMap, to cluster: Cluster) {
    cluster.add(index, map)
    for (position, operand) in nodes[index].operands.enumerated() {
      let isData = nodes[index].kind != .randomBits && !(position > 0 && nodes[index].isPlace)
      // Earlier operands may have divided the space, and with it the member's map.
      let map = cluster.members[index] ?? map
      if isData, let source = cluster.source(of: operand, map, in: lowered) {
        cluster.ask(for: source.node, source.map)
        demanders[source.node].append(cluster.unit)
      } else {
        for base in lowered.sources(of: operand) {
          cluster.read(base)
          readers[base].append(cluster.unit)
        }
      }
    }
  }

  /// Whether a kernel can compute a node at the points of a cluster: random bits are numbered in row-major order.
  private func computes(_ index: Int, _ map: IndexMap, in cluster: Cluster) -> Bool {
    guard nodes[index].kind == .randomBits else { return true }
    let extents = Shape(cluster.space.extents)
    let places = map.layout(Layout(dense: nodes[index].types[0].shape), rank: extents.rank)
    return places.offset == 0 && places.isPacked(extents)
  }

  private func current(_ unit: Int) -> Int {
    var unit = unit
    while let next = forwarded[unit] { unit = next }
    return unit
  }

  private func cluster(_ unit: Int) -> Cluster { clusters[current(unit) - nodes.count] }

  /// Whether a unit needs, directly or not, what one of some other units makes; `true` where the search grows too long.
  private func depends(_ unit: Int, on targets: Set<Int>) -> Bool {
    var seen: Set<Int> = [unit]
    var open = [unit]
    /// Notes the maker of a value; whether it is one of the units sought.
    func note(_ base: Int) -> Bool {
      guard home[base] >= 0 else { return false }
      let maker = current(home[base])
      guard seen.insert(maker).inserted else { return false }
      open.append(maker)
      return targets.contains(maker)
    }
    while let next = open.popLast() {
      let isFound =
        next < nodes.count
        ? nodes[next].operands.contains {
          note(lowered.base(of: $0).node) || lowered.waits[$0.node]?.contains(where: note) == true
        }
        : clusters[next - nodes.count].orderedReads.contains { note($0) }
      if isFound || seen.count > Self.longestSearch { return true }
    }
    return false
  }

  /// Whether to compute a value again rather than to keep it: it takes an instruction, and no more memory is read.
  private func isCheap(_ index: Int) -> Bool {
    guard nodes[index].operation.isCheap else { return false }
    let bytes = nodes[index].types[0].byteCount
    let read = nodes[index].operands.reduce(0) { $0 + lowered.graph.type(of: lowered.base(of: $1)).byteCount }
    return read <= bytes + bytes / 4
  }

  /// Joins clusters that visit the same points and read the same memory, and those of scalars.
  private mutating func mergeSiblings() {
    var groups: [[Int]: [Cluster]] = [:]
    var keys: [[Int]] = []
    func note(_ key: [Int], _ cluster: Cluster) {
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(cluster)
    }
    for cluster in clusters where forwarded[cluster.unit] == nil {
      let count = Shape(cluster.space.extents).count
      if count == 1 { note([], cluster) }
      for base in cluster.reads.sorted() where nodes[base].types[0].count >= max(2, count) {
        note([base] + cluster.space.extents, cluster)
      }
    }
    for key in keys {
      let group = groups[key] ?? []
      for (position, member) in group.enumerated() {
        for other in group[(position + 1)...].prefix(Self.mostSiblings) {
          let (first, second) = (cluster(member.unit), cluster(other.unit))
          if isMergeable(first, second) { merge(second, into: first) }
        }
      }
    }
  }

  private static let leastSummed = 1 << 14
  private static let mostTerms = 4
  private static let longestSearch = 256
  private static let mostSiblings = 16
}

extension Operation {
  /// Whether computing the result again costs less than reading it.
  fileprivate var isCheap: Bool {
    switch Self.kind {
    case .add, .subtract, .multiply, .negate, .abs, .square, .maximum, .minimum, .convert, .select, .compare, .and, .or,
      .xor, .not, .shiftLeft, .shiftRight, .shiftRightArithmetic, .iota:
      true
    default: self is Copy
    }
  }
}
