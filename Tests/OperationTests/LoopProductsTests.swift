import DescentCompiler
import DescentDifferentiation
import DescentGraph
import Testing

/// Products that no step waits for are made outside the loop, before it or after it.
@Suite("products in loops")
struct LoopProductsTests {
  private let length = 5
  private let batch = 2
  private let inputs = 3
  private let units = 4
  private func floats(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .float64) }

  /// The sum of the outputs of a recurrent layer, `h' = tanh(x·w + h·u + b)`.
  private func layer(isReversed: Bool = false) throws -> Graph {
    let matrix = Dot(leftContracted: [1], rightContracted: [0])
    let types = [
      floats(batch, units), floats(batch, inputs), floats(inputs, units), floats(units, units), floats(units),
    ]
    let step = try Body.write(types) { _, x in
      let bias = x[4].broadcast([batch, units], axes: [1])
      let next = (x[1].apply(Tanh()).apply(matrix, x[2]) + x[0].apply(matrix, x[3]) + bias).apply(Tanh())
      return [next, next]
    }
    let scan = Scan(step, length: length, carryCount: 1, sequenceCount: 1, isReversed: isReversed)
    let builder = GraphBuilder()
    let arguments = [
      types[0], floats(length, batch, inputs), types[2], types[3], types[4],
    ].map { builder.input($0) }
    return try builder.graph(outputs: [builder.emit(scan, arguments)[1].apply(Square()).sum(axes: [0, 1, 2])])
  }

  private func simplified(_ graph: Graph) throws -> Graph {
    var records: [PassRecord] = []
    let simple = try graph.simplified(&records)
    try simple.check()
    return simple
  }

  private func productsInLoops(_ graph: Graph) -> [Int] {
    graph.nodes.compactMap { $0.operation as? Scan }.map { scan in
      scan.body.graph.nodes.count { $0.operation is Dot }
    }
  }

  private func arguments(_ graph: Graph) -> [ReferenceArray] {
    graph.inputTypes.enumerated().map { Operands(float: .float64).spread($1.shape, -0.8...0.8, salt: UInt64($0 + 1)) }
  }

  @Test(arguments: [false, true])
  func onlyTheRecurrentProductStays(isReversed: Bool) throws {
    let layer = try layer(isReversed: isReversed)
    #expect(productsInLoops(layer) == [2])
    let simple = try simplified(layer)
    #expect(productsInLoops(simple) == [1], "\(simple)")
    #expect(try layer.compiledFault(on: arguments(layer), tolerance: 1e-12) == nil)
  }

  @Test(arguments: [false, true])
  func gradientsOfWeightsAreOneProduct(isReversed: Bool) throws {
    let slope = try layer(isReversed: isReversed).gradient(parameters: [0, 1, 2, 3, 4])
    let simple = try simplified(slope)
    // Backwards, what one step hands to the one before, and what it hands to its own input.
    #expect(productsInLoops(simple) == [1, 2], "\(simple)")
    let loop = try #require(simple.nodes.compactMap { $0.operation as? Scan }.last)
    // Neither weights nor bias are carried.
    #expect(loop.carryCount == 1, "\(simple)")
    for (found, wanted) in zip(try simple.evaluate(arguments(slope)), try slope.evaluate(arguments(slope))) {
      #expect(found.difference(from: wanted, tolerance: 1e-13) == nil)
    }
    #expect(try slope.compiledFault(on: arguments(slope), tolerance: 1e-12) == nil)
  }

  @Test func secondDerivativesAgree() throws {
    let slope = try layer().gradient(parameters: [2, 3]).keeping(1...2)
    let curve = try slope.innerProduct(from: 0).gradient(parameters: [1, 2, 3])
    #expect(try curve.compiledFault(on: arguments(curve), tolerance: 1e-11) == nil)
  }

  @Test func aSumThatAStepReadsStays() throws {
    let matrix = Dot(leftContracted: [0], rightContracted: [0])
    let step = try Body.write([floats(3, 3), floats(2, 3)]) { _, x in
      let sum = x[0] + x[1].apply(matrix, x[1].apply(Tanh()))
      return [sum, sum.apply(Sin())]
    }
    let builder = GraphBuilder()
    let arguments = [builder.input(floats(3, 3)), builder.input(floats(4, 2, 3))]
    let graph = try builder.graph(
      outputs: builder.emit(Scan(step, length: 4, carryCount: 1, sequenceCount: 1), arguments))
    #expect(productsInLoops(try simplified(graph)) == [1])
    #expect(try graph.compiledFault(on: self.arguments(graph), tolerance: 1e-12) == nil)
  }
}
