import DescentGraph

/// One kernel call of a plan.
package struct Step: Sendable {
  /// What is computed.
  package enum Work: Sendable {
    /// Elementwise nodes and reductions in one pass.
    case fused(FusedWork)
    /// A single node.
    case node(Int)
  }

  /// What is computed.
  package let work: Work
  /// The nodes whose values are read from memory.
  package let reads: [Int]
  /// The nodes whose values are written to memory.
  package let writes: [Int]
}

/// Elementwise nodes and reductions that are computed in one pass over an iteration space.
package struct FusedWork: Sendable {
  /// A node that is computed, and for which of its elements.
  package struct Member: Sendable {
    /// The node.
    package let node: Int
    let map: IndexMap
  }

  /// The number of indices along each axis.
  package let extents: [Int]
  /// The axes that reductions sum over; empty where there are none.
  package let reducedAxes: [Int]
  /// The nodes, operands before users.
  package let members: [Member]
  /// The nodes whose values are written to memory.
  package let outputs: [Int]
  private let positions: [Int: Int]

  init(_ cluster: Cluster) {
    extents = cluster.space.extents
    reducedAxes = (cluster.reducedAxes ?? []).indices.filter { cluster.reducedAxes?[$0] == true }
    members = cluster.members.map { Member(node: $0.key, map: $0.value) }.sorted { $0.node < $1.node }
    outputs = cluster.outputs.sorted()
    positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.node, $0) })
  }

  /// Where a member's operand comes from.
  package enum Source: Sendable, Hashable {
    /// Another member's value.
    case member(Int)
    /// Memory of a base value, walked by iteration index.
    case memory(base: Value, layout: Layout)
  }

  /// Where an operand of a member comes from.
  package func source(of operand: Value, for member: Member, in lowered: LoweredGraph) -> Source {
    var (value, map, space) = (operand, member.map, IterationSpace(extents: extents))
    while lowered.views[value.node] != nil {
      let node = lowered.graph.nodes[value.node]
      let (from, to) = (lowered.graph.type(of: node.operands[0]).shape, node.types[0].shape)
      guard let next = map.operand(of: node.operation, from: from, to: to, in: &space), space.divisions.isEmpty else {
        break
      }
      (value, map) = (node.operands[0], next)
    }
    if lowered.views[value.node] == nil, let position = positions[value.node], members[position].map == map,
      lowered.graph.nodes[value.node].kind != .reduce
    {
      return .member(value.node)
    }
    let (base, layout) = lowered.place(of: operand)
    return .memory(base: base, layout: member.map.layout(layout, rank: extents.count))
  }

  /// How iteration indices walk through memory where a member's value lies in the given layout.
  package func walk(_ layout: Layout, of node: Int) -> Layout {
    guard let position = positions[node] else { return layout }
    return members[position].map.layout(layout, rank: extents.count)
  }

  /// The iteration axis and the factors of a member's coordinate along an axis: the coordinate is `offset` plus the sum
  /// of the strides times the iteration indices.
  package func coordinate(_ axis: Int, of member: Member) -> Layout {
    var result = Layout(offset: member.map.coordinates[axis].offset, strides: extents.map { _ in 0 })
    for term in member.map.coordinates[axis].terms { result.strides[term.axis] += term.stride }
    return result
  }
}
