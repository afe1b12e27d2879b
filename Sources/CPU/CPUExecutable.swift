import CNative
import DescentCompiler
import DescentGraph

/// A plan with its kernels prepared.
final class CPUExecutable: Executable {
  let inputTypes: [TensorType]
  let outputTypes: [TensorType]
  let statistics: PlanStatistics

  /// A kernel in the form in which the run loop calls it.
  private struct Call {
    let function: KernelFunction
    let parameters: UnsafeRawPointer
    let firstAddress: Int
  }

  /// Keeps the plan's constants alive.
  private let plan: Plan
  private let kernels: [any Kernel]
  /// Where what each kernel computes comes from.
  private let provenances: [Provenance]
  private let calls: CallList
  private let layout: AddressLayout
  private let donated: [Int]
  private let idle = Guarded<[IdleContext]>([])

  private struct CallList: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Call>
    let count: Int
  }

  private struct IdleContext: @unchecked Sendable {
    let context: RunContext
  }

  /// Compiles a graph.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises or the memory limit is exceeded.
  init(_ graph: Graph, donations: [Donation], memoryLimit: Int?) throws(OperationError) {
    let clock = ContinuousClock()
    let start = clock.now
    let plan = try Plan(graph, for: CPUSupport(), donations: donations)
    try plan.check(memoryLimit: memoryLimit)
    (kernels, provenances) = try plan.makeKernels()
    try plan.check(memoryLimit: memoryLimit, scratchBytes: kernels.reduce(0) { max($0, $1.cost.scratchBytes) })
    layout = AddressLayout(kernels, plan)
    let pointer = UnsafeMutablePointer<Call>.allocate(capacity: max(1, kernels.count))
    var firstAddress = 0
    for (index, kernel) in kernels.enumerated() {
      (pointer + index).initialize(
        to: Call(function: kernel.function, parameters: kernel.parameters, firstAddress: firstAddress))
      firstAddress += kernel.addresses.count
    }
    calls = CallList(pointer: pointer, count: kernels.count)
    self.plan = plan
    inputTypes = graph.inputTypes
    outputTypes = graph.outputTypes
    donated = donations.map(\.input)
    var statistics = plan.statistics
    statistics.kernels = kernels.count
    statistics.compileSeconds = (clock.now - start) / .seconds(1)
    statistics.heldBytes = Self.heldBytes(graph, plan, kernels, layout)
    self.statistics = statistics
    if sharesArena { ArenaPool.shared.open(statistics.arenaBytes) }
  }

  deinit {
    calls.pointer.deallocate()
    if sharesArena { ArenaPool.shared.close(statistics.arenaBytes) }
  }

  /// Whether the intermediate values are large enough for memory that is shared with other plans.
  private var sharesArena: Bool { statistics.arenaBytes > RunContext.ownBytes }

  /// What a plan takes while it waits, in bytes, by what such plans were measured to take.
  private static func heldBytes(
    _ graph: Graph, _ plan: Plan, _ kernels: [any Kernel], _ layout: AddressLayout
  ) -> Int {
    let nodes = graph.allNodeCount + plan.statistics.nodesAfter
    let own = min(plan.statistics.arenaBytes, RunContext.ownBytes)
    // A library writes code of its own for each convolution.
    let prepared = kernels.reduce(0) { $0 + ($1 is ConvolutionKernel ? 32_768 : 2_048) }
    return 8_192 + nodes * 768 + prepared + layout.count * 48 + own + plan.statistics.constantBytes
  }

  func run(_ inputs: [Buffer]) throws(OperationError) -> [Buffer] {
    try withContext(inputs) { context throws(OperationError) in
      let (pointer, addresses) = (calls.pointer, context.addresses)
      for index in 0..<calls.count {
        let call = pointer[index]
        if call.function(call.parameters, addresses + call.firstAddress, context.error) != 0 {
          throw failure(of: index, context)
        }
      }
    }
  }

  func profile(_ inputs: [Buffer], runs: Int) throws(OperationError) -> [KernelProfile] {
    var times = [Duration](repeating: .zero, count: calls.count)
    let clock = ContinuousClock()
    for _ in 0..<max(1, runs) {
      _ = try withContext(inputs) { context throws(OperationError) in
        var begin = clock.now
        for index in 0..<calls.count {
          let call = calls.pointer[index]
          let status = call.function(call.parameters, context.addresses + call.firstAddress, context.error)
          if status != 0 { throw failure(of: index, context) }
          let end = clock.now
          times[index] += end - begin
          begin = end
        }
      }
    }
    return kernels.indices.map { index in
      let (cost, provenance) = (kernels[index].cost, provenances[index])
      return KernelProfile(
        name: cost.name, shapes: cost.shapes, layer: provenance.scope.path, phase: provenance.phase,
        calls: max(1, runs), seconds: times[index] / .seconds(1), bytes: Int(exactly: cost.bytes) ?? .max,
        flops: Int(exactly: cost.flops) ?? .max)
    }
  }

  private func failure(of index: Int, _ context: RunContext) -> OperationError {
    let line = String(cString: context.error)
    return OperationError(
      kernels[index].cost.name, line.isEmpty ? "the kernel failed, memory may have run out" : line,
      from: provenances[index])
  }

  /// Makes the outputs, sets the addresses of inputs and outputs in a context, and calls the body with it.
  private func withContext(
    _ inputs: [Buffer], _ body: (RunContext) throws(OperationError) -> Void
  ) throws(OperationError) -> [Buffer] {
    let arguments = try Arguments(try checked(inputs), writing: donated)
    var outputs: [Buffer] = []
    var outputAddresses: [UnsafeMutableRawPointer] = []
    outputs.reserveCapacity(outputTypes.count)
    outputAddresses.reserveCapacity(outputTypes.count)
    for (index, region) in plan.memory.outputRegions.enumerated() {
      if case .input(let number) = region {
        outputs.append(arguments.buffers[number])
        outputAddresses.append(arguments.addresses[number])
      } else {
        let memory = try HostMemory(byteCount: outputTypes[index].byteCount)
        outputs.append(Buffer(memory))
        outputAddresses.append(memory.pointer)
      }
    }
    let context: RunContext
    if let waiting = idle.withLock({ $0.popLast() }) {
      context = waiting.context
    } else {
      context = try RunContext(layout, arenaBytes: statistics.arenaBytes)
    }
    let arena = sharesArena ? try ArenaPool.shared.acquire(statistics.arenaBytes, preferring: context.arena) : nil
    if let arena { context.move(to: arena.memory.pointer, layout) }
    defer {
      if let arena { ArenaPool.shared.giveBack(arena) }
      let finished = IdleContext(context: context)
      idle.withLock { $0.append(finished) }
    }
    for place in layout.inputs { context.addresses[place.slot] = arguments.addresses[place.number] + place.offset }
    for place in layout.outputs { context.addresses[place.slot] = outputAddresses[place.number] + place.offset }
    // Kernels know addresses only.
    defer { withExtendedLifetime((arguments, outputs)) {} }
    try body(context)
    return outputs
  }

  /// The inputs, after a look at their number and sizes.
  private func checked(_ inputs: [Buffer]) throws(OperationError) -> [Buffer] {
    guard inputs.count == inputTypes.count else {
      throw OperationError("run", "the plan takes \(inputTypes.count) inputs, not \(inputs.count)")
    }
    for (index, type) in inputTypes.enumerated() where inputs[index].byteCount < type.byteCount {
      throw OperationError(
        "run", "input \(index) is \(type) and takes \(type.byteCount) bytes, its buffer has \(inputs[index].byteCount)")
    }
    return inputs
  }
}

