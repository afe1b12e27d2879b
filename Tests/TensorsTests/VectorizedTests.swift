import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Calls a function; Swift infers nothing for `vectorized(…) { … }(x)`, and users name the function first.
private func call<each Argument, Result>(
  _ function: (repeat each Argument) throws -> Result, _ arguments: repeat each Argument
) throws -> Result { try function(repeat each arguments) }

@Suite("vectorized functions")
struct VectorizedTests {
  private func wave(_ shape: Shape, _ phase: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { sin(Double($0) * 1.3 + phase) }, shape: shape, .float64)
  }

  private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-13) throws -> Bool {
    guard a.shape == b.shape else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  /// Example `index` along an axis.
  private func example(_ x: Tensor, _ axis: Int?, _ index: Int) -> Tensor {
    guard let axis else { return x }
    let place = axis < 0 ? axis + x.rank : axis
    return x.sliced(index..<index + 1, axis: place).reshaped(x.shape.removing(axes: [place]))
  }

  private func mixture(_ x: Tensor, _ y: Tensor) -> Tensor { tanh(matmul(x, y)) + x.sum() * exp(y.mean()) }

  /// Every position of the examples' axis in both arguments and in the result, against a loop.
  @Test(arguments: [Int?.none, 0, 1, 2, -1, -3], [Int?.none, 0, 1, 2, -2])
  func everyPosition(left: Int?, right: Int?) throws {
    func shaped(_ shape: [Int], _ axis: Int?) -> Shape {
      guard let axis else { return Shape(shape) }
      var sizes = shape
      sizes.insert(4, at: axis < 0 ? axis + 3 : axis)
      return Shape(sizes)
    }
    let (x, y) = (wave(shaped([2, 3], left)), wave(shaped([3, 5], right), 0.7))
    if left == nil && right == nil {
      #expect(throws: TensorError.self) { try call(vectorized(over: nil, nil, of: mixture), x, y) }
      return
    }
    for result in [0, 1, 2, -1] {
      let all = try call(vectorized(over: left, right, resultAxis: result, of: mixture), x, y)
      let each = (0..<4).map { mixture(example(x, left, $0), example(y, right, $0)) }
      #expect(try near(all, stacked(each, axis: result)), "\(result)")
    }
  }

  @Test func nested() throws {
    let (x, y) = (wave([4, 2, 3]), wave([3, 5, 6], 0.2))
    func one(_ a: Tensor, _ b: Tensor) -> Tensor { sin(a).sum() * cos(b) + a.mean() * b.sum() }
    // The outermost function takes an axis of x, the middle one an axis of y, the innermost another one of x.
    for (outer, middle, inner) in [(0, 0, 0), (1, 1, 1), (2, 2, 0), (0, -1, -1), (-1, 0, -2), (-3, -3, 1)] {
      let crossed = vectorized(over: outer, nil, resultAxis: -1) { (a: Tensor, b: Tensor) in
        let rows = vectorized(over: nil, middle, resultAxis: 1) { (a: Tensor, b: Tensor) in
          try call(vectorized(over: inner, nil, of: one), a, b)
        }
        return try rows(a, b)
      }
      let columns = (0..<x.shape[(outer + 3) % 3]).map { i in
        let a = example(x, outer, i)
        let rows = (0..<y.shape[(middle + 3) % 3]).map { j in
          let b = example(y, middle, j)
          return stacked((0..<a.shape[(inner + 2) % 2]).map { one(example(a, inner, $0), b) })
        }
        return stacked(rows, axis: 1)
      }
      #expect(try near(crossed(x, y), stacked(columns, axis: -1)), "\(outer) \(middle) \(inner)")
    }
  }

  private struct Layer: Codable, Sendable {
    var weight = Parameter()
    var bias = Tensor(0.0, .float64)
    var unbound = Parameter()
    var slope = 0.5
    func callAsFunction(_ x: Tensor) -> Tensor { (matmul(x, weight.tensor ?? x) + bias) * slope }
  }

  /// Five models at once on one input, each on an input of its own, and their gradients.
  @Test func overModels() throws {
    let models = Layer(weight: Parameter(wave([5, 3, 2])), bias: wave([5, 2], 1))
    let x = wave([4, 3], 2)
    func one(_ index: Int) -> Layer {
      Layer(
        weight: Parameter(example(models.weight.tensor ?? x, 0, index)), bias: example(models.bias, 0, index))
    }
    let run = vectorized(over: 0, nil) { (model: Layer, x: Tensor) in model(x) }
    #expect(try near(run(models, x), stacked((0..<5).map { one($0)(x) })))
    let slope = vectorized(over: 0, nil) { (model: Layer, x: Tensor) in
      try gradient(at: model) { square($0(x)).sum() }
    }
    let slopes = try slope(models, x)
    #expect(slopes.unbound.tensor == nil && slopes.slope == 0.5)
    let expected = try (0..<5).map { index in try gradient(at: one(index)) { square($0(x)).sum() } }
    #expect(try near(try #require(slopes.weight.tensor), stacked(expected.map { try #require($0.weight.tensor) })))
    #expect(try near(slopes.bias, stacked(expected.map(\.bias))))
  }

  /// Gradients of single examples, and the derivative of a vectorized function, in every order.
  @Test func nestedWithDerivatives() throws {
    let (w, x) = (wave([3]), wave([6, 3], 0.5))
    @Sendable func loss(_ w: Tensor, _ x: Tensor) -> Tensor { tanh((w * x).sum()) }
    @Sendable func slope(_ w: Tensor, _ x: Tensor) throws -> Tensor { try gradient(at: w) { loss($0, x) } }
    @Sendable func curvature(_ w: Tensor, _ x: Tensor) throws -> Tensor { try hessian(at: w) { loss($0, x) } }
    let losses = vectorized(over: nil, 0, of: loss)
    let slopes = vectorized(over: nil, 0, of: slope)
    let perExample = try slopes(w, x)
    #expect(try near(perExample, stacked((0..<6).map { try slope(w, example(x, 0, $0)) })))
    #expect(try near(gradient(at: w) { w in try losses(w, x).sum() }, perExample.sum(axes: [0])))
    #expect(try near(jacobian(at: w) { w in try losses(w, x) }, perExample))
    let curvatures = try call(vectorized(over: nil, 0, of: curvature), w, x)
    #expect(curvatures.shape == [6, 3, 3])
    #expect(try near(curvatures.sum(axes: [0]), hessian(at: w) { try losses($0, x).sum() }))
    let compiledOne = compiled { (w: Tensor, x: Tensor) in loss(w, x) }
    let mapped = vectorized(over: nil, 0) { (w: Tensor, x: Tensor) in try compiledOne(w, x) }
    #expect(try near(mapped(w, x), losses(w, x)))
    let whole = compiled { (w: Tensor, x: Tensor) in try call(vectorized(over: nil, 0, of: slope), w, x) }
    #expect(try near(whole(w, x), perExample) && near(whole(w * 2.0, x), slopes(w * 2.0, x)))
    #expect(whole.compilationCount == 1)
  }

  /// Where rules would divide by the number of examples or join them one by one.
  @Test func noExamples() throws {
    let images = Tensor(zeros: [0, 2, 5, 5, 3]), weights = Tensor(zeros: [0, 3, 3, 3, 4])
    let slopes = vectorized(over: 0) { (image: Tensor, weights: Tensor) in
      try gradient(at: weights) { square(convolution(image, $0)).sum() }
    }
    #expect(try slopes(images, weights).shape == [0, 3, 3, 3, 4])
    let draws = vectorized(over: 0) { (words: Tensor) in RandomKey(words: words).uniform([5]) }
    let drawn = try draws(Tensor(zeros: [0, 2], .uint32))
    #expect(try drawn.shape == [0, 5] && drawn.scalars().isEmpty)
    let sums = vectorized(over: 0) { (x: Tensor) in try scan(over: x, from: Tensor(0.0)) { ($0 + $1, $0) }.state }
    #expect(try sums(Tensor(zeros: [0, 4])).shape == [0])
  }

  /// Without axes the examples lie along the first one of each argument.
  @Test func theFirstAxisIsTheDefault() throws {
    let (x, y) = (wave([4, 3]), wave([4, 3]) + 1)
    let dots = vectorized { (x: Tensor, y: Tensor) in (x * y).sum() }
    let found = try dots(x, y)
    #expect(found.shape == [4])
    #expect(try found.scalars() == (x * y).sum(axes: [1]).scalars())
    let pairs = vectorized { (x: Tensor) in (x.sum(), x * 2) }
    let (sums, doubles) = try pairs(x)
    #expect(sums.shape == [4] && doubles.shape == [4, 3])
  }

  @Test func emptyAndConstant() throws {
    #expect(try call(vectorized(over: 0) { (x: Tensor) in square(x).sum() }, Tensor(zeros: [0, 3])).shape == [0])
    #expect(
      try call(vectorized(over: 0) { (_: Tensor) in Tensor(2.0) }, Tensor(zeros: [3, 1])).scalars() == [2, 2, 2])
    let pair = try call(vectorized(over: 1) { (x: Tensor) in ["sum": x.sum(), "self": x] }, wave([2, 3]))
    #expect(pair["sum"]?.shape == [3] && pair["self"]?.shape == [3, 2])
  }

  @Test func mistakes() {
    let (x, scalar) = (wave([2, 3]), Tensor(1.0, .float64))
    func told(_ message: String, line: Int = #line, _ body: () throws -> Tensor) {
      let error = #expect(throws: TensorError.self) { try body() }
      #expect(error.map { "\($0.operation): \($0.message)" } == "vectorized: \(message)", "line \(line)")
    }
    func same(_ x: Tensor) -> Tensor { x }
    func product(_ x: Tensor, _ y: Tensor) -> Tensor { x * y }
    func applied(_ layer: Layer, _ x: Tensor) -> Tensor { layer(x) }
    told("the argument has the shape [2, 3] and no axis 2") { try call(vectorized(over: 2, of: same), x) }
    told("argument 2 has the shape [] and no axis -1") { try call(vectorized(over: -1, of: product), x, scalar) }
    told("argument 1 (bias) has the shape [] and no axis 0") {
      try call(vectorized(over: 0, nil, of: applied), Layer(), x)
    }
    told("3 axes are given for 2 arguments") { try call(vectorized(over: 0, 0, nil, of: product), x, x) }
    told("no argument has an axis to map over") { try call(vectorized(over: nil, of: same), x) }
    told("argument 1 holds 2 examples, argument 2 holds 3") { try call(vectorized(over: 0, 1, of: product), x, x) }
    told("the result has the shape [2] and no axis 1") {
      try call(vectorized(over: 0, resultAxis: 1) { (x: Tensor) in x.sum() }, x)
    }
  }
}
