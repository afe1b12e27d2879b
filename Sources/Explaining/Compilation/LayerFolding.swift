import DescentGraph

/// A graph folded by the layers of its model and by what nodes are for, so that ten thousand of them stay readable.
///
/// Nodes say where they come from; see `Provenance`.
struct LayerFolding {
  /// One layer in one phase.
  struct Group: Hashable, Comparable {
    /// The layer's place in the forward pass; −1 of what is part of no layer.
    var layer: Int
    var phase: PlanPhase
    static func < (a: Group, b: Group) -> Bool {
      a.phase != b.phase ? a.phase < b.phase : a.phase == .forward ? a.layer < b.layer : a.layer > b.layer
    }
  }

  /// The layers' paths in the order of the forward pass.
  private(set) var layers: [String] = []
  /// The group of each node, `nil` of inputs.
  private(set) var groups: [Group?] = []

  /// Folds a graph.
  init(_ graph: Graph) {
    let computed = graph.nodes.filter { $0.kind != .input }
    var places: [Provenance.Scope: Int] = [.unknown: -1]
    for phase in PlanPhase.allCases {
      for node in computed where node.provenance.phase == phase && places[node.provenance.scope] == nil {
        places[node.provenance.scope] = layers.count
        layers.append(node.provenance.scope.path)
      }
    }
    for node in graph.nodes {
      let layer = places[node.provenance.scope] ?? -1
      groups.append(node.kind == .input ? nil : Group(layer: layer, phase: node.provenance.phase))
    }
    adoptConstants(graph)
  }

  /// Gives repeated constants, which depend on nothing that a layer has, to the first node that uses them.
  private mutating func adoptConstants(_ graph: Graph) {
    var isConstant: [Bool] = []
    for node in graph.nodes {
      isConstant.append(node.kind != .input && node.operands.allSatisfy { isConstant[$0.node] })
    }
    for (index, node) in graph.nodes.enumerated().reversed() {
      guard let user = groups[index] else { continue }
      for operand in node.operands where isConstant[operand.node] && groups[operand.node]?.layer == -1 {
        // A constant of the forward pass stays there, whoever else uses it.
        let phase = groups[operand.node]?.phase == .forward ? .forward : user.phase
        groups[operand.node] = Group(layer: user.layer, phase: phase)
      }
    }
  }

  /// How a group is called.
  func title(_ group: Group) -> String {
    (layers.indices.contains(group.layer) ? layers[group.layer] : "no layer") + " " + group.phase.rawValue
  }
}
