import DescentTensors
import Foundation
import Testing

@Suite("gradients")
struct GradientTests {
  private func number(_ tensor: Tensor) throws -> Double { try tensor.item() }

  /// Program 1: the chain rule on paper.
  @Test func chainRule() throws {
    let slope = try gradient(at: Tensor(3.0)) { w in 1.0 * w }
    #expect(try slope.item() == 1)
    let x = 0.5
    let (d1, d2) = try gradient(at: Tensor(0.8, .float64), Tensor(-1.2, .float64)) { w1, w2 in
      sigmoid(sigmoid(x * w1) * w2)
    }
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let o1 = logistic(0.4)
    let o2 = logistic(-1.2 * o1)
    #expect(abs(try d2.item() - o2 * (1 - o2) * o1) < 1e-15)
    #expect(abs(try d1.item() - o2 * (1 - o2) * -1.2 * o1 * (1 - o1) * x) < 1e-15)
  }

  /// Program 2: descent by hand.
  @Test func rosenbrock() throws {
    func rosenbrock(_ w: Tensor) -> Tensor {
      let (x, y) = (w.sliced(0..<1), w.sliced(1..<2))
      return (square(1.0 - x) + 100.0 * square(y - square(x))).sum()
    }
    var w = Tensor([-1.2, 1], .float64)
    let start = try rosenbrock(w).item()
    for _ in 0..<200 { w -= 0.001 * (try gradient(at: w, of: rosenbrock)) }
    #expect(abs(start - 24.2) < 1e-12)
    #expect(try rosenbrock(w).item() < 4.2)
  }

  @Test func severalArgumentsOfDifferentForms() throws {
    struct Model: Codable {
      var weight = Parameter(Tensor([2, 3], .float64))
      var scale = Tensor(5.0, .float64)
      var steps = Tensor(integers: [1])
      var mean = Parameter(Tensor([1, 1], .float64), role: .statistic)
      var name = "model"
    }
    let list = [Tensor(1.0, .float64), Tensor(2.0, .float64)]
    let table = ["a": Tensor(3.0, .float64), "b": Tensor(4.0, .float64)]
    let maybe: Tensor? = Tensor(6.0, .float64)
    let nothing: Tensor? = nil
    let (dModel, dList, dTable, dMaybe, dNothing) = try gradient(at: Model(), list, table, maybe, nothing) {
      model, list, table, maybe, nothing in
      guard let weight = model.weight.tensor, let a = table["a"], let maybe else { return Tensor(0.0, .float64) }
      #expect(nothing == nil && model.name == "model")
      return (weight * model.scale).sum() * list[1] + a * a * maybe
    }
    #expect(try dModel.weight.tensor?.scalars() == [10, 10])
    #expect(try dModel.scale.item() == 10)
    #expect(try dModel.mean.tensor?.scalars() == [0, 0])
    #expect(try dModel.steps.integers() == [0])
    #expect(dModel.name == "model" && dModel.weight.path == "weight")
    #expect(try dList.map(number) == [0, 25])
    #expect(try dTable["a"]?.item() == 36 && dTable["b"]?.item() == 0)
    #expect(try dMaybe?.item() == 9)
    #expect(dNothing == nil)
  }

  @Test func valueTogetherWithGradient() throws {
    let (value, slope) = try valueAndGradient(at: Tensor([1, 2, 3])) { square($0).sum() }
    #expect(try value.item() == 14)
    #expect(try slope.floats() == [2, 4, 6])
    let (constant, none) = try valueAndGradient(at: Tensor([1, 2])) { _ in Tensor(7.0) }
    #expect(try constant.item() == 7)
    #expect(try none.scalars() == [0, 0])
  }

  @Test func nestedGradients() throws {
    func cube(_ x: Tensor) -> Tensor { x * x * x }
    let x = Tensor(2.0, .float64)
    #expect(try gradient(at: x) { try gradient(at: $0, of: cube) }.item() == 12)
    #expect(try gradient(at: x) { try gradient(at: $0) { try gradient(at: $0, of: cube) } }.item() == 6)
    let fourth = try gradient(at: x) { x in
      try gradient(at: x) { x in try gradient(at: x) { x in try gradient(at: x) { exp(2.0 * $0) } } }
    }
    #expect(abs(try fourth.item() / (16 * exp(4.0)) - 1) < 1e-14)
    // A gradient inside a function that goes on with it: the norm of the slope.
    let penalty = try gradient(at: Tensor([1, 2], .float64)) { x in
      square(try gradient(at: x) { cube($0).sum() }).sum()
    }
    #expect(try penalty.scalars() == [36, 288])
    // The inner value as well as the inner slope.
    let both = try gradient(at: x) { x in
      let (value, slope) = try valueAndGradient(at: x, of: cube)
      return value * slope
    }
    #expect(try both.item() == 15 * 16)
  }

