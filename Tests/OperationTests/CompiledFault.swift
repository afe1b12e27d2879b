import DescentCPU
import DescentCompiler
import DescentGraph

extension Graph {
  /// What a compiled plan computes otherwise than the reference evaluation; `nil` where they agree.
  ///
  /// - Parameters:
  ///   - tolerance: The part of a number by which it may differ; half-precision numbers may differ by more.
  ///   - absolute: What it may differ by in any case, where cancellation leaves rounding alone.
  func compiledFault(on arguments: [ReferenceArray], tolerance: Double, absolute: Double = 0) throws -> String? {
    let plan = try CPUBackend().compile(self)
    let inputs = try arguments.map { try $0.literal() }
    let outputs = try plan.run(inputs.map(\.buffer))
    // The reference sees what a plan sees: numbers rounded to their element type on the way in and out.
    let expected = try evaluate(inputs.map { ReferenceArray($0) })
    for (index, (output, wanted)) in zip(outputs, expected).enumerated() {
      let found = try ReferenceArray(Literal(type: wanted.type, buffer: output))
      let allowed: Double =
        switch wanted.type.elementType {
        case .float16: 1e-2
        case .bfloat16: 3e-2
        default: tolerance
        }
      let fault = found.difference(from: ReferenceArray(try wanted.literal()), tolerance: allowed, absolute: absolute)
      if let fault { return "output \(index): \(fault)" }
    }
    return nil
  }
}
