import Descent
import Synchronization
import Testing

@Suite struct CallbacksAndMetrics {
  typealias Classifier = GettingStarted.Classifier

  @Test func metricOfOnesOwn() throws {
    let digits = try Digits.shipped()

    let inTopThree = Metric("top 3") { logits, labels in
      let best = logits.topK(3).indices  // [batch, 3]
      let isIn = (best .== labels.expanded(axis: -1)).any(axes: -1)
      return isIn.converted(to: .float32).mean()
    }
    let trainer = try Trainer(
      Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(),
      metrics: [.accuracy, inTopThree])
    let report = try trainer.fit(digits.training, validation: digits.test, epochs: 1)
    let means = report.epochs[0].validation
    print(means)  // loss …, accuracy …, top 3 …

    #expect(means.names == ["loss", "accuracy", "top 3"])
    let (three, one) = (try #require(means["top 3"]), try #require(means["accuracy"]))
    #expect(three > one)
  }

  @Test func earlyStopping() throws {
    let digits = try Digits.shipped()
    let trainer = try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-2))

    // The best model so far, and for how many epochs there was no better one.
    let best = Mutex((loss: Double.infinity, model: trainer.model, waited: 0))
    let stopping = Callback.each { event in
      guard case .epoch(let epoch, _) = event else { return true }
      let loss = epoch.validation["loss"] ?? .infinity
      return best.withLock { best in
        if loss < best.loss { best = (loss, trainer.model, 0) } else { best.waited += 1 }
        return best.waited < 2
      }
    }
    let report = try trainer.fit(
      digits.training.batched(64), validation: digits.test, epochs: 12,
      callbacks: [stopping])
    try trainer.replaceModel(best.withLock { $0.model })

    let losses = report.epochs.compactMap { $0.validation["loss"] }
    let loss = try trainer.evaluate(digits.test)["loss"]
    #expect(loss == losses.min())
  }

  @Test func progress() throws {
    let digits = try Digits.shipped()
    let trainer = try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: Adam())
    let lines = Mutex([String]())
    @Sendable func log(_ line: String) { lines.withLock { $0.append(line) } }

    let everyFifth = Callback.each { event in
      if case .step(let progress) = event, progress.stepCount % 5 == 0 {
        log("step \(progress.stepCount): mean loss \(progress.means[0])")
      }
      return true
    }
    try trainer.fit(digits.training.batched(64), epochs: 1, callbacks: [everyFifth])
    #expect(lines.withLock { $0.count } >= 2)
  }
}