/// The inputs of a run as memory of the host's, and where it begins.
private struct Arguments {
  /// The inputs; those of other backends, and those that are copied because they are written over, in new memory.
  private(set) var buffers: [Buffer]
  private(set) var addresses: [UnsafeMutableRawPointer] = []

  /// - Parameter donated: The inputs that are written over. One that is given twice is copied, because writing over it
  ///   would change the other input.
  init(_ inputs: [Buffer], writing donated: [Int]) throws(OperationError) {
    buffers = inputs
    addresses.reserveCapacity(inputs.count)
    for (index, buffer) in inputs.enumerated() {
      if let memory = buffer.storage.hostMemory {
        addresses.append(memory.pointer)
      } else {
        replace(index, by: try buffer.storage.onHost())
      }
    }
    if donated.isEmpty { return }
    var seen: [UnsafeMutableRawPointer: Int] = [:]
    seen.reserveCapacity(inputs.count)
    for address in addresses { seen[address, default: 0] += 1 }
    if seen.count == inputs.count { return }
    for index in donated {
      guard let count = seen[addresses[index]], count > 1 else { continue }
      seen[addresses[index]] = count - 1
      guard let memory = buffers[index].storage.hostMemory else { continue }
      replace(index, by: try memory.copy())
    }
  }

  private mutating func replace(_ index: Int, by memory: HostMemory) {
    buffers[index] = Buffer(memory)
    if index < addresses.count { addresses[index] = memory.pointer } else { addresses.append(memory.pointer) }
  }
}

extension Graph {
  /// The number of nodes, those of functions that operations hold included, each function once.
  fileprivate var allNodeCount: Int {
    var known: Set<ObjectIdentifier> = []
    var waiting = [self]
    var count = 0
    while let graph = waiting.popLast() {
      count += graph.nodes.count
      for node in graph.nodes {
        for body in node.holder?.bodies ?? [] where known.insert(ObjectIdentifier(body)).inserted {
          waiting.append(body.graph)
        }
      }
    }
    return count
  }
}
