import DescentGraph

/// Nodes that are computed together in one pass over an iteration space, none of their values touching memory unless
/// something outside needs it.
final class Cluster {
  /// Identifies the cluster among all units of a plan.
  let unit: Int
  /// The points that are visited.
  private(set) var space: IterationSpace
  /// Which element of each member's result a point of the space computes; for a reduction, of its operand.
  private(set) var members: [Int: IndexMap] = [:]
  /// The axes of the space that reductions sum over, if the cluster has any.
  private(set) var reducedAxes: [Bool]?
  /// Values that members read and that could become members; `nil` marks one that is read in two different ways.
  private(set) var demands: [Int: IndexMap?] = [:]
  /// The values that are read from memory.
  private(set) var reads: Set<Int> = []
  /// The same in the order in which they were met.
  private(set) var orderedReads: [Int] = []
  /// The members whose values something outside reads.
  var outputs: Set<Int> = []

  init(unit: Int, extents: [Int], reducing axes: [Int]? = nil) {
    self.unit = unit
    space = IterationSpace(extents: extents)
    reducedAxes = axes.map { axes in extents.indices.map { axes.contains($0) } }
  }

  /// What a value that members read would have to be computed for, where that is one and the same element.
  func demand(_ node: Int) -> IndexMap? { demands[node].flatMap { $0 } }

  /// Adds a member.
  func add(_ node: Int, _ map: IndexMap) {
    members[node] = map
    demands[node] = nil
  }

  /// Asks for a value that may become a member, unless it is read from memory anyway.
  func ask(for node: Int, _ map: IndexMap) {
    if reads.contains(node) { return }
    guard let known = demands[node] else {
      demands[node] = .some(map)
      return
    }
    if known != map { demands[node] = .some(nil) }
  }

  /// Reads a value from memory.
  func read(_ node: Int) {
    demands[node] = nil
    if reads.insert(node).inserted { orderedReads.append(node) }
  }

  /// Walks from a map of a value through views to the source that would have to be computed, if there is one.
  func source(of value: Value, _ map: IndexMap, in lowered: LoweredGraph) -> (node: Int, map: IndexMap)? {
    let graph = lowered.graph
    var (value, map, wider) = (value, map, space)
    while lowered.views[value.node] != nil {
      let node = graph.nodes[value.node]
      let (from, to) = (graph.type(of: node.operands[0]).shape, node.types[0].shape)
      guard let next = map.operand(of: node.operation, from: from, to: to, in: &wider) else { return nil }
      (value, map) = (node.operands[0], next)
    }
    guard lowered.means[value.node] == .fused, graph.nodes[value.node].kind != .reduce else { return nil }
    let divisions = wider.divisions.dropFirst(space.divisions.count)
    guard wider.extents.count <= Self.largestRank else { return nil }
    for division in divisions { divide(axis: division.axis, inner: division.inner) }
    return (value.node, map)
  }

  private func divide(axis: Int, inner: Int) {
    space.divide(axis: axis, inner: inner)
    members = members.mapValues { $0.dividing(axis: axis, inner: inner) }
    demands = demands.mapValues { $0?.dividing(axis: axis, inner: inner) }
    if let reduced = reducedAxes { reducedAxes?.insert(reduced[axis], at: axis) }
  }

  /// Whether the cluster still has room for as many members, and visits the points that they are for.
  func hasRoom(_ count: Int = 1) -> Bool { members.count + count <= Self.largestSize }

  /// Whether another cluster's members could be computed in the same pass.
  func fits(_ other: Cluster) -> Bool {
    guard space.extents == other.space.extents, hasRoom(other.members.count),
      reads.union(other.reads).count <= Self.mostReads,
      reducedAxes == nil || other.reducedAxes == nil || reducedAxes == other.reducedAxes
    else { return false }
    return other.members.allSatisfy { node, map in members[node].map { $0 == map } ?? (demands[node] == nil) }
      && members.keys.allSatisfy { other.demands[$0] == nil }
      && other.demands.allSatisfy { node, map in demands[node].map { $0 == map } ?? true }
  }

  /// Takes over all of another cluster.
  func absorb(_ other: Cluster) {
    members.merge(other.members) { mine, _ in mine }
    reducedAxes = reducedAxes ?? other.reducedAxes
    for (node, map) in other.demands {
      if let map { ask(for: node, map) } else { demands[node] = .some(nil) }
    }
    for node in other.orderedReads { read(node) }
    outputs.formUnion(other.outputs)
  }

  static let largestRank = 8
  private static let largestSize = 64
  private static let mostReads = 28
}
