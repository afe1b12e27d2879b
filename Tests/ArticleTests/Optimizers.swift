import Descent
import Testing

@Suite struct Optimizers {
  private struct Model: Layer {
    var encoder = Dense(units: 4)
    var head = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { head(relu(encoder(x))) }
  }

  private func moves(_ optimizer: some Optimizer) throws -> Bool {
    let batch = Batch(input: RandomKey(seed: 1).normal([32, 3]), target: RandomKey(seed: 2).normal([32, 1]))
    let step = try TrainingStep(Model(), optimizer: optimizer) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }
    _ = try step(batch)
    let first = try step.model.encoder.weight.tensor?.scalars()
    _ = try step(batch)
    return try step.model.encoder.weight.tensor?.scalars() != first
  }

  @Test func schedules() throws {
    let warm = LearningRate.cosine(initial: 1e-3, total: 5_000).warmedUp(over: 100)
    let pieces = LearningRate.joined([3e-3, .exponential(initial: 3e-3, factor: 0.999)], at: [1_000])
    let own = LearningRate("steep") { 1e-3 / square($0) }
    #expect(try warm(Tensor(100, .float64)).item() == 1e-3)
    #expect(try pieces(Tensor(1_001, .float64)).item() == 3e-3)
    #expect(try own(Tensor(10, .float64)).item() == 1e-5)
  }

  @Test func finder() throws {
    let model = Model()
    let batches = [Batch(input: RandomKey(seed: 1).normal([32, 3]), target: RandomKey(seed: 2).normal([32, 1]))]

    let curve = try findLearningRate(model, over: batches, optimizer: { Adam(learningRate: $0) }) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }
    print(curve)  // take 0.00705; tried 1e-07 to …
    let rate = curve.suggestion ?? 1e-3

    #expect(rate > 1e-5 && rate < 10)
  }

  @Test func groups() throws {
    let grouped = AdamW(learningRate: 1e-3)
      .scaling(by: 0.1, where: .paths("encoder"))
      .scaling(by: 2, where: .names("bias"))
    let late = AdamW(learningRate: 1e-3).freezing(.paths("encoder"), until: 1_000)
    let mixed = Muon(learningRate: 2e-2)
      .masked(where: .matrices, others: Lion(learningRate: 1e-4))
    #expect(try moves(grouped) && !moves(late) && moves(mixed))
  }

  @Test func curvature() throws {
    let kfac = KFAC(damping: 0.1)  // learning rate by the quadratic model, its steps bounded by normConstraint
    let large = KFAC(momentum: nil, damping: 1, normConstraint: nil)  // large batches: momentum by the model, too
    let soap = SOAP(learningRate: .warmupCosine(peak: 3e-3, warmup: 100, total: 5_000))
    let sophia = Sophia(learningRate: 1e-3, estimate: .gaussNewtonBartlett).decaying(0.1, where: .matrices)
    #expect(try moves(kfac) && moves(large) && moves(soap) && moves(sophia))
  }
}
