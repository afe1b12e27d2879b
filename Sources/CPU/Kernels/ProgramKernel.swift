import CNative
import DescentCompiler
import DescentGraph

/// A fused kernel: elementwise chains with reductions at their ends.
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
  init(_ description: ProgramDescription) throws(OperationError) {
    call = Parameters(
      Call(program: try description.makeProgram(), inputCount: description.inputs.count))
    addresses = description.inputs.map(\.address) + description.outputs.map(\.address)
    cost = description.cost
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
