import DescentDifferentiation
import DescentGraph
import Testing

/// Operations that are right alone may be wrong together: whole programs made by chance, compiled and differentiated.
@Suite("random programs")
struct RandomProgramTests {
  @Test(arguments: [ElementType.float64, .float32])
  func compiledIsReference(_ float: ElementType) throws {
    let tolerance = float == .float64 ? 1e-10 : 2e-4
    for seed in UInt64(1)...120 {
      var program = RandomProgram(seed: seed, float)
      let graph = try program.graph(nodes: 4 + Int(seed % 20))
      try graph.check()
      let fault = try graph.compiledFault(on: program.arguments, tolerance: tolerance, absolute: tolerance)
      #expect(fault == nil, "program \(seed): \(fault ?? "")\n\(graph)")

      let weights = graph.outputTypes.map { Operands(float: float).spread($0.shape, -1...1, salt: seed) }
      let gradient = try graph.vectorJacobianProduct(parameters: [0, 1, 2])
      try gradient.check()
      let gradientFault = try gradient.compiledFault(
        on: program.arguments + weights, tolerance: tolerance, absolute: tolerance)
      #expect(gradientFault == nil, "gradient of program \(seed): \(gradientFault ?? "")\n\(gradient)")
    }
  }

  @Test func reverseIsForward() throws {
    for seed in UInt64(1)...120 {
      var program = RandomProgram(seed: seed, .float64)
      let graph = try program.graph(nodes: 4 + Int(seed % 20))
      let operands = Operands(float: .float64)
      let weights = graph.outputTypes.map { operands.spread($0.shape, -1...1, salt: seed) }
      let directions = program.arguments.map { operands.spread($0.type.shape, -1...1, salt: seed &+ 7) }
      let back = try graph.vectorJacobianProduct(parameters: [0, 1, 2]).evaluate(program.arguments + weights)
      let ahead = try graph.jacobianVectorProduct(parameters: [0, 1, 2]).evaluate(program.arguments + directions)
      let left = zip(weights, ahead.dropFirst(3)).reduce(0) { $0 + $1.0.dot($1.1) }
      let right = zip(back.dropFirst(3), directions).reduce(0) { $0 + $1.0.dot($1.1) }
      #expect(agree(left, right, 1e-10), "program \(seed): \(left) ≠ \(right)\n\(graph)")
    }
  }

  @Test func batchedIsLooped() throws {
    for seed in UInt64(1)...60 {
      var program = RandomProgram(seed: seed, .float64)
      let graph = try program.graph(nodes: 4 + Int(seed % 16))
      let isBatched = (0..<3).map { (seed + 1) >> UInt64($0) & 1 == 1 }
      let wide = try graph.batched(size: 2, isBatched: isBatched)
      try wide.check()
      let examples = (0..<2).map { example in
        zip(program.arguments, isBatched).map { $1 ? $0.rotated(by: example) : $0 }
      }
      let arguments = program.arguments.indices.map { index in
        isBatched[index]
          ? ReferenceArray.stacked(examples.map { $0[index] }, as: program.arguments[index].type)
          : program.arguments[index]
      }
      let found = try wide.evaluate(arguments)
      let each = try examples.map { try graph.evaluate($0) }
      for output in found.indices {
        let wanted = ReferenceArray.stacked(each.map { $0[output] }, as: graph.outputTypes[output])
        let fault = found[output].difference(from: wanted, tolerance: 1e-11)
        #expect(fault == nil, "program \(seed): \(fault ?? "")\n\(graph)")
      }
    }
  }
}