  /// d/dx (x · d/dy (x + y)) is 1: the inner derivative must not see the outer variable move.
  @Test func perturbationConfusion() throws {
    let x = Tensor(5.0)
    #expect(try gradient(at: x) { x in x * (try gradient(at: Tensor(1.0)) { y in x + y }) }.item() == 1)
    #expect(try gradient(at: x) { x in x * (try gradient(at: x) { y in x * y }) }.item() == 10)
    #expect(try gradient(at: x) { x in try gradient(at: Tensor(3.0)) { y in x * y * y } }.item() == 6)
    let mixed = try gradient(at: x) { x in try gradient(at: x) { y in x * x * y } }
    #expect(try mixed.item() == 10)
  }

  @Test func capturedTensors() throws {
    let data = Tensor([1, 2, 3])
    let lazy = exp(data) * 2.0
    let slope = try gradient(at: Tensor([1, 1, 1])) { ($0 * lazy).sum() }
    #expect(try slope.floats() == lazy.floats())
    #expect(try gradient(at: data) { x in (x * data).sum() }.floats() == [1, 2, 3], "what is captured does not move")
    var outside: Tensor?
    _ = try gradient(at: data) { x in
      outside = x * 2.0
      return x.sum()
    }
    let leaked = try #require(outside)
    #expect(throws: TensorError.self) { try leaked.scalars() }
    #expect(leaked.description == "Tensor(float32[3])")
    #expect(throws: TensorError.self) { try gradient(at: data) { ($0 * leaked).sum() }.scalars() }
  }

  @Test func errorsOfTheFunctionComeOut() throws {
    struct Own: Error {}
    #expect(throws: Own.self) { try gradient(at: Tensor(1.0)) { _ in throw Own() } }
    #expect(throws: TensorError.self) {
      try gradient(at: Parameter()) { _ in Tensor([1, 2]) }
    }
  }

  @Test func stoppedGradients() throws {
    let slope = try gradient(at: Tensor([2, 3])) { x in (x * stopGradient(x)).sum() }
    #expect(try slope.floats() == [2, 3])
    let (integers, moving) = try gradient(at: Tensor(integers: [2]), Tensor([3])) { n, x in
      (x * n.converted(to: .float32)).sum()
    }
    #expect(try integers.integers() == [0] && moving.floats() == [2])
    // Half-precision parameters have half-precision gradients.
    let half = try gradient(at: Tensor([2, 3], .bfloat16)) { square($0).converted(to: .float32).sum() }
    #expect(half.elementType == .bfloat16)
    #expect(try half.floats() == [4, 6])
  }

  /// The derivative of a whole small network against central differences along a direction.
  @Test func network() throws {
    struct Network: Codable {
      var kernel = Parameter(Tensor([0.1, -0.2, 0.3, 0.4], shape: [2, 2, 1, 1], .float64))
      var weight = Parameter(Tensor([0.5, -0.5, 0.25, 0.75, -0.1, 0.2, 0.3, 0.9], shape: [4, 2], .float64))
    }
    let images = Tensor((0..<18).map { sin(Double($0)) }, shape: [2, 3, 3, 1], .float64)
    let target = Tensor([[1, 0], [0, 1]], .float64)
    func loss(_ network: Network) throws -> Tensor {
      guard let kernel = network.kernel.tensor, let weight = network.weight.tensor else { return Tensor(0.0) }
      let features = tanh(convolution(images, kernel)).flattened()
      return -(logSoftmax(matmul(features, weight)) * target).sum() / 2.0
    }
    let network = Network()
    let slope = try gradient(at: network, of: loss)
    func moved(_ step: Double) throws -> Double {
      var other = network
      other.kernel = Parameter(
        Tensor(try #require(network.kernel.tensor).scalars().map { $0 + step }, shape: [2, 2, 1, 1], .float64))
      other.weight = Parameter(
        Tensor(try #require(network.weight.tensor).scalars().map { $0 - step }, shape: [4, 2], .float64))
      return try loss(other).item()
    }
    let along = try #require(slope.kernel.tensor).sum().item() - #require(slope.weight.tensor).sum().item()
    #expect(abs(try (moved(1e-5) - moved(-1e-5)) / 2e-5 - along) < 1e-9)
  }
}
