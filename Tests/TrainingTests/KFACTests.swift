import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@testable import DescentTraining

/// K-FAC's factors against the Gauss–Newton matrix, and what it makes of them.
@Suite struct KFACTests {
  private struct Linear: Layer {
    var first = Dense(units: 3)
    var second = Dense(units: 2)
    func callAsFunction(_ x: Tensor) -> Tensor { second(first(x)) }
  }

  private struct Network: Layer {
    var kernel = Conv2D(filters: 4, size: 3)
    var norm = LayerNorm()
    var first = Dense(units: 3)
    var second = Dense(units: 3)
    func callAsFunction(_ x: Tensor) -> Tensor {
      let features = norm(tanh(kernel(x)).flattened())
      return second(tanh(first(features)))
    }
  }

  private struct Words: Layer {
    var table = Embedding(count: 5, size: 3)
    var output = Dense(units: 2, bias: false)
    func callAsFunction(_ x: Tensor) -> Tensor { output(table(x)) }
  }

  private func numbers(_ shape: Shape, seed: UInt64) -> Tensor {
    RandomKey(seed: seed).normal(shape).converted(to: .float64)
  }

  private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-9) throws -> Bool {
    guard a.shape == b.shape else { return false }
    let size = try abs(b).max().item()
    return try abs(a - b).max().item() <= tolerance * max(size, 1e-9)
  }

  /// What K-FAC remembers after a step that stands still.
  private func state<Model: Layer & Sendable>(
    _ model: Model, _ rule: KFAC, _ x: Tensor, steps: Int = 1,
    loss: @escaping @Sendable (Tensor) -> Tensor
  ) throws -> KFAC.State where Model.Input == Tensor, Model.Output == Tensor {
    var rule = rule
    let still: LearningRate = 0
    (rule.learningRate, rule.momentum, rule.dampingInterval) = (still, 0, 0)
    var state = try TrainingState(model, optimizer: rule, seed: 3)
    let update = TrainingUpdate { (model: Model, x: Tensor) in try loss(model(x)) }
    for _ in 0..<steps { try update(&state, x) }
    return try #require(try state.optimizerState())
  }

  /// A weight's block with the rows of its bias, `[rows · columns, rows · columns]`, from the dense blocks of the Hessian.
  private func block(_ blocks: HessianBlocks, _ layer: String, rows: Int, columns: Int) -> Tensor {
    let (weight, bias) = ("\(layer).weight", "\(layer).bias")
    let (w, b) = (rows * columns, columns)
    guard blocks.paths.contains(bias) else { return blocks[weight, weight].reshaped([w, w]) }
    let top = concatenated([blocks[weight, weight].reshaped([w, w]), blocks[weight, bias].reshaped([w, b])], axis: 1)
    let low = concatenated([blocks[bias, weight].reshaped([b, w]), blocks[bias, bias].reshaped([b, b])], axis: 1)
    return concatenated([top, low], axis: 0)
  }

  /// Of a linear network with a squared error, inputs and gradients are independent, and each block of the Hessian is that of the
  /// Gauss–Newton matrix, and a Kronecker product.
  @Test func blocksOfLinearNetworksAreExact() throws {
    let x = numbers([6, 4], seed: 1)
    let model = try Linear().initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([6, 2], seed: 2)
    let blocks = try hessianBlocks(at: model) { model in meanSquaredError(model(x), target) }
    let found = try state(model, KFAC(targets: .exact), x) { meanSquaredError($0, target) }
    for (layer, rows, columns) in [("first", 4, 3), ("second", 3, 2)] {
      let factors = try #require(found.factors["\(layer).weight"])
      let product = kron(factors.input, factors.output)
      #expect(try near(product, block(blocks, layer, rows: rows, columns: columns)), "\(layer)")
    }
    #expect(found.diagonals.isEmpty)
  }

  @Test func blocksOfEmbeddingsAreExact() throws {
    let x = Tensor(integers: [0, 3, 3, 1, 0, 3])
    let model = try Words().initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([6, 2], seed: 2)
    let blocks = try hessianBlocks(at: model) { model in meanSquaredError(model(x), target) }
    for largest in [8, 4] {
      let rule = KFAC(targets: .exact, largestFactor: largest)
      let found = try state(model, rule, x) { meanSquaredError($0, target) }
      let factors = try #require(found.factors["table.weight"])
      let input = factors.input.rank == 1 ? factors.input.diagonalMatrix() : factors.input
      #expect(factors.input.rank == (largest == 4 ? 1 : 2))
      #expect(try near(kron(input, factors.output), block(blocks, "table", rows: 5, columns: 3)))
    }
  }

  /// Losses by name, with weights and settings that count.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let loss: @Sendable (Tensor) -> Tensor
  }

  private static let losses: [Case] = {
    let (label, classes) = (Tensor(integers: [1]), Tensor([0.5, 2, 3], .float64))
    let shares = Tensor([[0.2, 0.7, 0.1]], .float64)
    let marks = Tensor([[1, 0, 1]], .float64)
    return [
      Case(testDescription: "softmax") { softmaxCrossEntropy($0, label) },
      Case(testDescription: "softmax of probabilities") {
        softmaxCrossEntropy($0, shares, classWeights: classes) * 3.0
      },
      Case(testDescription: "softmax with weights") {
        softmaxCrossEntropy(
          $0, label, classWeights: classes, labelSmoothing: 0.2, weights: Tensor([0.7]), reduction: .sum)
      },
      Case(testDescription: "sigmoid") { sigmoidCrossEntropy($0, marks) },
      Case(testDescription: "sigmoid with weights") {
        sigmoidCrossEntropy($0, marks, positiveWeights: classes, labelSmoothing: 0.1, reduction: .none).sum()
      },
      Case(testDescription: "squares") { meanSquaredError($0, marks) + 2.0 * softmaxCrossEntropy($0, label) },
    ]
  }()

  /// Of one example, each block of the Gauss–Newton matrix is a Kronecker product, whatever the network and the loss are; a
  /// convolution's where its filters have one place each.
  @Test(arguments: losses) func blocksOfOneExampleAreExact(row: Case) throws {
    let x = numbers([1, 3, 3, 2], seed: 1)
    let model = try Network().initialized(for: x).map { $0.converted(to: .float64) }
    let loss = row.loss
    let found = try state(model, KFAC(targets: .exact), x, loss: loss)
    // The matrix itself, parameter by parameter, from Jacobians.
    let slopes = try ModelTree(jacobian(at: model) { model in model(x) }).leaves
    let curve = try hessian(at: model(x), of: loss).reshaped([3, 3])
    func flat(_ path: String) throws -> Tensor {
      let tensor = try #require(slopes.first { $0.path == path }?.tensor)
      return tensor.reshaped([3, tensor.count / 3])
    }
    for layer in ["kernel", "first", "second"] {
      let all = concatenated([try flat("\(layer).weight"), try flat("\(layer).bias")], axis: 1)
      let wanted = matmul(matmul(all.transposed(), curve), all)
      let factors = try #require(found.factors["\(layer).weight"])
      #expect(try near(kron(factors.input, factors.output), wanted), "\(layer)")
    }
    for path in ["norm.scale", "norm.shift"] {
      let all = try flat(path)
      let wanted = (all * matmul(curve, all)).sum(axes: [0])
      let diagonal = try #require(found.diagonals[path])
      #expect(try near(diagonal, wanted), "\(path)")
    }
  }

  /// What is drawn has the exact factors as its mean; the data's own targets have others.
  @Test func drawnTargetsHaveTheExactMean() throws {
    let x = numbers([4, 4], seed: 1)
    let model = try Linear().initialized(for: x).map { $0.converted(to: .float64) }
    let losses: [@Sendable (Tensor) -> Tensor] = [
      { softmaxCrossEntropy($0, Tensor(integers: [0, 1, 1, 0])) },
      { sigmoidCrossEntropy($0, Tensor([[0, 1], [1, 1], [0, 0], [1, 0]])) },
      { meanSquaredError($0, Tensor(zeros: [4, 2])) },
    ]
    for loss in losses {
      let exact = try #require(try state(model, KFAC(targets: .exact), x, loss: loss).factors["first.weight"])
      let rule = KFAC(decay: 0.9999, targets: .sampled)
      let drawn = try #require(try state(model, rule, x, steps: 600, loss: loss).factors["first.weight"])
      #expect(try near(drawn.input, exact.input) && near(drawn.output, exact.output, 0.15))
      let empirical = try #require(try state(model, KFAC(targets: .empirical), x, loss: loss).factors["first.weight"])
      #expect(try !near(empirical.output, exact.output, 0.15))
    }
  }

  /// With the exact matrix and hardly any damping, a linear model is at its best after one step.
  @Test func linearModelsAreSolvedInOneStep() throws {
    let x = numbers([8, 3], seed: 1)
    let model = try Dense(units: 2).initialized(for: x).map { $0.converted(to: .float64) }
    let target = matmul(x, numbers([3, 2], seed: 5)) + 0.5
    var rule = KFAC(momentum: nil, damping: 1e-10, normConstraint: nil, dampingInterval: 1, targets: .exact)
    rule.smallestDamping = 1e-12
    var state = try TrainingState(model, optimizer: rule, seed: 3)
    let update = TrainingUpdate { (model: Dense, x: Tensor) in meanSquaredError(model(x), target) }
    let before = try update(&state, x).loss.item()
    let after = try update(&state, x).loss.item()
    #expect(after < before * 1e-8)
    // The model was right: less damping.
    let remembered = try #require(try state.optimizerState())
    #expect(try remembered.damping.item() < 1e-10)
    #expect(try remembered.damping.item() >= 1e-12)
  }

  /// What a step adds has the squared length that is allowed, by a Fisher information that is known exactly.
  @Test(arguments: [1e-4, 1e-2]) func stepsKeepToTheNormConstraint(constraint: Double) throws {
    let x = numbers([8, 3], seed: 1)
    let model = try Dense(units: 2).initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([8, 2], seed: 5)
    let loss: @Sendable (Dense) -> Tensor = { meanSquaredError($0(x), target) }
    func moved(_ constraint: Double?) throws -> Dense {
      let rule = KFAC(
        learningRate: 0.5, momentum: 0, damping: 1e-12, normConstraint: constraint, dampingInterval: 0, targets: .exact)
      var state = try TrainingState(model, optimizer: rule, seed: 3)
      try TrainingUpdate { (model: Dense, _: Tensor) in loss(model) }(&state, x)
      return state.model
    }
    // The loss is quadratic: what it has above its tangent is half of ΔᵀFΔ.
    func length(_ end: Dense) throws -> Double {
      let slope = try gradient(at: model) { loss($0) }
      var along = 0.0
      for part in [\Dense.weight.tensor, \Dense.bias?.tensor] {
        let (from, to) = (try #require(model[keyPath: part]), try #require(end[keyPath: part]))
        along += try (try #require(slope[keyPath: part]) * (to - from)).sum().item()
      }
      return try 2 * (loss(end).item() - loss(model).item() - along)
    }
    #expect(try length(moved(nil)) > 0.1)
    #expect(try abs(length(moved(constraint)) / constraint - 1) < 1e-4)
    #expect(try length(moved(1e6)) == length(moved(nil)))
  }

  /// A step that solves its own batch and spoils the next one raises the damping, until it goes no further.
  @Test func dampingIsJudgedByTheNextBatch() throws {
    let x = numbers([8, 3], seed: 1)
    let model = try Dense(units: 2).initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([8, 2], seed: 5)
    func damping(_ signs: [Double]) throws -> Double {
      let rule = KFAC(momentum: nil, damping: 1, normConstraint: nil, dampingInterval: 1, targets: .exact)
      var state = try TrainingState(model, optimizer: rule, seed: 3)
      let update = TrainingUpdate { (model: Dense, sign: Tensor) in meanSquaredError(model(x), target * sign) }
      for round in 0..<40 { try update(&state, Tensor(signs[round % signs.count], .float64)) }
      return try #require(try state.optimizerState()).damping.item()
    }
    #expect(try damping([1, -1]) > 1.5)
    #expect(try damping([1]) < 0.5)
  }

  /// Small batches of noisy labels: the loss of all examples falls and stays down.
  @Test func smallBatchesDoNotSpoilWhatIsLearned() throws {
    let x = numbers([512, 12], seed: 1)
    let noise = numbers([512, 3], seed: 9) * 1.5
    let labels = (matmul(x, numbers([12, 3], seed: 5)) + noise).argMax()
    struct Small: Layer {
      var first = Dense(units: 24)
      var second = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { second(relu(first(x))) }
    }
    var state = try TrainingState(
      Small().initialized(for: x).map { $0.converted(to: .float64) }, optimizer: KFAC(), seed: 3)
    let update = TrainingUpdate { (model: Small, batch: PairedBatch<Tensor, Tensor>) in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    func loss() throws -> Double { try softmaxCrossEntropy(state.model(x), labels).item() }
    let first = try loss()
    var least = first
    for round in 0..<480 {
      let rows = (round * 16 % 512)..<(round * 16 % 512 + 16)
      try update(&state, PairedBatch(input: x.sliced(rows), target: labels.sliced(rows)))
      if round % 80 == 79 { least = min(least, try loss()) }
    }
    #expect(least < first * 0.75)
    #expect(try loss() < least * 1.1)
  }

  /// A model of what a step does, for rates, momentum and damping: what it says is what happens where the loss is quadratic.
  @Test func lossesFallFasterThanByGradientDescent() throws {
    let x = numbers([32, 6], seed: 1) * Tensor([1, 3, 0.2, 1, 0.1, 5], .float64)
    let labels = Tensor(integers: (0..<32).map { $0 % 3 })
    struct Small: Layer {
      var first = Dense(units: 8)
      var second = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { second(tanh(first(x))) }
    }
    let model = try Small().initialized(for: x).map { $0.converted(to: .float64) }
    func last<Rule: Optimizer>(_ rule: Rule) throws -> Double {
      var state = try TrainingState(model, optimizer: rule, seed: 3)
      let update = TrainingUpdate { (model: Small, x: Tensor) in softmaxCrossEntropy(model(x), labels) }
      var loss = 0.0
      for _ in 0..<60 { loss = try update(&state, x).loss.item() }
      #expect(update.compilationCount == 1)
      return loss
    }
    let sgd = try last(SGD(learningRate: 0.2, momentum: 0.9))
    #expect(try last(KFAC(momentum: nil, damping: 0.1, normConstraint: nil)) < sgd / 2)
    #expect(try last(KFAC(normConstraint: 1e-2)) < sgd)
    #expect(
      try last(KFAC(learningRate: 0.3, momentum: 0.9, damping: 0.01, normConstraint: nil, dampingInterval: 0)) < sgd)
    #expect(try last(HessianFree(damping: 0.1, iterations: 20)) < sgd / 2)
    #expect(try last(LBFGS()) < sgd / 2)
  }

  /// A bias that another layer uses, too, and a weight that is used in two ways, have their factors from gradients.
  @Test func whatIsNotKnownIsTakenFromGradients() throws {
    struct Tied: Layer {
      var table = Embedding(count: 4, size: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { table.logits(table(x)) }
    }
    let x = Tensor(integers: [0, 2, 3])
    let model = try Tied().initialized(for: x).map { $0.converted(to: .float64) }
    let loss: @Sendable (Tensor) -> Tensor = { softmaxCrossEntropy($0, Tensor(integers: [1, 1, 0])) }
    let found = try #require(try state(model, KFAC(targets: .empirical), x, loss: loss).factors["table.weight"])
    // Rows of the empirical matrix' one column, whose trace is that of both.
    let slope = try #require(try gradient(at: model) { loss($0(x)) }.table.weight.tensor)
    let size = square(slope).sum() * 3.0
    #expect(try near(kron(found.input, found.output).diagonal().sum(), size))
  }

  /// Rules inside of others see their own parameters alone.
  @Test func masksHandTheirPartOn() throws {
    let x = numbers([6, 4], seed: 1)
    let model = try Linear().initialized(for: x).map { $0.converted(to: .float64) }
    let target = numbers([6, 2], seed: 2)
    let rule = KFAC(learningRate: 0, momentum: 0, dampingInterval: 0, targets: .exact)
    let whole = try state(model, rule, x) { meanSquaredError($0, target) }
    var part = try TrainingState(
      model, optimizer: rule.masked(where: .paths("second"), others: SGD(learningRate: 0)), seed: 3)
    try TrainingUpdate { (model: Linear, x: Tensor) in meanSquaredError(model(x), target) }(&part, x)
    let own = try #require(try part.optimizerState()).base.factors
    #expect(own.count == 1)
    let (a, b) = (try #require(own["second.weight"]), try #require(whole.factors["second.weight"]))
    #expect(try near(a.input, b.input) && near(a.output, b.output))
  }

  @Test func senselessSettingsAreNamed() {
    func fault(_ rule: some Optimizer) -> String {
      do {
        try rule.validate()
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(fault(KFAC(damping: 0)).contains("KFAC: its damping"))
    #expect(fault(KFAC(smallestDamping: 0)).contains("KFAC: its smallestDamping"))
    #expect(fault(KFAC(normConstraint: 0)).contains("KFAC: its normConstraint"))
    #expect(fault(KFAC(momentum: 1)).contains("KFAC: its momentum"))
    #expect(fault(KFAC(inverseInterval: 0)).contains("KFAC: its inverseInterval must be at least 1, found 0"))
    #expect(fault(KFAC(dampingInterval: -1)).contains("KFAC: its dampingInterval must be at least 0, found -1"))
    #expect(fault(HessianFree(iterations: 0)).contains("HessianFree: 0 rounds"))
    #expect(fault(LBFGS(memory: 0)).contains("LBFGS: its memory must lie in 1...1000, found 0"))
  }
}
