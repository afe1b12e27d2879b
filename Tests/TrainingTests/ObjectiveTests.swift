import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// Optimizers that ask the objective at points of their own, in the step's plan.
@Suite struct ObjectiveTests {
  /// Rosenbrock's function.
  private static let valley: @Sendable (Tensor, Tensor) -> Tensor = { w, scale in
    let (x, y) = (w[0], w[1])
    return square(1.0 - x) + scale * square(y - square(x))
  }

  @Test func newtonFindsTheBottomOfAParabolaInOneStep() throws {
    let matrix = Tensor([[4, 1, 0], [1, 3, -1], [0, -1, 2]], .float64)
    let step = try TrainingStep(Tensor([5, -3, 2], .float64), optimizer: NewtonCG(tolerance: 1e-10)) {
      (w: Tensor, b: Tensor) in
      0.5 * (w * matmul(matrix, w)).sum() - (b * w).sum()
    }
    let b = Tensor([1, 2, 3], .float64)
    _ = try step(b)
    let wanted = try solve(matrix, b).scalars()
    for (found, wanted) in zip(try step.model.scalars(), wanted) { #expect(abs(found - wanted) < 1e-9) }
  }

  @Test func newtonGoesDownTheValley() throws {
    let step = try TrainingStep(Tensor([-1.2, 1], .float64), optimizer: NewtonCG(tolerance: 1e-6), loss: Self.valley)
    let scale = Tensor(100, .float64)
    var losses: [Double] = []
    for _ in 0..<30 { losses.append(try step(scale).item()) }
    // Each step makes the loss fall or stays, and the last ones converge as Newton's method does.
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
    for number in try step.model.scalars() { #expect(abs(number - 1) < 1e-8) }
    #expect(step.compilationCount == 1)
  }

  @Test func lineSearchesTakeTheFirstLengthThatIsEnough() throws {
    // f = 10 w²: the gradient at 1 is 20. Lengths 1, 1/2, … are tried: 1 − 20 t has to be nearer to 0 than 1 is.
    let step = try TrainingStep(Tensor(1, .float64), optimizer: GradientDescent()) { (w: Tensor, a: Tensor) in
      a * square(w)
    }
    _ = try step(Tensor(10, .float64))
    #expect(try step.model.item() == 1 - 20.0 / 16)
    // How much is enough: (1 − 2t)² ≤ 1 − 0.9 · 4 t up to t = 0.1.
    let careful = try TrainingStep(
      Tensor(1, .float64), optimizer: GradientDescent(lineSearch: LineSearch(sufficient: 0.9))
    ) { (w: Tensor, a: Tensor) in a * square(w) }
    _ = try careful(Tensor(1, .float64))
    #expect(try careful.model.item() == 1 - 2.0 / 16)
    // In a valley it goes down in every step.
    let valley = try TrainingStep(Tensor([-1.2, 1], .float64), optimizer: GradientDescent(), loss: Self.valley)
    let losses = try (0..<200).map { _ in try valley(Tensor(100, .float64)).item() }
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    // Where no length is enough the parameters stay.
    let stuck = try TrainingStep(Tensor(1, .float64), optimizer: GradientDescent(lineSearch: LineSearch(most: 1))) {
      (w: Tensor, a: Tensor) in
      a * square(w)
    }
    _ = try stuck(Tensor(10, .float64))
    #expect(try stuck.model.item() == 1)
  }

  @Test func sharpnessAwareStepsTakeTheGradientNearby() throws {
    // f = w⁴ at 2: the gradient is 32, the worst point nearby 2.5, its gradient 4 · 2.5³.
    let rule = SGD(learningRate: 0.01).sharpnessAware(radius: 0.5)
    let step = try TrainingStep(Tensor(2, .float64), optimizer: rule) { (w: Tensor, a: Tensor) in
      a * square(square(w))
    }
    _ = try step(Tensor(1, .float64))
    #expect(abs(try step.model.item() - (2 - 0.01 * 4 * 2.5 * 2.5 * 2.5)) < 1e-12)
    // Masked, the objective is that of the parameters it moves.
    struct Pair: Codable, Sendable {
      var a = Tensor(2, .float64)
      var b = Tensor(3, .float64)
    }
    let masked = try TrainingStep(Pair(), optimizer: rule.masked(where: .paths("a"))) { (model: Pair, x: Tensor) in
      x * square(square(model.a)) + model.b
    }
    _ = try masked(Tensor(1, .float64))
    #expect(abs(try masked.model.a.item() - (2 - 0.01 * 4 * 2.5 * 2.5 * 2.5)) < 1e-12)
    #expect(try masked.model.b.item() == 3)
  }

  /// The objective drops what the pass dropped, and running statistics move once.
  @Test func theObjectiveIsThePassAtAnotherPoint() throws {
    struct Looking: Optimizer {
      func initialState(for parameters: [OptimizedParameter]) -> [Tensor] { [Tensor(0, .float32)] }
      func movements(
        of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext
      ) throws -> [Tensor] {
        let again = try step.objective.value(at: parameters.map(\.value))
        state = [again - step.loss]
        let (value, slope) = try step.objective.valueAndGradient(at: parameters.map(\.value))
        return zip(slope, parameters).map { $0 - $1.gradient + (value - again) }
      }
    }
    struct Network: Layer {
      var normalization = BatchNorm(momentum: 0.75)
      var dropout = Dropout(rate: 0.5)
      var output = Dense(units: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { output(dropout(normalization(x))) }
    }
    let x = sample([16, 4], .float32) + 3.0
    var state = try TrainingState(try Network().initialized(for: x), optimizer: Looking())
    let before = try #require(state.model.output.weight.tensor).scalars()
    let step = TrainingUpdate { (model: Network, x: Tensor) in square(model(x)).mean() }
    try step(&state, x)
    #expect(try state.optimizerState()?[0].item() == 0)
    #expect(try #require(state.model.output.weight.tensor).scalars() == before)
    let mean = try #require(state.model.normalization.mean.tensor).scalars()
    for (found, wanted) in zip(mean, try x.mean(axes: 0).scalars()) { #expect(abs(found - 0.25 * wanted) < 1e-5) }
  }
}
