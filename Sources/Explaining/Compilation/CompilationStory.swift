import DescentBackends
import DescentCompiler
import DescentGraph
import DescentTensors

/// What the compiler made of a function, pass by pass, and folded by layer.
public struct CompilationStory: Sendable, Codable {
  /// What one pass did.
  public struct Pass: Sendable, Codable {
    /// The pass.
    public var name: String
    /// The number of nodes that it was given.
    public var nodesBefore: Int
    /// The number of nodes that it left; of `fusion`, of kernels.
    public var nodesAfter: Int
    /// The operations of which there are fewer now, and how many fewer.
    public var removed: [String: Int]
    /// The operations of which there are more now, and how many more.
    public var added: [String: Int]
  }

  /// A layer's nodes in one direction.
  public struct Layer: Sendable, Codable {
    /// The layer and its direction, such as `conv1 backward`.
    public var name: String
    /// The direction: `forward`, `backward` or `update`.
    public var phase: String
    /// Its operations as they were recorded, and how often each occurs.
    public var before: [String: Int]
    /// Its operations after simplification.
    public var after: [String: Int]
    /// How many kernels compute them.
    public var kernels: Int
  }

  /// A flow of values between layers.
  struct Flow: Sendable, Codable, Hashable {
    var from: Int
    var to: Int
  }

  /// What was compiled.
  public var title: String
  /// The passes in order.
  public var passes: [Pass] = []
  /// The layers in the order in which they run: forward, backward, update.
  public var layers: [Layer] = []
  /// The graph as it was recorded and after simplification, a line a node, where both are short.
  public var listings: [String] = []
  /// The number of kernels of a run.
  public var kernels = 0
  /// How many operations the fused kernels join, largest first.
  public var fused: [Int] = []
  /// The peak memory of a run in bytes, not counting its arguments.
  public var peakBytes = 0
  var flows: [Flow] = []

  /// The most nodes of a graph that is listed whole.
  private static var listedNodes: Int { 24 }

  /// Compiles a function for its story.
  package init(_ title: String, _ function: CompiledFunction) throws {
    try self.init(title, function.graph, donations: function.donations)
  }

  init(_ title: String, _ graph: Graph, donations: [Donation] = []) throws {
    self.title = title
    var graphs = [graph]
    var records: [PassRecord] = []
    let simple: Graph
    let plan: Plan
    do throws(OperationError) {
      simple = try graph.simplified(&records) { graphs.append($0) }
      let backend = Backend.current
      guard let known = try backend.engine.plan(for: graph, donations: donations) else {
        throw OperationError("explain", "the backend \(backend) makes no plan whose passes could be told")
      }
      plan = known
    } catch { throw TensorError(error.operation, error.message) }
    graphs.append(plan.lowered.graph)
    let counts = graphs.map(Self.counts)
    for (place, record) in plan.statistics.passes.enumerated() {
      let isGraph = place + 1 < counts.count
      passes.append(
        Pass(
          name: record.name, nodesBefore: record.nodesBefore, nodesAfter: record.nodesAfter,
          removed: isGraph ? Self.difference(counts[place], counts[place + 1]) : [:],
          added: isGraph ? Self.difference(counts[place + 1], counts[place]) : [:]))
    }
    kernels = plan.statistics.kernels
    peakBytes = plan.statistics.peakBytes
    for step in plan.steps { if case .fused(let work) = step.work { fused.append(work.members.count) } }
    fused.sort(by: >)
    if graph.nodes.count <= Self.listedNodes { listings = [graph.description, simple.description] }
    fold(graph, simple, plan)
  }

  private mutating func fold(_ graph: Graph, _ simple: Graph, _ plan: Plan) {
    let (first, second) = (LayerFolding(graph), LayerFolding(simple))
    let third = LayerFolding(plan.lowered.graph)
    // Layers are told apart by name: their order may differ where a pass removed the first use of one.
    var order: [String: (LayerFolding.Group, Int)] = [:]
    func count(_ graph: Graph, _ folding: LayerFolding) -> [String: [String: Int]] {
      var result: [String: [String: Int]] = [:]
      for (node, group) in zip(graph.nodes, folding.groups) {
        guard let group, !(node.operation is Constant) else { continue }
        let title = folding.title(group)
        if order[title] == nil { order[title] = (group, order.count) }
        result[title, default: [:]][node.operation.name, default: 0] += 1
      }
      return result
    }
    let (before, after) = (count(graph, first), count(simple, second))
    var perLayer: [String: Int] = [:]
    for step in plan.steps {
      guard let node = step.writes.last, let group = third.groups[node] else { continue }
      perLayer[third.title(group), default: 0] += 1
    }
    let sorted = order.sorted { a, b in
      a.value.0.phase == b.value.0.phase && a.value.0.layer == b.value.0.layer
        ? a.value.1 < b.value.1 : a.value.0 < b.value.0
    }
    layers = sorted.map { name, place in
      Layer(
        name: name, phase: place.0.phase.rawValue, before: before[name] ?? [:], after: after[name] ?? [:],
        kernels: perLayer[name] ?? 0)
    }
    var places: [String: Int] = [:]
    for (place, layer) in layers.enumerated() { places[layer.name] = place }
    var known: Set<Flow> = []
    // Constants, however repeated, flow from nowhere.
    var isFixed: [Bool] = []
    for (index, node) in simple.nodes.enumerated() {
      isFixed.append(!(node.operation is Input) && node.operands.allSatisfy { isFixed[$0.node] })
      guard let group = second.groups[index], let to = places[second.title(group)] else { continue }
      for operand in node.operands {
        guard let source = second.groups[operand.node], let from = places[second.title(source)], from != to,
          !isFixed[operand.node]
        else { continue }
        if known.insert(Flow(from: from, to: to)).inserted { flows.append(Flow(from: from, to: to)) }
      }
    }
  }

  private static func counts(_ graph: Graph) -> [String: Int] {
    var counts: [String: Int] = [:]
    for node in graph.nodes { counts[node.operation.name, default: 0] += 1 }
    return counts
  }

  private static func difference(_ a: [String: Int], _ b: [String: Int]) -> [String: Int] {
    a.reduce(into: [:]) { result, entry in
      let less = entry.value - (b[entry.key] ?? 0)
      if less > 0 { result[entry.key] = less }
    }
  }
}
