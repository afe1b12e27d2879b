import DescentGraph

/// A graph folded by the layers of its model and by what nodes are for, so that ten thousand of them stay readable.
///
/// The parameters' paths name the layers. A value of the forward pass belongs to the last layer that it has passed; on
/// the way back it belongs to the layer whose parameter or activation it meets.
struct LayerFolding {
  /// What a node is for.
  enum Phase: Int, Comparable {
    case forward, backward, update
    static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    var title: String { ["forward", "backward", "update"][rawValue] }
  }

  /// One layer in one phase.
  struct Group: Hashable, Comparable {
    /// The layer's place in the forward pass; −1 of what comes before all of them.
    var layer: Int
    var phase: Phase
    static func < (a: Group, b: Group) -> Bool {
      a.phase != b.phase ? a.phase < b.phase : a.phase == .forward ? a.layer < b.layer : a.layer > b.layer
    }
  }

  /// The layers' names in the order of the forward pass.
  private(set) var layers: [String] = []
  /// The group of each node, `nil` of inputs.
  private(set) var groups: [Group?] = []

  /// Folds a graph whose first output is the loss.
  init(_ graph: Graph) {
    let isForward = Self.ancestors(ofLoss: graph)
    let parameters = Parameters(graph, isForward)
    layers = parameters.layers
    let own = parameters.own
    for (index, node) in graph.nodes.enumerated() {
      guard !(node.operation is Input) else {
        groups.append(nil)
        continue
      }
      func layer(_ value: Value) -> Int? {
        own[value.node] ?? groups[value.node].map(\.layer).flatMap { $0 < 0 ? nil : $0 }
      }
      let known = node.operands.compactMap(layer)
      if isForward[index] {
        groups.append(Group(layer: own[index] ?? known.max() ?? -1, phase: .forward))
        continue
      }
      let behind = node.operands.filter { groups[$0.node].map { $0.phase > .forward } ?? false }
      // The optimizer's memory and the step's number are the only inputs that neither the forward pass nor a layer uses.
      let remembers = node.operands.contains {
        graph.nodes[$0.node].operation is Input && own[$0.node] == nil && !isForward[$0.node]
      }
      let meetsParameter = node.operands.contains { own[$0.node] != nil }
      let isElementwise = Self.isElementwise(node.operation)
      // Moving a parameter adds to it or subtracts from it, decaying it multiplies it by a number; the way back through
      // a layer does neither.
      let moves =
        (node.operation is Add || node.operation is Subtract)
        && node.operands.contains { own[$0.node] != nil && graph.nodes[$0.node].operation is Input }
      let decays = node.operation is Multiply && meetsParameter && known.count == 1
      let updates = remembers || moves || decays || behind.contains { groups[$0.node]?.phase == .update }
      let met =
        isElementwise || meetsParameter ? node.operands.filter { isForward[$0.node] }.compactMap(layer).max() : nil
      let place = met ?? behind.compactMap(layer).min() ?? known.max() ?? -1
      groups.append(Group(layer: place, phase: updates ? .update : .backward))
    }
    adoptUsers(graph)
  }

  /// Gives what no layer leads to, such as repeated constants, to the first user that has one.
  private mutating func adoptUsers(_ graph: Graph) {
    for (index, node) in graph.nodes.enumerated().reversed() {
      guard let user = groups[index], user.layer >= 0 else { continue }
      for operand in node.operands where groups[operand.node]?.layer == -1 {
        // A constant of the forward pass stays there, whoever else uses it.
        let phase = groups[operand.node]?.phase == .forward ? .forward : user.phase
        groups[operand.node] = Group(layer: user.layer, phase: phase)
      }
    }
  }

  private static func ancestors(ofLoss graph: Graph) -> [Bool] {
    var isForward = [Bool](repeating: false, count: graph.nodes.count)
    if let loss = graph.outputs.first { isForward[loss.node] = true }
    for index in graph.nodes.indices.reversed() where isForward[index] {
      for operand in graph.nodes[index].operands { isForward[operand.node] = true }
    }
    return isForward
  }

  /// Which nodes are parameters, or made from those of one layer alone, and the order of the layers.
  private struct Parameters {
    var layers: [String] = []
    var own: [Int?] = []

    init(_ graph: Graph, _ isForward: [Bool]) {
      var names: [String?] = []
      // A layer stands where its parameters meet the values that flow through: the length of the way up to there.
      var lengths: [Int] = []
      var places: [String: Int] = [:]
      for (index, node) in graph.nodes.enumerated() {
        if let input = node.operation as? Input {
          names.append(LayerFolding.layer(of: input.name))
          lengths.append(0)
          continue
        }
        let met = Set(node.operands.compactMap { names[$0.node] })
        let isMade = met.count == 1 && node.operands.allSatisfy { names[$0.node] != nil } && isForward[index]
        names.append(isMade ? met.first : nil)
        lengths.append(isMade ? 0 : (node.operands.map { lengths[$0.node] }.max() ?? -1) + 1)
        guard isForward[index], !isMade else { continue }
        for name in met { places[name] = min(places[name] ?? .max, lengths[index]) }
      }
      layers = Set(names.compactMap { $0 }).sorted { a, b in
        let (first, second) = (places[a] ?? .max, places[b] ?? .max)
        return first != second ? first < second : a < b
      }
      let order = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
      own = names.map { $0.flatMap { order[$0] } }
    }
  }

  /// How a group is called.
  func title(_ group: Group) -> String {
    (layers.indices.contains(group.layer) ? layers[group.layer] : "input") + " " + group.phase.title
  }

  /// The part of a parameter's path in front of its own name.
  fileprivate static func layer(of path: String) -> String? {
    let parts = path.split(separator: ".")
    return parts.count > 1 ? parts.dropLast().joined(separator: ".") : nil
  }

  private static func isElementwise(_ operation: any Operation) -> Bool {
    operation is any UnaryOperation || operation is any BinaryOperation || operation is Select
  }
}
