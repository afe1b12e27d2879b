import Descent
import Foundation
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

  @Test func severalCallbacks() throws {
    let digits = try Digits.shipped()
    let place = TemporaryFolder()
    defer { place.remove() }
    let folder = place.path
    let trainer = try Trainer(
      Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-2), metrics: [.accuracy])

    let report = try trainer.fit(
      digits.training.batched(64), validation: digits.test, epochs: 12,
      callbacks: [
        .earlyStopping(.validation("accuracy", .largest), patience: 2),
        .csv(folder + "/log.csv"), .learningRate(), .finiteGuard,
      ])
    print(report.stopReason ?? "all epochs are done")

    let accuracies = report.epochs.compactMap { $0.validation["accuracy"] }
    let accuracy = try trainer.evaluate(digits.test)["accuracy"]
    #expect(accuracy == accuracies.max())
    let log = try String(contentsOfFile: folder + "/log.csv", encoding: .utf8)
    #expect(log.split(separator: "\n").count == accuracies.count + 1)
  }

  /// Halves the learning rate where the loss has risen.
  struct Halving: TrainingCallback {
    struct State: Codable, Sendable { var last = Double.infinity }
    let name = "halving"

    func initialState() -> State { State() }

    func epoch(
      _ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State
    ) throws {
      let loss = epoch.training["loss"] ?? .nan
      if loss > state.last {
        try training.scaleHyperparameter("learningRate", by: 0.5)
      }
      state.last = loss
    }
  }

  @Test func callbackOfOnesOwn() throws {
    let digits = try Digits.shipped()
    let trainer = try Trainer(Classifier(), loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 50))

    try trainer.fit(
      digits.training.batched(64), epochs: 5, callbacks: [Callback(Halving())])

    let rate = try #require(try trainer.optimizer.rate?(Tensor(1, .float64)).item())
    #expect(rate < 50)
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
