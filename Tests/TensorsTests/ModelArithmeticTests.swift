import DescentGraph
import DescentTensors
import Testing

@Suite struct ModelArithmeticTests {
  private struct Network: Model {
    var weight = Parameter(Tensor([1, 2], .float64))
    var mean = Parameter(Tensor([10, 20], .float64), role: .statistic)
    var open = Parameter()
    var table = Tensor(integers: [7])
    var parts = [Tensor([3], .float64)]
    var rate = 0.5

    init(_ weight: [Double] = [1, 2], _ mean: [Double] = [10, 20], _ parts: [Double] = [3]) {
      self.weight = Parameter(Tensor(weight, .float64))
      self.mean = Parameter(Tensor(mean, .float64), role: .statistic)
      self.parts = parts.map { Tensor([$0], .float64) }
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      guard let weight = weight.tensor, let mean = mean.tensor else { return x }
      return ((weight * x + mean) * parts[0]).sum()
    }

    /// All numbers, in order.
    var numbers: [Double] {
      get throws {
        try (weight.tensor?.scalars() ?? []) + (mean.tensor?.scalars() ?? []) + parts.flatMap { try $0.scalars() }
      }
    }
  }

  @Test func mapChangesEveryNumber() throws {
    let model = Network().freezing { $0.path == "weight" }
    let doubled = model.map { $0 * 2.0 }
    #expect(try doubled.numbers == [2, 4, 20, 40, 6])
    #expect(doubled.open.tensor == nil && doubled.rate == 0.5)
    #expect(try doubled.table.integers() == [7])
    #expect(doubled.parameters.map(\.role) == model.parameters.map(\.role))
    // By what is known of the parameter.
    let some = model.map { parameter, tensor in parameter.isStatistic ? tensor : -tensor }
    #expect(try some.numbers == [-1, -2, 10, 20, -3])
    #expect(model.map { $0.converted(to: .bfloat16) }.weight.tensor?.elementType == .bfloat16)
    let failed = model.map { $0 + Tensor([1, 2, 3], .float64) }
    #expect(failed.weight.tensor?.error != nil)
  }

  /// An ensemble's mean, a perturbation and a step along a gradient, each in a line.
  @Test func modelsAreAddedAndScaled() throws {
    let models = [Network(), Network([3, 4], [30, 40], [5]), Network([5, 6], [50, 60], [7])]
    let mean = models.dropFirst().reduce(models[0]) { $0.adding($1) }.scaled(by: 1 / 3.0)
    #expect(try zip(mean.numbers, [3, 4, 30, 40, 5]).allSatisfy { abs($0 - $1) < 1e-12 })
    let key = RandomKey(seed: 1)
    let shaken = Network().map { parameter, tensor in
      parameter.isStatistic
        ? tensor : tensor + 0.01 * key.split(parameter.path).normal(tensor.shape).converted(to: .float64)
    }
    #expect(try shaken.mean.tensor?.scalars() == [10, 20])
    #expect(try shaken.subtracting(Network()).numbers.filter { $0 != 0 && abs($0) < 0.1 }.count == 3)
    let slope = try gradient(at: models[0]) { $0(Tensor([1, -1], .float64)) }
    let moved = models[0].subtracting(slope.scaled(by: 0.1))
    #expect(try zip(moved.numbers, [0.7, 2.3, 10, 20]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func mapHandsErrorsOfTheFunctionOn() throws {
    struct Fault: Error {}
    #expect(throws: Fault.self) { try Network().map { (_: Tensor) -> Tensor in throw Fault() } }
  }

  /// An average of weights as training goes on has the average of the running statistics.
  @Test func averagesHaveStatisticsToo() throws {
    var average = Network()
    let model = Network([3, 4], [30, 40], [5])
    average = zip(average, model) { 0.75 * $0 + 0.25 * $1 }
    #expect(try average.numbers == [1.5, 2.5, 15, 25, 3.5])
    let three = zip(average, model, Network()) { ($0 + $1 + $2) / 3.0 }
    #expect(try three.weight.tensor?.scalars() == [5.5 / 3, 8.5 / 3])
  }

