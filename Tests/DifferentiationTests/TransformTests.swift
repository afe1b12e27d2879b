import DescentGraph
import Foundation
import Testing

@testable import DescentDifferentiation

@Suite("transforms of graphs")
struct TransformTests {
  @Test func derivativesOfAnyOrder() throws {
    let x = [0.7, -1.2]
    #expect(agree(try derivative(order: 4, at: x) { $0.apply(Sin()) }, x.map { sin($0) }))
    #expect(agree(try derivative(order: 5, at: x) { $0.apply(Exp()) }, x.map { exp($0) }))
    #expect(agree(try derivative(order: 3, at: x) { $0 * $0 * $0 * $0 }, x.map { 24 * $0 }))
    #expect(
      agree(
        try derivative(order: 4, at: x) { ($0 * $0).apply(Cos()) },
        x.map { x in
          let s = x * x
          return (16 * s * s - 12) * cos(s) + 48 * s * sin(s)
        }, to: 1e-11))
  }

  /// A small network: convolution, maximum over windows, matrix product, cross-entropy.
  private func network() throws -> (graph: Graph, arguments: [ReferenceArray]) {
    let graph = try function(of: [2, 5, 5, 1], [3, 3, 1, 2], [2, 3], [2, 3]) { values in
      let (images, kernel, weights, target) = (values[0], values[1], values[2], values[3])
      let geometry = ConvolutionGeometry(
        windows: WindowGeometry(size: [3, 3], strides: [1, 2], low: [1, 0], high: [1, 0]))
      let features = images.apply(Convolution(geometry), kernel).apply(Tanh())
      let pooled = features.apply(WindowedExtreme(.maximum, WindowGeometry(size: [5, 2])))
      let logits = pooled.reshaped([2, 2]).apply(Dot(leftContracted: [1], rightContracted: [0]), weights)
      let normalizer = logits.apply(Exp()).sum(axes: [1]).apply(Log())
      return (normalizer - (logits * target).sum(axes: [1])).total
    }
    func wave(_ shape: Shape, _ phase: Double) -> ReferenceArray {
      numbers((0..<shape.count).map { sin(Double($0) * 1.7 + phase) }, shape)
    }
    return (
      graph, [wave([2, 5, 5, 1], 0), wave([3, 3, 1, 2], 1), wave([2, 3], 2), numbers([0, 1, 0, 1, 0, 0], [2, 3])]
    )
  }

  /// Second derivatives through a whole network, four ways.
  @Test func hessianOfANetwork() throws {
    let (graph, arguments) = try network()
    let parameters = [0, 1, 2]
    let directions = parameters.map { index in
      numbers((0..<arguments[index].type.count).map { cos(Double($0 * (index + 2))) }, arguments[index].type.shape)
    }
    let gradient = try graph.gradient(parameters: parameters).keeping(1...3)
    let forwardOverReverse = try gradient.jacobianVectorProduct(parameters: parameters)
    let found = try forwardOverReverse.evaluate(arguments + directions)[3...].flatMap(\.reals)

    let slope = try graph.jacobianVectorProduct(parameters: parameters).keeping([1])
    let reverseOverForward = try slope.gradient(parameters: parameters)
    let second = try reverseOverForward.evaluate(arguments + directions)[1...].flatMap(\.reals)

    let reverseOverReverse = try gradient.vectorJacobianProduct(parameters: parameters)
    // The Hessian is symmetric, so its transpose is itself.
    let third = try reverseOverReverse.evaluate(arguments + directions)[3...].flatMap(\.reals)

    func moved(_ step: Double) throws -> [Double] {
      var points = arguments
      for (index, direction) in zip(parameters, directions) {
        points[index] = numbers(
          zip(points[index].reals, direction.reals).map { $0 + step * $1 }, points[index].type.shape)
      }
      return try gradient.evaluate(points).flatMap(\.reals)
    }
    let differences = zip(try moved(1e-6), try moved(-1e-6)).map { ($0 - $1) / 2e-6 }
    for index in found.indices {
      #expect((found[index] - second[index]).magnitude < 1e-12)
      #expect((found[index] - third[index]).magnitude < 1e-12)
      #expect((found[index] - differences[index]).magnitude < 1e-7)
    }
    for derived in [gradient, forwardOverReverse, reverseOverForward, reverseOverReverse] { try derived.check() }
  }

  /// Per-example gradients: batching a gradient is a loop over it.
  @Test func batchedGradientOfANetwork() throws {
    let (graph, arguments) = try network()
    let gradient = try graph.gradient(parameters: [1, 2])
    let isBatched = [true, false, true, false]
    let wide = try gradient.batched(size: 2, isBatched: isBatched)
    try wide.check()
    let others = arguments.map { numbers($0.reals.map { 0.5 - $0 }, $0.type.shape) }
    let examples = [arguments, zip(isBatched.indices, isBatched).map { $1 ? others[$0] : arguments[$0] }]
    let together = isBatched.indices.map { index in
      isBatched[index]
        ? numbers(examples.flatMap { $0[index].reals }, arguments[index].type.shape.prepending(2)) : arguments[index]
    }
    let found = try wide.evaluate(together)
    let each = try examples.map { try gradient.evaluate($0) }
    for output in found.indices {
      let wanted = each.flatMap { $0[output].reals }
      #expect(zip(found[output].reals, wanted).allSatisfy { ($0 - $1).magnitude < 1e-12 })
    }
  }

  @Test func transposesOfSumsAndRepetitions() throws {
    let sum = try function(of: [2, 3]) { $0[0].sum(axes: [1]) }.vectorJacobianProduct(parameters: [0])
    let results = try sum.evaluate([numbers([1, 2, 3, 4, 5, 6], [2, 3]), numbers([10, 20])])
    #expect(results[0].reals == [6, 15])
    #expect(results[1].reals == [10, 10, 10, 20, 20, 20])
    let repeated = try function(of: [2]) { $0[0].broadcast([2, 3], axes: [0]) }.vectorJacobianProduct(parameters: [0])
    #expect(try repeated.evaluate([numbers([1, 2]), numbers([1, 2, 3, 4, 5, 6], [2, 3])])[1].reals == [6, 15])
    // A value with several ways out collects the sum of what comes back.
    #expect(try derivative(at: [3]) { x in x * x + x.apply(Square()) + x } == [13])
  }

  /// Several passes written into one builder, each with another set of moving arguments.
  @Test func backPropagationsInOneBuilder() throws {
    // One after another declares its variables at places that the positions of earlier ones could reach.
    let square = try function(of: [], []) { $0[0] * $0[1] * $0[1] }
    let builder = GraphBuilder()
    let arguments = (0..<2).map { _ in builder.input(TensorType([], .float64)) }
    var outputs: [Symbol] = []
    for parameters in [[1], [0], [1], [0, 1], [1], [1, 0]] {
      let (values, slopes) = builder.pullBack(square, arguments, parameters: parameters) { values in
        values.map { $0.constant(1) }
      }
      outputs += values + slopes.compactMap { $0 }
    }
    let graph = try builder.graph(outputs: outputs)
    try graph.check()
    let (x, y) = (3.0, 5.0)
    let (value, dx, dy) = (x * y * y, y * y, 2 * x * y)
    let found = try graph.evaluate([numbers([x], []), numbers([y], [])]).flatMap(\.reals)
    #expect(found == [value, dy, value, dx, value, dy, value, dx, dy, value, dy, value, dy, dx])
  }

  /// A linear variable is a node of its own wherever it is declared, however many arguments stand still before it.
  @Test func linearVariablesAreAllDifferent() throws {
    let builder = GraphBuilder()
    let type = TensorType([], .float64)
    var places: [Int] = []
    for still in [3, 2, 1, 0, 1, 2] {
      let types = [TensorType?](repeating: nil, count: still) + [type, type]
      let first = builder.nodes.count
      let variables = builder.linearVariables(of: types).compactMap { $0?.value.node }
      #expect(variables == [first, first + 1])
      places += variables
    }
    #expect(Set(places).count == places.count)
  }

  @Test func whatDoesNotMoveHasZeroDerivative() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([2], .float64)), builder.input(TensorType([], .float64)))
    let isPositive = x.apply(Compare(.greater), x.zeros)
    let graph = try builder.graph(outputs: [x.total, isPositive, y.constant(7)])
    let values = [numbers([1, -2]), numbers([4], [])]
    let reverse = try graph.vectorJacobianProduct(parameters: [0, 1])
    #expect(reverse.inputs.count == 4, "booleans take no cotangent")
    let back = try reverse.evaluate(values + [numbers([1], []), numbers([1], [])])
    #expect(back[3].reals == [1, 1] && back[4].reals == [0])
    let forward = try graph.jacobianVectorProduct(parameters: [1])
    let ahead = try forward.evaluate(values + [numbers([1], [])])
    #expect(ahead.count == 5 && ahead[3].reals == [0] && ahead[4].reals == [0])
    #expect(try graph.gradient(parameters: []).outputs.count == 3)
  }

  /// The derivative's derivative in an inner variable must not leak into the outer one: d/dx (x · d/dy (x + y)) is 1.
  @Test func perturbationsAreNotConfused() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([], .float64))
    let inner = try function(of: [], []) { $0[0] + $0[1] }
    let (_, slopes) = builder.pullBack(inner, [x, x], parameters: [1]) { [$0[0].constant(1)] }
    guard let slope = slopes[0] else { throw OperationError("test", "no slope") }
    let graph = try builder.graph(outputs: [x * slope])
    #expect(try graph.gradient(parameters: [0]).evaluate([numbers([5], [])]).map { $0.reals } == [[5], [1]])
    let (_, tangents) = builder.pushForward(inner, [x, x], tangents: [nil, x.constant(1)])
    let ahead = try builder.graph(outputs: [x * (tangents[0] ?? x.zeros)])
    #expect(
      try ahead.jacobianVectorProduct(parameters: [0]).evaluate([numbers([5], []), numbers([1], [])])[1].reals == [1])
  }

  @Test func mistakes() throws {
    let integer = GraphBuilder()
    let count = integer.input(TensorType([], .int32))
    let counting = try integer.graph(outputs: [count])
    let vector = try function(of: [3]) { $0[0] }
    func message(_ body: () throws -> Graph) -> String {
      do { return "no error: \(try body())" } catch { return "\(error)" }
    }
    let notFloating = "derivative: argument 1 is int32; only floating-point tensors have derivatives"
    #expect(message { try counting.gradient(parameters: [0]) } == notFloating)
    #expect(message { try counting.jacobianVectorProduct(parameters: [0]) } == notFloating)
    #expect(message { try counting.vectorJacobianProduct(parameters: [0]) } == notFloating)
    #expect(
      message { try vector.gradient(parameters: [0]) }
        == "gradient: the function gives float64[3], not one floating-point number; sum or average it, or ask for a jacobian"
    )
    #expect(
      message { try vector.gradient(parameters: [1]) }
        == "derivative: the parameters [1] do not name different ones of 1 arguments")
    #expect(
      message { try vector.jacobianVectorProduct(parameters: [0, 0]) }
        == "derivative: the parameters [0, 0] do not name different ones of 1 arguments")
    #expect(message { try vector.keeping([]).gradient(parameters: [0]) } == "gradient: the function gives nothing")
    #expect(
      message { try vector.batched(size: 2, isBatched: []) } == "batched: 2 examples and 0 marks for 1 arguments")
    #expect(
      message { try vector.batched(size: -1, isBatched: [true]) } == "batched: -1 examples and 1 marks for 1 arguments")
  }

  /// A chain of ten thousand operations: nothing recurses, and the time is linear.
  @Test func longChains() throws {
    let graph = try function(of: []) { inputs in
      var x = inputs[0]
      for _ in 0..<10_000 { x = x * x.constant(0.9999) + x.constant(0.0001) }
      return x
    }
    let gradient = try graph.gradient(parameters: [0])
    let slope = try gradient.evaluate([numbers([2], [])])[1].reals[0]
    #expect(agree([slope], [pow(0.9999, 10_000)], to: 1e-10))
  }

  @Test func batchingLeavesSharedValuesAlone() throws {
    let graph = try function(of: [2], [2]) { $0[0].apply(Exp()) }
    let wide = try graph.batched(size: 3, isBatched: [false, true])
    try wide.check()
    #expect(wide.outputTypes == [TensorType([3, 2], .float64)])
    let values = try wide.evaluate([numbers([0, 1]), numbers([1, 2, 3, 4, 5, 6], [3, 2])])[0].reals
    #expect(values == [1, exp(1), 1, exp(1), 1, exp(1)])
    let none = try graph.batched(size: 0, isBatched: [true, false])
    #expect(try none.evaluate([numbers([], [0, 2]), numbers([1, 2])])[0].reals.isEmpty)
  }
}
