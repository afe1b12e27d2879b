import DescentGraph

extension Tensor {
  /// The results of a function of plain Swift that a plan calls when it has come there.
  ///
  /// What it does outside of its results happens as often as the call is computed: once for a plan that needs any of the results,
  /// once for each step of a loop. Calls that are to happen in order hand something on from one to the next.
  ///
  /// - Throws: `TensorError` that an operand carries.
  package static func calling(_ function: HostCall.Function, with operands: [Tensor]) throws -> [Tensor] {
    for operand in operands { if let error = operand.error { throw error } }
    return try recorded(HostCall(function), operands)
  }
}