  /// What has no gradient keeps its values under whatever rule, since the gradient's zeros say nothing of it.
  @Test func anUpdateLeavesWhatHasNoGradient() throws {
    let x = Tensor([1, -1], .float64)
    let model = Network()
    let slope = try gradient(at: model) { $0(x) }
    // With decay, which zeros would not keep from it.
    let next = zip(model, slope) { w, g in 0.5 * w - 0.1 * g }
    #expect(try next.mean.tensor?.scalars() == [10, 20])
    let moved = try #require(next.weight.tensor).scalars()
    #expect(zip(moved, [0.5 - 0.3, 1 + 0.3]).allSatisfy { abs($0 - $1) < 1e-12 })
    let frozen = model.freezing { $0.path == "weight" }
    let rest = zip(frozen, try gradient(at: frozen) { $0(x) }) { w, g in 0.5 * w - 0.1 * g }
    #expect(try rest.weight.tensor?.scalars() == [1, 2])
    #expect(try rest.parts[0].scalars() != [3])
    // In either order, and through arithmetic over the gradient.
    let turned = zip(slope.map { $0 + 1.0 }, model) { g, w in 0.5 * w - 0.1 * g }
    #expect(try turned.mean.tensor?.scalars() == [10, 20])
    #expect(try slope.map { $0 + 1.0 }.mean.tensor?.scalars() == [0, 0])
    let clipped = zip(slope, slope) { a, b in a + b + 1.0 }
    #expect(try zip(model, clipped) { w, g in 0.0 * w + g }.mean.tensor?.scalars() == [10, 20])
  }

  /// The update of a model is one line in a compiled step, and statistics that the pass moved are those of after it.
  @Test func anUpdateIsOneLineOfACompiledStep() throws {
    let step = compiledUpdate { (model: inout Network, x: Tensor) in
      let (loss, slope) = try valueAndGradient(at: model) { model in square(model(x)) }
      model = zip(model, slope) { w, g in w - 0.0001 * g }
      return loss
    }
    var model = Network().freezing { $0.path == "weight" }
    let x = Tensor([1, -1], .float64)
    var losses: [Double] = []
    for _ in 0..<20 { losses.append(try step(&model, x).item()) }
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    #expect(try model.weight.tensor?.scalars() == [1, 2])
    #expect(try model.mean.tensor?.scalars() == [10, 20])
    #expect(step.compilationCount == 1)
  }

  /// Whether a value is a gradient is part of what a compiled function is compiled for.
  @Test func compiledFunctionsTellGradients() throws {
    let combine = compiled { (a: Network, b: Network) in zip(a, b) { w, g in 0.5 * w - 0.1 * g } }
    let model = Network()
    let slope = try gradient(at: model) { $0(Tensor([1, -1], .float64)) }
    for _ in 1...2 {
      #expect(try combine(model, slope).mean.tensor?.scalars() == [10, 20])
      #expect(try combine(model, model).mean.tensor?.scalars() == [4, 8])
    }
    #expect(combine.compilationCount == 2)
  }

  /// Numbers that a method is set by are settings, though they are tensors of a plan.
  @Test func hyperparametersAreNoParameters() throws {
    struct Rule: Model {
      var rate: Hyperparameter = 0.5
      var weight = Parameter(Tensor([2], .float64))
    }
    let (rule, other) = (Rule(), Rule(rate: 0.25))
    #expect(rule.map { $0 * 3.0 }.rate == 0.5)
    let sum = rule.adding(other)
    #expect(try sum.rate == 0.5 && sum.weight.tensor?.scalars() == [4])
    let frozen = rule.freezing().unfreezing()
    #expect(frozen.rate == 0.5 && frozen.weight.role == .trained)
  }

  @Test func anythingThatHoldsTensorsIsZipped() throws {
    let sum = zip(["a": Tensor(1.0), "b": Tensor(2.0)], ["a": Tensor(3.0), "b": Tensor(4.0)]) { $0 + $1 }
    #expect(try [sum["a"]?.item(), sum["b"]?.item()] == [4, 6])
    #expect(try zip(Tensor([1, 2]), Tensor([3, 4])) { $0 * $1 }.scalars() == [3, 8])
  }

  @Test func valuesOfAnotherStructureAreNamed() {
    func message(_ a: Network, _ b: Network) -> String? {
      zip(a, b) { $0 + $1 }.weight.tensor?.error.map { "\($0.operation): \($0.message)" }
    }
    #expect(message(Network(), Network()) == nil)
    #expect(
      message(Network(), Network([1, 2, 3]))
        == "zip: 'weight' has the shape [2] in one of the values and [3] in another")
    #expect(
      message(Network(), Network([1, 2], [1, 2], [1, 2]))
        == "zip: 'parts.1' is in a later value, but not in the first; both need the same structure")
    #expect(
      message(Network([1, 2], [1, 2], [1, 2]), Network())
        == "zip: 'parts.1' is in the first value, but not at the same place in a later one; both need the same structure"
    )
    var bound = Network()
    bound.open = Parameter(Tensor([1]))
    #expect(
      message(Network(), bound)
        == "zip: 'open' has values in one of the values and none in another; give both an example")
  }
}
