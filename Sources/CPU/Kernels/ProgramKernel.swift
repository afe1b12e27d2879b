import CNative
import DescentCompiler
import DescentGraph

/// A fused kernel: a program of elementwise chains with reductions at their ends, run by the C floor's interpreter.
final class ProgramKernel: Kernel, @unchecked Sendable {
  private struct Call {
    let program: OpaquePointer
    let inputCount: Int
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares a fused kernel.
  ///
  /// - Throws: `OperationError` where the program is refused.
  init(_ program: FusedProgram) throws(OperationError) {
    try program.check()
    call = Parameters(Call(program: try program.makeNative(), inputCount: program.inputs.count))
    addresses = program.inputs.map { Address(region: $0.region) } + program.outputs.map { Address(region: $0.region) }
    let names = program.names
    cost = KernelCost(
      name: names.count <= 6
        ? names.joined(separator: "+") : names.prefix(5).joined(separator: "+") + "+…\(names.count)",
      shapes: "\(Shape(program.extents))", bytes: program.movedBytes, flops: program.operationCount)
  }

  deinit { dn_program_destroy(call.pointer.pointee.program) }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, _ in
      let call = parameters.assumingMemoryBound(to: Call.self).pointee
      let inputs = UnsafeRawPointer(addresses).assumingMemoryBound(to: UnsafeRawPointer?.self)
      dn_program_run(call.program, inputs, addresses + call.inputCount)
      return 0
    }
  }
}
