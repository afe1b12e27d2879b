import CNative
import DescentCompiler
import DescentGraph

/// A function with its kernels prepared, to be called from within a kernel.
final class CPUBody: Sendable {
  /// The plan; it keeps constants alive.
  let plan: Plan
  /// What the kernels of one call cost together.
  let cost: KernelCost
  private let kernels: [any Kernel]
  private let calls: NativeArray<dn_call>
  private let constants: NativeArray<dn_fixed_place>
  private let arena: NativeArray<dn_place>
  private let inputs: NativeArray<dn_place>
  private let outputs: NativeArray<dn_place>
  private let addressCount: Int

  /// Prepares the kernels of a plan.
  ///
  /// - Throws: `OperationError` where the C floor refuses a kernel.
  init(_ plan: Plan) throws(OperationError) {
    self.plan = plan
    kernels = try plan.makeKernels().kernels
    let layout = AddressLayout(kernels, plan)
    addressCount = layout.count
    var first = 0
    var calls: [dn_call] = []
    for kernel in kernels {
      calls.append(
        dn_call(function: kernel.function, parameters: kernel.parameters, first_address: Int64(first)))
      first += kernel.addresses.count
    }
    self.calls = NativeArray(calls)
    constants = NativeArray(layout.constants.map { dn_fixed_place(slot: Int64($0.slot), memory: $0.memory) })
    arena = NativeArray(layout.arena.map(\.native))
    inputs = NativeArray(layout.inputs.map(\.native))
    outputs = NativeArray(layout.outputs.map(\.native))
    cost = KernelCost(
      name: "body", shapes: "\(kernels.count) kernels", bytes: kernels.reduce(0) { $0 + $1.cost.bytes },
      flops: kernels.reduce(0) { $0 + $1.cost.flops },
      scratchBytes: kernels.reduce(0) { max($0, $1.cost.scratchBytes) })
  }

  /// The places in the table of addresses of some of the inputs.
  func places(ofInputs isWanted: (Int) -> Bool) -> NativeArray<dn_place> {
    NativeArray((0..<Int(inputs.count)).map { inputs.pointer[$0] }.filter { isWanted(Int($0.number)) })
  }

  /// Which of the first outputs are written over the inputs of the same number.
  func isWrittenInPlace(_ count: Int) -> [Bool] {
    plan.memory.outputRegions.prefix(count).enumerated().map { $1 == .input($0) }
  }

  /// The size of the memory for intermediate values.
  var arenaBytes: Int { plan.statistics.arenaBytes }
  /// The size of the table of addresses.
  var tableBytes: Int { addressCount * MemoryLayout<UnsafeRawPointer>.stride }

  /// The function as the C floor knows it.
  ///
  /// - Parameter tableOffset: Where in the working memory the table of addresses begins.
  func native(tableOffset: Int) -> dn_body {
    dn_body(
      calls: calls.pointer, call_count: calls.count, constants: constants.pointer, constant_count: constants.count,
      arena: arena.pointer, arena_count: arena.count, inputs: inputs.pointer, input_count: inputs.count,
      outputs: outputs.pointer, output_count: outputs.count, table_offset: Int64(tableOffset))
  }
}

extension AddressLayout.Place {
  fileprivate var native: dn_place {
    dn_place(slot: Int64(slot), offset: Int64(offset), number: Int64(number))
  }
}

/// Elements in native memory, freed with the last reference.
final class NativeArray<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int64

  init(_ elements: [Element]) {
    pointer = .allocate(capacity: max(1, elements.count))
    pointer.initialize(from: elements, count: elements.count)
    count = Int64(elements.count)
  }

  deinit { pointer.deallocate() }
}
