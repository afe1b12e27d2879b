import Descent
import Testing

@Suite struct Training {
  typealias Classifier = GettingStarted.Classifier

  @Test func resumes() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let runs = folder.path + "/run"
    let digits = try Digits.shipped()
    func trainer() throws -> Trainer<Classifier, Batch> {
      try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: AdamW(learningRate: 1e-3), seed: 1)
    }

    let batches = digits.training.batched(64, seed: 1)
    let first = try trainer()
    try first.fit(batches, epochs: 1, callbacks: [.checkpoint(runs)])

    // Later, perhaps in another process:
    let second = try trainer()
    let report = try second.fit(
      batches, epochs: 2, callbacks: [.checkpoint(runs, resuming: true)])
    print(report.epochs.count)  // 2, that of the first run included

    let whole = try trainer()
    try whole.fit(digits.training.batched(64, seed: 1), epochs: 2)
    #expect(report.epochs.count == 2)
    #expect(
      try second.model.output.weight.tensor?.floats() == whole.model.output.weight.tensor?.floats(),
      "a resumed run has the bits of one that was not interrupted")
  }

  @Test func rates() throws {
    let digits = try Digits.shipped()
    let batches = digits.training.batched(32)

    let schedule = LearningRate.warmupCosine(
      peak: 2e-3, warmup: 10, total: 5 * batches.batchCount)
    let optimizer = AdamW(learningRate: schedule, weightDecay: 0.01)
      .clipping(globalNorm: 1)
      .averaging(decay: 0.98)
    let trainer = try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: optimizer)
    try trainer.fit(batches, epochs: 5)
    let averaged = try trainer.averagedModel() ?? trainer.model
    print(trainer.optimizer)

    let logits = averaged.predict(digits.test.images)
    #expect(try accuracy(logits, digits.test.labels).item() > 0.5)
  }

  @Test func constants() throws {
    let digits = try Digits.shipped()
    let trainer = try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1))

    try trainer.fit(digits.training.batched(128), epochs: 1)
    try trainer.setHyperparameter("learningRate", to: 0.01)
    try trainer.fit(digits.training.batched(128), epochs: 1)
    let means = try trainer.evaluate(digits.test)
    print(means["loss"] ?? .nan)

    #expect(try #require(means["loss"]).isFinite)
  }

  @Test func runsInDirectories() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let runs = folder.path
    let digits = try Digits.shipped()

    let trainer = try Trainer(
      Classifier(), loss: .softmaxCrossEntropy(), optimizer: Adam(learningRate: 1e-2),
      metrics: [.accuracy], seed: 1)
    try trainer.fit(
      digits.training.batched(64), validation: digits.test, epochs: 3,
      callbacks: [.run(runs + "/digits", best: .validation("accuracy", .largest))])

    let run = RunDirectory(runs + "/digits")
    print(try run.configuration().training.loss)  // softmaxCrossEntropy
    print(try run.summary().best(.validation("accuracy", .largest))?.epoch ?? 0)

    #expect(try run.configuration().training.loss == "softmaxCrossEntropy")
    #expect(try run.summary().best(.validation("accuracy", .largest)) != nil)
  }

  @Test func crossValidation() throws {
    let digits = try Digits.shipped()

    let examples = try Examples(inputs: digits.test.images, targets: digits.test.labels)
    let folds = try Folds(labels: digits.test.labels.integers(), count: 3)
    let result = try crossValidate(folds, of: examples, batchSize: 64, epochs: 2) { fold in
      try Trainer(
        Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-2),
        metrics: [.accuracy], seed: UInt64(fold))
    }
    print(result)  // loss … ± …, accuracy … ± …

    #expect(result.folds.count == 3 && result.means.names == ["loss", "accuracy"])
  }

  @Test func narrowerNumbers() throws {
    let digits = try Digits.shipped()

    let trainer = try Trainer(
      Checkpointed(Classifier()), loss: softmaxCrossEntropy,
      optimizer: Adam(learningRate: 1e-2).clipping(globalNorm: 1).scalingLoss(),
      precision: .float16)
    try trainer.fit(digits.training.batched(64), epochs: 2)

    #expect(try trainer.evaluate(digits.test)["loss"] ?? .nan < 2.3)
    #expect(try trainer.lossScale() != nil)
  }
}
