import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// Hyper-parameters are inputs of a step's plan.
@Suite struct HyperparameterTests {
  private func batch(_ seed: Int = 1) -> Batch {
    Batch(input: sample([4, 3], seed: seed), target: sample([4, 1], seed: 9))
  }
  private static let loss: @Sendable (Line, Batch) throws -> Tensor = { model, batch in
    meanSquaredError(model(batch.input), batch.target)
  }

  @Test func anotherValueCompilesNothingAndCounts() throws {
    let step = try TrainingStep(Line(), optimizer: Adam(learningRate: 0.1).clipping(globalNorm: 5), loss: Self.loss)
    for _ in 0..<2 { _ = try step(batch()) }
    #expect(step.compilationCount == 1)
    let before = try values(step.model)
    try step.setHyperparameter("base.learningRate", to: 0)
    #expect(try step.hyperparameters()["base.beta1"] == 0.9)
    _ = try step(batch())
    #expect(try values(step.model) == before)
    // Zero is left out of plans; that is another form.
    #expect(step.compilationCount == 2)
    try step.setHyperparameter("base.learningRate", to: 0.1)
    _ = try step(batch())
    #expect(try values(step.model) != before)
    #expect(step.compilationCount == 2)
    #expect("\(step.optimizer)".hasPrefix("Adam(learningRate: 0.1, beta1: 0.9,"))
    let message = fault { try step.setHyperparameter("learningRate", to: 1) }
    #expect(message.contains("has no hyper-parameter 'learningRate'; it has base.learningRate, base.beta1, base.beta2"))
    #expect(fault { try step.setHyperparameter("bound", to: -1) }.contains("clipping: its bound must be at least 0.0"))
  }

  @Test func stepsFollowTheirStatesHyperparameters() throws {
    let step = TrainingUpdate(loss: Self.loss)
    var slow = try TrainingState(Line(), optimizer: Adam(learningRate: 0.01))
    var fast = try TrainingState(Line(), optimizer: Adam(learningRate: 0.1))
    try step(&slow, batch())
    try step(&fast, batch())
    slow.optimizer.learningRate = 0.05
    slow.optimizer.beta1 = 0.8
    try step(&slow, batch(2))
    #expect(step.compilationCount == 1)
    // The same by steps that never knew anything else.
    let alone = try TrainingStep(Line(), optimizer: Adam(learningRate: 0.1), loss: Self.loss)
    _ = try alone(batch())
    #expect(try values(alone.model) == values(fast.model))
    var other = try TrainingState(Line(), optimizer: Adam(learningRate: 0.01))
    let update = TrainingUpdate(loss: Self.loss)
    try update(&other, batch())
    other.optimizer = Adam(learningRate: 0.05, beta1: 0.8)
    try update(&other, batch(2))
    #expect(try values(other.model) == values(slow.model))
    // Another schedule is another form.
    other.optimizer.learningRate = .exponential(initial: 0.1, factor: 0.5)
    try update(&other, batch(2))
    #expect(update.compilationCount == 2)
  }

  /// A schedule of one's own is compiled for itself alone, wherever in memory it lies.
  @Test func schedulesOfOnesOwnAreToldApart() throws {
    let step = TrainingUpdate { (w: Tensor, x: Tensor) in w * x }
    var state = try TrainingState(Tensor(0, .float64), optimizer: SGD(learningRate: 1))
    var wanted = 0.0
    for number in 1...20 {
      state.optimizer.learningRate = LearningRate { _ in Tensor(Double(number), .float64) }
      try step(&state, Tensor(1, .float64))
      wanted -= Double(number)
      #expect(try state.model.item() == wanted)
    }
    #expect(step.compilationCount == 20)
    // The same one compiles once.
    for _ in 0..<3 { try step(&state, Tensor(1, .float64)) }
    #expect(step.compilationCount == 20)
  }

  @Test func settingsThatMakeNoSenseAreRefused() throws {
    let step = TrainingUpdate(loss: Self.loss)
    var state = try TrainingState(Line(), optimizer: Adam(learningRate: 0.01))
    try step(&state, batch())
    let before = try values(state.model)
    state.optimizer.beta2 = 1.5
    #expect(fault { try step(&state, batch()) }.contains("Adam: its beta2 must be at least 0.0 and less than 1.0"))
    #expect(try values(state.model) == before && state.step == 1)
    state.optimizer.beta2 = 0.5
    try step(&state, batch())
    #expect(state.step == 2)
  }

  /// Eight learning rates in one plan, with the numbers of eight trainings.
  @Test func severalLearningRatesTrainInOnePlan() throws {
    let rates = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.2, 0.05]
    let start = Line()
    func trained(_ optimizer: Adam) throws -> (Line, Tensor) {
      var model = start
      var memory = try optimizer.initialState(of: model)
      var last = Tensor(0, .float64)
      for number in 1...4 {
        let (loss, slope) = try valueAndGradient(at: model) { model in try Self.loss(model, batch(number)) }
        let step = StepContext(number: Tensor(Double(number), .float64))
        try optimizer.move(&model, along: slope, state: &memory, at: step)
        last = loss
      }
      return (model, last)
    }
    let all: (Tensor) throws -> (Line, Tensor) = vectorized { (rate: Tensor) in
      try trained(Adam(learningRate: .constant(Hyperparameter(rate))))
    }
    let (models, losses) = try all(Tensor(rates, .float64))
    let weights = try models.weight.scalars()
    let width = weights.count / rates.count
    for (index, rate) in rates.enumerated() {
      let step = try TrainingStep(start, optimizer: Adam(learningRate: .constant(rate)), loss: Self.loss)
      var last = 0.0
      for number in 1...4 { last = try step(batch(number)).item() }
      let alone = try step.model.weight.scalars()
      for (found, wanted) in zip(weights[(index * width)...], alone) { #expect(abs(found - wanted) < 1e-12) }
      #expect(abs(try losses[index].item() - last) < 1e-12)
    }
  }
}
