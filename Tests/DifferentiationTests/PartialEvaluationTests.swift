import DescentGraph
import Foundation
import Testing

@testable import DescentDifferentiation

@Suite("functions cut in two")
struct PartialEvaluationTests {
  /// What does not depend on the later input is in the first part alone.
  @Test func linearPart() throws {
    let graph = try function(of: [2], [2]) { values in values[0].apply(Sin()) * values[1] + values[0] }
    let (first, rest) = try graph.split(later: [1])
    try first.check()
    try rest.check()
    #expect(first.nodes.contains { $0.operation is Sin } && !rest.nodes.contains { $0.operation is Sin })
    let (x, y) = ([0.5, -1.0], [2.0, 3.0])
    let passed = try first.evaluate([numbers(x)])
    let result = try rest.evaluate(passed + [numbers(y)])[0].reals
    #expect(result == zip(x, y).map { sin($0) * $1 + $0 })
  }

  @Test func extremes() throws {
    let graph = try function(of: [2], [2]) { values in values[0] * values[1] }
    let (none, all) = try graph.split(later: [0, 1])
    #expect(none.outputs.isEmpty && none.inputs.isEmpty)
    #expect(try all.evaluate([numbers([1, 2]), numbers([3, 4])])[0].reals == [3, 8])
    let (whole, passing) = try graph.split(later: [])
    let passed = try whole.evaluate([numbers([1, 2]), numbers([3, 4])])
    #expect(try passing.evaluate(passed)[0].reals == [3, 8])
    #expect(throws: OperationError.self) { try graph.split(later: [2]) }
    #expect(throws: OperationError.self) { try graph.split(later: [0, 0]) }
  }

  @Test func jacobiansOfGraphs() throws {
    let graph = try function(of: [3], [2]) { values in
      values[0].apply(Exp()).sum(axes: [0]).broadcast([2], axes: []) * values[1]
    }
    let jacobian = try graph.jacobian(parameters: [0, 1])
    try jacobian.check()
    #expect(jacobian.outputTypes.map(\.shape) == [[2, 3], [2, 2]])
    let x = [0.1, 0.2, 0.3]
    let found = try jacobian.evaluate([numbers(x), numbers([2, 5])])
    #expect(agree(found[0].reals, [2.0, 5].flatMap { y in x.map { y * exp($0) } }))
    let sum = x.reduce(0) { $0 + exp($1) }
    #expect(agree(found[1].reals, [sum, 0, 0, sum]))
  }
}
