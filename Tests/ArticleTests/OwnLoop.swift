import Descent
import Foundation
import Testing

@Suite struct OwnLoop {
  struct Network: Layer {
    var hidden = Dense(units: 16)
    var normalization = BatchNorm()
    var output = Dense(units: 1)

    func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(normalization(hidden(x)))) }
  }

  /// Whether two numbers have different signs.
  let batches = (0..<60).map { index in
    let points = RandomKey(seed: 7).split(index).uniform([64, 2], low: -1, high: 1)
    return Batch(input: points, target: (points.product(axes: -1, keepingAxes: true) .< 0).converted(to: .float32))
  }

  @Test func step() throws {
    let optimizer = Adam(learningRate: 1e-2)
    let step = try TrainingStep(Network(), optimizer: optimizer, seed: 1) { model, batch in
      sigmoidCrossEntropy(model(batch.input), batch.target)
    }
    var losses: [Tensor] = []
    for batch in batches { losses.append(try step(batch)) }
    let model = step.model

    #expect(try losses[59].item() < losses[0].item())
    #expect(model.predict(batches[0].input).shape == [64, 1])
  }

  @Test func furtherResults() throws {
    let step = try TrainingStep(
      Network(), optimizer: Adam(learningRate: 1e-2),
      results: { (model: Network, batch: Batch) in
        let logits = model(batch.input)
        let loss = sigmoidCrossEntropy(logits, batch.target)
        return [loss, binaryAccuracy(logits, batch.target)]
      })
    let result = try step.run(batches[0])
    print(try result.loss.item(), try result.further[0].item())

    #expect(result.further.count == 1)
  }

  @Test func stateOfItsOwn() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let runs = folder.path + "/run"

    let update = TrainingUpdate { (model: Network, batch: Batch) in
      sigmoidCrossEntropy(model(batch.input), batch.target)
    }
    var state = try TrainingState(Network(), optimizer: Adam(learningRate: 1e-2), seed: 1)
    for batch in batches.prefix(30) { try update(&state, batch) }
    try state.save(in: runs)

    // Later, perhaps in another process:
    var resumed = try TrainingState(Network(), optimizer: Adam(learningRate: 1e-2), seed: 1)
    try resumed.resume(in: runs)
    for batch in batches.dropFirst(resumed.step) { try update(&resumed, batch) }

    for batch in batches.dropFirst(30) { try update(&state, batch) }
    #expect(resumed.step == 60)
    #expect(try resumed.model.output.weight.tensor?.floats() == state.model.output.weight.tensor?.floats())
  }

  @Test func eventsOfALoop() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let runs = folder.path + "/run"
    let update = TrainingUpdate { (model: Network, batch: Batch) in
      sigmoidCrossEntropy(model(batch.input), batch.target)
    }
    var state = try TrainingState(Network(), optimizer: Adam(learningRate: 1e-2), seed: 1)

    let events = try EventFile(in: runs)
    for batch in batches {
      let loss = try update(&state, batch).loss.item()
      try events.write(scalar: loss, named: "loss", step: state.step)
      if state.step % 20 == 0, let weight = state.model.hidden.weight.tensor {
        try events.write(histogram: Histogram(weight.scalars()), named: "weight", step: state.step)
      }
    }

    #expect(try Data(contentsOf: URL(fileURLWithPath: events.path)).count > 60 * 40)
  }

  struct Round: Codable, Sendable {
    var real: Tensor
    var noise: Tensor
    var opponent: Dense
  }

  @Test func twoModels() throws {
    let critic = TrainingUpdate { (critic: Network, round: Round) in
      let made = round.opponent(round.noise)
      return (softplus(critic(made)) + softplus(-critic(round.real))).mean()
    }
    let key = RandomKey(seed: 1)
    let maker = try Dense(units: 2).initialized(for: Tensor(zeros: [1, 3]))
    var state = try TrainingState(Network(), optimizer: Adam(learningRate: 1e-2))
    var losses: [Double] = []
    for index in 0..<20 {
      let real = key.split(index).normal([32, 2], mean: 3)
      let noise = key.split(index).split("noise").normal([32, 3])
      let round = Round(real: real, noise: noise, opponent: maker)
      losses.append(try critic(&state, round).loss.item())
    }
    #expect(losses[19] < losses[0])
    #expect(critic.compilationCount == 1)
  }

  struct State: Codable, Sendable {
    var model: Network
    var memory: SGD.State
    var step = Tensor(1, .float64)
  }

  @Test func byHand() throws {
    let optimizer = SGD(learningRate: 0.1, momentum: 0.9)
    let update = compiledUpdate { (state: inout State, batch: Batch) in
      let (loss, slope) = try valueAndGradient(at: state.model) { model in
        sigmoidCrossEntropy(model(batch.input), batch.target)
      }
      let step = StepContext(number: state.step)
      try optimizer.move(&state.model, along: slope, state: &state.memory, at: step)
      state.step += 1
      return loss
    }

    let model = try Network().initialized(for: batches[0].input, seed: 1)
    var state = State(model: model, memory: try optimizer.initialState(of: model))
    var losses: [Double] = []
    for (number, batch) in batches.enumerated() {
      let loss = try training(seed: UInt64(number)) { try update(&state, batch) }
      losses.append(try loss.item())
    }

    #expect(losses[59] < losses[0])
    #expect(try state.step.item() == 61)
    #expect(try state.model.normalization.mean.tensor?.scalars() != model.normalization.mean.tensor?.scalars())
    #expect(update.compilationCount == 1)
  }
}
