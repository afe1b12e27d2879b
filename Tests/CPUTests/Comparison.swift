import DescentCPU
import DescentCompiler
import DescentGraph
import Testing

/// A small generator of numbers for tests.
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// Random elements of a type: real numbers within ±2, small integers.
func randomArray(_ type: TensorType, seed: Int) -> ReferenceArray {
  var random = TestRandom(seed: seed)
  if type.elementType.isFloatingPoint {
    let array = ReferenceArray(type, reals: (0..<type.count).map { _ in Double.random(in: -2...2, using: &random) })
    // Rounded to the element type, so that both sides compute with the same numbers.
    return (try? array.literal()).map { ReferenceArray($0) } ?? array
  }
  let range: ClosedRange<Int64> = type.elementType == .bool ? 0...1 : type.elementType.isSigned ? -9...9 : 0...9
  return ReferenceArray(type, integers: (0..<type.count).map { _ in Int64.random(in: range, using: &random) })
}

/// Runs a graph on the CPU.
func run(
  _ graph: Graph, _ inputs: [ReferenceArray], donations: [Donation] = []
) throws -> (values: [ReferenceArray], executable: any Executable) {
  let executable = try CPUBackend().compile(graph, donations: donations, memoryLimit: nil)
  let buffers = try inputs.map { try $0.literal().buffer }
  let outputs = try executable.run(buffers)
  return (
    try zip(executable.outputTypes, outputs).map { try ReferenceArray(Literal(type: $0, buffer: $1)) }, executable
  )
}

/// Checks that the compiled plan of a graph gives what the reference evaluation gives.
func expectAgreement(
  _ graph: Graph, seed: Int = 1, donations: [Donation] = [], tolerance: Double? = nil, mayUseReference: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let inputs = graph.inputTypes.enumerated().map { randomArray($1, seed: seed &* 1000 &+ $0) }
  let expected = try graph.evaluate(inputs)
  let (values, executable) = try run(graph, inputs, donations: donations)
  expectClose(values, expected, tolerance, "\(graph)", sourceLocation)
  if !mayUseReference { #expect(executable.statistics.referenceOperations == [], sourceLocation: sourceLocation) }
}

/// Checks that arrays agree: exactly for integers, relative to the size of the numbers for others.
func expectClose(
  _ values: [ReferenceArray], _ expected: [ReferenceArray], _ tolerance: Double?, _ comment: String,
  _ sourceLocation: SourceLocation
) {
  for (index, (value, reference)) in zip(values, expected).enumerated() {
    #expect(value.type == reference.type, sourceLocation: sourceLocation)
    if !value.type.elementType.isFloatingPoint {
      #expect(value.integers == reference.integers, "output \(index) of \(comment)", sourceLocation: sourceLocation)
      continue
    }
    let allowed = tolerance ?? value.type.elementType.testTolerance
    let largest = reference.reals.reduce(1) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    for (place, (a, b)) in zip(value.reals, reference.reals).enumerated() {
      let isSame = a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= allowed * largest
      if !isSame {
        Issue.record("output \(index)[\(place)]: \(a), not \(b), of \(comment)", sourceLocation: sourceLocation)
        return
      }
    }
  }
}

extension ElementType {
  /// How far a computation of a few steps may be off, relative to the largest number.
  var testTolerance: Double {
    switch self {
    case .float64: 1e-12
    case .float32: 2e-5
    case .float16: 4e-3
    default: 3e-2
    }
  }
}
