import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@testable import DescentTraining

/// Products with the Gauss–Newton matrix within a step, and the rules that ask for them.
@Suite struct GaussNewtonTests {
  private struct Small: Layer {
    var first = Dense(units: 5)
    var second = Dense(units: 3)
    func callAsFunction(_ x: Tensor) -> Tensor { second(tanh(first(x))) }
  }

  private struct Sequence: Layer {
    var recurrent = RNN(units: 4)
    var output = Dense(units: 2)
    func callAsFunction(_ x: Tensor) -> Tensor { output(recurrent(x)) }
  }

  /// Asks for a product and remembers it.
  private struct Asking: Optimizer {
    func initialState(for parameters: [OptimizedParameter]) throws -> [Tensor] {
      parameters.map { Tensor(zerosLike: $0.value) }
    }
    func movements(
      of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext
    ) throws -> [Tensor] {
      let point = parameters.map(\.value)
      state = try step.objective.gaussNewtonProduct(at: point, along: point)
      return parameters.map { Tensor(zerosLike: $0.value) }
    }
  }

  private func numbers(_ shape: Shape, seed: UInt64) -> Tensor {
    RandomKey(seed: seed).normal(shape).converted(to: .float64)
  }

  @Test func productsWithinAStepAreThoseOutside() throws {
    let x = numbers([6, 4], seed: 1)
    let model = try Small().initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([6, 3], seed: 2)
    let losses: [@Sendable (Tensor) -> Tensor] = [
      { softmaxCrossEntropy($0, Tensor(integers: [0, 1, 2, 2, 1, 0])) },
      { huberLoss($0, target, delta: 0.8) + sigmoidCrossEntropy($0, abs(target)) }, { meanSquaredError($0, target) },
    ]
    for loss in losses {
      var state = try TrainingState(model, optimizer: Asking(), seed: 3)
      try TrainingUpdate { (model: Small, x: Tensor) in loss(model(x)) }(&state, x)
      let found = try #require(try state.optimizerState())
      let wanted = try ModelTree(gaussNewtonProduct(at: model, along: model, of: { $0(x) }, loss: loss)).leaves
      for (a, b) in zip(found, wanted.compactMap(\.tensor)) {
        #expect(zip(try a.scalars(), try b.scalars()).allSatisfy { Swift.abs($0 - $1) < 1e-12 * max(1, Swift.abs($1)) })
      }
    }
    // A loss of one's own says nothing of its outputs: the Hessian.
    var state = try TrainingState(model, optimizer: Asking(), seed: 3)
    try TrainingUpdate { (model: Small, x: Tensor) in square(model(x) - target).mean() }(&state, x)
    let wanted = try hessianVectorProduct(at: model, along: model) { square($0(x) - target).mean() }
    let found = try #require(try state.optimizerState())
    for (a, b) in zip(found, try ModelTree(wanted).leaves.compactMap(\.tensor)) {
      #expect(zip(try a.scalars(), try b.scalars()).allSatisfy { Swift.abs($0 - $1) < 1e-12 * max(1, Swift.abs($1)) })
    }
  }

  /// Without damping, conjugate gradients solve a linear model in one step.
  @Test func linearModelsAreSolvedInOneStep() throws {
    let x = numbers([8, 3], seed: 1)
    let model = try Dense(units: 2).initialized(for: x).map { $0.converted(to: .float64) }
    let target = matmul(x, numbers([3, 2], seed: 5)) + 0.5
    let rule = HessianFree(damping: 1e-12, progress: 0)
    var state = try TrainingState(model, optimizer: rule, seed: 3)
    let update = TrainingUpdate { (model: Dense, x: Tensor) in meanSquaredError(model(x), target) }
    let before = try update(&state, x).loss.item()
    #expect(try update(&state, x).loss.item() < before * 1e-12)
  }

  /// Structural damping holds what a recurrent layer gives out closer to what it was.
  @Test func structuralDampingHoldsHiddenStates() throws {
    let x = numbers([4, 6, 3], seed: 1)
    let model = try Sequence().initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([4, 6, 2], seed: 2)
    func moved(_ damping: Double) throws -> Double {
      let rule = HessianFree(damping: 0.1, structuralDamping: damping, lineSearch: LineSearch(sufficient: 0))
      var state = try TrainingState(model, optimizer: rule, seed: 3)
      try TrainingUpdate { (model: Sequence, x: Tensor) in meanSquaredError(model(x), target) }(&state, x)
      return try square(state.model.recurrent(x) - model.recurrent(x)).sum().item()
    }
    let (free, held) = (try moved(0), try moved(30))
    #expect(held < free / 2 && held > 0)
  }

  /// The estimate of Gauss, Newton and Bartlett has the diagonal of the matrix as its mean.
  @Test func bartlettsEstimateIsTheDiagonal() throws {
    let x = numbers([5, 4], seed: 1)
    let model = try Small().initialized(for: x).map { $0.converted(to: .float64) }
    let labels = Tensor(integers: [0, 1, 2, 2, 1])
    let loss: @Sendable (Tensor) -> Tensor = { softmaxCrossEntropy($0, labels) }
    // Without a decay of its own the mean over steps is taken here.
    let rule = Sophia(learningRate: 0, beta1: 0, beta2: 0, interval: 1, estimate: .gaussNewtonBartlett)
    var state = try TrainingState(model, optimizer: rule, seed: 3)
    let update = TrainingUpdate { (model: Small, x: Tensor) in loss(model(x)) }
    var sum = Tensor(zeros: [5, 3], .float64)
    for _ in 0..<800 {
      try update(&state, x)
      let remembered = try #require(try state.optimizerState())
      sum = sum + (try #require(remembered.curvature["second.weight"]))
    }
    let jacobians = try jacobian(at: model) { $0(x) }
    let slopes = try #require(jacobians.second.weight.tensor).reshaped([15, 15])
    let curve = try hessian(at: model(x), of: loss).reshaped([15, 15])
    let wanted = (slopes * matmul(curve, slopes)).sum(axes: [0]).reshaped([5, 3])
    #expect(try (abs(sum / 800.0 - wanted).max() / wanted.max()).item() < 0.2)
  }
}
