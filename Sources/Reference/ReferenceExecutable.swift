import DescentCompiler
import DescentGraph

/// A graph that is evaluated node by node, each value rounded to its element type.
final class ReferenceExecutable: Executable {
  let inputTypes: [TensorType]
  let outputTypes: [TensorType]
  let statistics: PlanStatistics
  private let graph: Graph
  private let donations: [Donation]
  /// For each node, the nodes whose values nobody reads any more once it has been evaluated.
  private let finished: [[Int]]

  /// Prepares a graph.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises or the memory limit is exceeded.
  init(_ graph: Graph, donations: [Donation], memoryLimit: Int?) throws(OperationError) {
    let clock = ContinuousClock()
    let start = clock.now
    try graph.check()
    try graph.check(donations)
    (self.graph, self.donations) = (graph, donations)
    (inputTypes, outputTypes) = (graph.inputTypes, graph.outputTypes)
    finished = Self.finished(graph)
    var statistics = PlanStatistics()
    (statistics.nodesBefore, statistics.nodesAfter) = (graph.nodes.count, graph.nodes.count)
    let computed = graph.nodes.filter { $0.input == nil && $0.kind != .constant }
    statistics.kernels = computed.count
    statistics.referenceOperations = computed.map(\.operation.name)
    let given = Set(donations.map(\.output))
    for (index, type) in outputTypes.enumerated() where !given.contains(index) {
      statistics.outputBytes += type.byteCount
    }
    statistics.constantBytes = graph.nodes.reduce(0) { $1.kind == .constant ? $0 + $1.byteCount : $0 }
    statistics.arenaBytes = Self.peakBytes(graph, finished)
    statistics.heldBytes = 4_096 + graph.nodes.count * 384 + statistics.constantBytes
    statistics.compileSeconds = (clock.now - start) / .seconds(1)
    self.statistics = statistics
    if let memoryLimit, statistics.peakBytes > memoryLimit {
      throw OperationError(
        "compile", "a run would take \(statistics.peakBytes) bytes, the limit is \(memoryLimit) bytes")
    }
  }

  func run(_ inputs: [Buffer]) throws(OperationError) -> [Buffer] {
    let arguments = try arguments(inputs)
    let failures = HostCall.Failures()
    let values = try HostCall.$failures.withValue(failures) { () -> Result<[ReferenceArray], OperationError> in
      Result { () throws(OperationError) in try evaluated(arguments) { _, _ in } }
    }.get()
    if let error = failures.error {
      throw error as? OperationError ?? OperationError("run", "\(error)")
    }
    return try outputs(values, givenUp: inputs)
  }

  func profile(_ inputs: [Buffer], runs: Int) throws(OperationError) -> [KernelProfile] {
    let runs = max(1, runs)
    var times = [Duration](repeating: .zero, count: graph.nodes.count)
    for _ in 0..<runs {
      _ = try evaluated(try arguments(inputs)) { times[$0] += $1 }
    }
    return graph.nodes.indices.compactMap { index in
      let node = graph.nodes[index]
      guard node.input == nil, node.kind != .constant else { return nil }
      let operands = node.operands.map { graph.type(of: $0) }
      return KernelProfile(
        name: node.operation.name, shapes: operands.map { "\($0.shape)" }.joined(separator: ", "),
        layer: node.provenance.scope.path, phase: node.provenance.phase, calls: runs,
        seconds: times[index] / .seconds(1), bytes: (operands + node.types).reduce(0) { $0 + $1.byteCount }, flops: 0)
    }
  }

  /// The inputs' elements.
  private func arguments(_ inputs: [Buffer]) throws(OperationError) -> [ReferenceArray] {
    guard inputs.count == inputTypes.count else {
      throw OperationError("run", "the plan takes \(inputTypes.count) inputs, not \(inputs.count)")
    }
    var arguments: [ReferenceArray] = []
    for (index, type) in inputTypes.enumerated() {
      guard inputs[index].byteCount >= type.byteCount else {
        throw OperationError(
          "run",
          "input \(index) is \(type) and takes \(type.byteCount) bytes, its buffer has \(inputs[index].byteCount)")
      }
      arguments.append(try ReferenceArray(Literal(type: type, buffer: inputs[index])))
    }
    return arguments
  }

  /// The values of the outputs.
  ///
  /// - Parameter took: Is told how long each node took.
  private func evaluated(
    _ arguments: [ReferenceArray], _ took: (Int, Duration) -> Void
  ) throws(OperationError) -> [ReferenceArray] {
    let clock = ContinuousClock()
    var values = [[ReferenceArray]](repeating: [], count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      let begin = clock.now
      if let input = node.input {
        values[index] = [arguments[input.index]]
      } else {
        // Swift's arrays end the process where there is no memory for them.
        do throws(OperationError) {
          for type in node.types where type.count > Self.surelyThere {
            _ = try HostMemory(byteCount: type.count * MemoryLayout<Double>.stride)
          }
        } catch { throw OperationError(error.operation, error.message, from: node.provenance) }
        values[index] = node.operation.evaluate(node.operands.map { values[$0.node][$0.result] }, node.types)
          .map(\.rounded)
      }
      for last in finished[index] { values[last] = [] }
      took(index, clock.now - begin)
    }
    return graph.outputs.map { values[$0.node][$0.result] }
  }

  /// The outputs' buffers: those of donated inputs, with other bytes, and new ones.
  private func outputs(
    _ values: [ReferenceArray], givenUp inputs: [Buffer]
  ) throws(OperationError) -> [Buffer] {
    var buffers: [Buffer] = []
    for value in values { buffers.append(Buffer(ReferenceStorage(try value.literal().memory))) }
    var taken: Set<ObjectIdentifier> = []
    for donation in donations {
      let buffer = inputs[donation.input]
      // One that is given twice is taken once, and another backend's not at all.
      guard let storage = buffer.storage as? ReferenceStorage,
        storage.byteCount == outputTypes[donation.output].byteCount,
        inputs.count(where: { $0 === buffer }) == 1, taken.insert(ObjectIdentifier(buffer)).inserted
      else { continue }
      storage.replace(by: try values[donation.output].literal().memory)
      buffers[donation.output] = buffer
    }
    return buffers
  }

  /// So many elements are taken for granted.
  private static let surelyThere = 1 << 24

  private static func finished(_ graph: Graph) -> [[Int]] {
    var last = Array(graph.nodes.indices)
    for (index, node) in graph.nodes.enumerated() { for operand in node.operands { last[operand.node] = index } }
    for output in graph.outputs { last[output.node] = graph.nodes.count }
    var finished = [[Int]](repeating: [], count: graph.nodes.count)
    for (node, last) in last.enumerated() where last < graph.nodes.count { finished[last].append(node) }
    return finished
  }

  /// What is alive at once at most, beside inputs, constants and outputs.
  private static func peakBytes(_ graph: Graph, _ finished: [[Int]]) -> Int {
    let outputs = Set(graph.outputs.map(\.node))
    let bytes = graph.nodes.indices.map { index in
      let node = graph.nodes[index]
      return node.input != nil || node.kind == .constant || outputs.contains(index) ? 0 : node.byteCount
    }
    var (alive, peak) = (0, 0)
    for index in graph.nodes.indices {
      alive += bytes[index]
      peak = max(peak, alive)
      for last in finished[index] { alive -= bytes[last] }
    }
    return peak
  }
}

extension Node {
  /// The size of the results, in bytes.
  fileprivate var byteCount: Int { types.reduce(0) { $0 + $1.byteCount } }
}
