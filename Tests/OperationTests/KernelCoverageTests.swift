@testable import DescentCPU
import DescentCompiler
import DescentGraph
import Testing

/// An operation without a kernel is computed by its reference evaluation, which is right and slow. These lists are all of
/// them: a new operation that nobody gave a kernel fails here.
@Suite struct KernelCoverageTests {
  /// The kinds of operations that neither have a kernel nor are part of a fused one, and why they need none.
  static let withoutKernel: [OperationKind: String] = [
    .input: "given", .constant: "given",
    .reshape: "a view", .transpose: "a view", .broadcast: "a view", .reverse: "a view", .slice: "a view",
    .concatenate: "its parts are written in their places", .pad: "its parts are written in their places",
    .customDerivative: "written out as its function", .named: "hands its operand on", .barrier: "hands its operands on",
    .internal: "written by passes alone",
  ]

  /// Whether an application is computed by reference although others of its kind have a kernel: windows that slide along
  /// more than three axes.
  static func isLeftToReference(_ sample: Sample) -> Bool {
    guard sample.operation is any ConvolutionKernelOperation || sample.operation is any WindowKernelOperation else {
      return false
    }
    return sample.operands[0].type.rank - 2 > 3
  }

  @Test(arguments: OperationKind.allCases) func everyOperationHasAKernelOrAReason(_ kind: OperationKind) throws {
    let support = CPUSupport()
    let factors = TensorType([2, 2], .float32)
    let hasLibraries = support.hasKernel(Cholesky(), [factors], [factors])
    for float in [ElementType.float32, .float64, .bfloat16] {
      for sample in try OperationTable(float).samples(of: kind) {
        let graph = try sample.graph()
        let types = (sample.operands.map(\.type), graph.outputTypes)
        let fused = sample.operation as? any FusedOperation
        let isComputed =
          sample.operation is any KernelOperation || fused.map { support.fuses($0, types.0, types.1) } ?? false
        #expect(isComputed == (Self.withoutKernel[kind] == nil), "\(sample)")
        let found = try CPUBackend().compile(graph).statistics.referenceOperations
        if hasLibraries { #expect(found.isEmpty != Self.isLeftToReference(sample), "\(sample): \(found)") }
      }
    }
  }
}
