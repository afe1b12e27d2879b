import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import Synchronization
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct CallbackTests {
  /// Training whose validation loss goes up and down.
  private func restless() throws -> Trainer<SmallNetwork, Batch> { try smallTrainer(seed: 4, SGD(learningRate: 0.9)) }
  private let data: (training: Batches, held: Examples)

  init() throws { data = (try points(24).batched(8, seed: 2), try points(12, seed: 5)) }

  private func losses(_ report: TrainingReport) -> [Double] { report.epochs.compactMap { $0.validation["loss"] } }

  /// A callback that ends training by an error after a number of steps, as a process that dies does.
  private func dying(after count: Int) -> Callback {
    .each { event in
      if case .step(let progress) = event, progress.stepCount == count { throw TrainingError("the end") }
      return true
    }
  }

  // MARK: Early stopping

  @Test func earlyStoppingGoesBackToTheBest() throws {
    let trainer = try restless()
    let report = try trainer.fit(
      data.training, validation: data.held, epochs: 60, callbacks: [.earlyStopping(patience: 3)])
    let found = losses(report)
    let best = try #require(found.indices.min { found[$0] < found[$1] })
    #expect(found.count == best + 4 && found.count < 60)
    #expect(report.stopReason == "the validation loss was best in epoch \(best + 1), \(found[best])")
    #expect(try trainer.evaluate(data.held)["loss"] == found[best])

    // Without going back, the last model is kept.
    let other = try restless()
    let kept = try other.fit(
      data.training, validation: data.held, epochs: 60,
      callbacks: [.earlyStopping(patience: 3, restoringBest: false)])
    #expect(losses(kept) == found)
    #expect(try other.evaluate(data.held)["loss"] == found.last)
  }

  /// Ended in the middle of any epoch and gone on with, training stops in the same epoch, with the same model.
  @Test(arguments: [1, 5, 9, 14]) func earlyStoppingGoesOnWhereItWas(_ steps: Int) throws {
    let whole = try restless()
    let report = try whole.fit(
      data.training, validation: data.held, epochs: 60, callbacks: [.earlyStopping(patience: 3)])
    try withTemporaryFolder { folder in
      let checkpoints = Callback.checkpoint(folder, every: 0, resuming: true)
      #expect(
        fault {
          try restless().fit(
            data.training, validation: data.held, epochs: 60,
            callbacks: [.earlyStopping(patience: 3), checkpoints, dying(after: steps)])
        } == "training: the end")
      let resumed = try restless()
      let second = try resumed.fit(
        data.training, validation: data.held, epochs: 60, callbacks: [.earlyStopping(patience: 3), checkpoints])
      #expect(losses(second) == losses(report) && second.stopReason == report.stopReason)
      #expect(try values(resumed.model) == values(whole.model))
      // Where it has stopped, it stops again at once.
      let third = try restless()
      try third.fit(
        data.training, validation: data.held, epochs: 60, callbacks: [.earlyStopping(patience: 3), checkpoints])
      #expect(try values(third.model) == values(whole.model))
    }
  }

  @Test func whatCannotBeFollowedIsTold() throws {
    func text(_ callback: Callback, validation: Examples? = nil) -> String {
      fault { try smallTrainer().fit(points(8).batched(4), validation: validation, epochs: 2, callbacks: [callback]) }
    }
    #expect(
      text(.earlyStopping()).hasPrefix("fit: is to follow the validation loss, but was given no validation set"))
    #expect(
      text(.earlyStopping(.validation("recall", .largest)), validation: data.held)
        .hasPrefix("fit: is to follow the validation recall, but there are only loss, accuracy"))
    #expect(text(.earlyStopping(patience: 0)).hasPrefix("earlyStopping: the patience is 0; it must be at least 1"))
    #expect(
      fault {
        try smallTrainer().fit(
          points(8).batched(4), epochs: 1,
          callbacks: [.earlyStopping(.training()), .earlyStopping(.training(), patience: 2)])
      }.hasPrefix("fit: two callbacks are called 'early stopping by loss'"))
  }

  @Test func monitoredNumbersAreComparedByTheirGoal() {
    let (loss, accuracy) = (MonitoredNumber.validation(), MonitoredNumber.training("accuracy", .largest))
    #expect(loss.isBetter(1, than: 2) && !loss.isBetter(2, than: 1) && !loss.isBetter(1, than: 1))
    #expect(accuracy.isBetter(2, than: 1) && !accuracy.isBetter(1, than: 2))
    #expect(loss.isBetter(5, than: nil) && !loss.isBetter(.nan, than: nil) && !loss.isBetter(.nan, than: 3))
    #expect(!loss.isBetter(1.9, than: 2, by: 0.2) && loss.isBetter(1.7, than: 2, by: 0.2))
  }

  // MARK: The best model

  @Test func theBestModelIsKept() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/deep/best.safetensors"
      let trainer = try restless()
      let report = try trainer.fit(
        data.training, validation: data.held, epochs: 9, callbacks: [.best(path, by: .validation("accuracy", .largest))]
      )
      let accuracies = report.epochs.compactMap { $0.validation["accuracy"] }
      let model = try SmallNetwork().loading(path)
      let judge = try Trainer(
        model, loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 0), metrics: [.accuracy])
      #expect(try judge.evaluate(data.held)["accuracy"] == accuracies.max())
      let (_, metadata) = try Safetensors.read(path)
      let best = try #require(accuracies.firstIndex(of: accuracies.max() ?? 0))
      #expect(metadata["epoch"] == "\(best + 1)" && metadata["validation accuracy"] == "\(accuracies[best])")
    }
  }

  // MARK: Own callbacks

  /// Counts, and keeps a tensor: the sum of the first weights that it saw.
  private struct Counting: TrainingCallback {
    struct State: Codable, Sendable {
      var steps = 0
      var sums: [Tensor] = []
    }
    let seen: Shared<[State]>
    let name = "counting"
    func initialState() -> State { State() }
    func step(_ training: TrainingContext, state: inout State) throws {
      state.steps += 1
      let weight = try #require(try training.tensors()["hidden.weight"])
      state.sums.append(weight.sum())
    }
    func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
      let state = state
      seen.change { $0.append(state) }
    }
  }

  @Test func ownStateIsKeptWithCheckpoints() throws {
    let (whole, parts) = (Shared<[Counting.State]>([]), Shared<[Counting.State]>([]))
    try smallTrainer().fit(points(24).batched(8), epochs: 2, callbacks: [Callback(Counting(seen: whole))])
    try withTemporaryFolder { folder in
      let checkpoints = Callback.checkpoint(folder, every: 0, resuming: true)
      for steps in [4, 7] {
        _ = fault {
          try smallTrainer().fit(
            points(24).batched(8), epochs: 2,
            callbacks: [Callback(Counting(seen: parts)), checkpoints, dying(after: steps)])
        }
      }
    }
    let (a, b) = (try #require(whole.value.last), try #require(parts.value.last))
    #expect(a.steps == 6 && b.steps == 6)
    #expect(try a.sums.map { try $0.item() } == b.sums.map { try $0.item() })
  }

  /// A callback sees the model as what it is, its numbers, and may change settings.
  @Test func contextsShowAndChange() throws {
    struct Looking: TrainingCallback {
      typealias State = StatelessCallback
      let name = "looking"
      func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
        let model: SmallNetwork = try training.model()
        let weights = try #require(model.output.weight.tensor)
        #expect(try weights.scalars() == training.tensors()["output.weight"]?.scalars())
        #expect(try training.trainedPaths().contains("output.weight"))
        #expect(try !training.trainedPaths().contains("normalization.mean"))
        #expect(throws: TensorError.self) { let _: Dense = try training.model() }
        #expect(training.numbers.names == ["loss", "accuracy"] && training.report.epochs.count == epoch.number)
        #expect(training.description.modelType == "SmallNetwork" && training.description.metrics == ["accuracy"])
        try training.scaleHyperparameter("learningRate", by: 0.5)
        if epoch.number == 2 { training.stop(because: "two will do") }
      }
    }
    let trainer = try smallTrainer(SGD(learningRate: 0.5))
    let report = try trainer.fit(points(8).batched(4), epochs: 5, callbacks: [Callback(Looking())])
    #expect(report.epochs.count == 2 && report.stopReason == "two will do")
    #expect("\(trainer.optimizer)".hasPrefix("SGD(learningRate: 0.125, "))
    #expect(
      fault { try trainer.fit(points(8).batched(4), epochs: 1, callbacks: [Callback(Misled())]) }
        .contains("optimizer: has no hyper-parameter 'rate'; it has decoupledWeightDecay, learningRate"))
  }

  private struct Halving: TrainingCallback {
    typealias State = StatelessCallback
    let name = "halving"
    func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
      try training.scaleHyperparameter("learningRate", by: 0.5)
    }
  }

  /// What a callback has set is still so after a run has gone on.
  @Test func settingsAreKeptWithCheckpoints() throws {
    let whole = try smallTrainer(SGD(learningRate: 0.5))
    try whole.fit(points(24).batched(8), epochs: 3, callbacks: [Callback(Halving())])
    try withTemporaryFolder { folder in
      let callbacks = [Callback(Halving()), .checkpoint(folder, every: 0, resuming: true)]
      for steps in [4, 8] {
        _ = fault {
          try smallTrainer(SGD(learningRate: 0.5)).fit(
            points(24).batched(8), epochs: 3, callbacks: callbacks + [dying(after: steps)])
        }
      }
      let resumed = try smallTrainer(SGD(learningRate: 0.5))
      try resumed.fit(points(24).batched(8), epochs: 3, callbacks: callbacks)
      #expect(try values(resumed.model) == values(whole.model))
      #expect("\(resumed.optimizer)" == "\(whole.optimizer)")
    }
  }

  /// Sets momentum, after which the optimizer remembers something or nothing any more.
  private struct Switching: TrainingCallback {
    typealias State = StatelessCallback
    let name = "switching"
    let momenta: [Double]
    func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
      try training.setHyperparameter("momentum", to: momenta[epoch.number - 1])
    }
  }

  /// A setting of 0 is left out of plan and memory: a run that goes on from before or after such a change has the same bits.
  @Test(arguments: [[0.0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0]]) func settingsOfZeroAreKeptWithCheckpoints(
    momenta: [Double]
  ) throws {
    let rule = SGD(learningRate: 0.1, momentum: momenta[0] == 0 ? 0.9 : 0)
    let switching = Callback(Switching(momenta: momenta))
    let whole = try smallTrainer(rule)
    try whole.fit(points(24).batched(8), epochs: 3, callbacks: [switching])
    for steps in 2...8 {
      try withTemporaryFolder { folder in
        let callbacks = [switching, .checkpoint(folder, every: 0, resuming: true)]
        _ = fault {
          try smallTrainer(rule).fit(points(24).batched(8), epochs: 3, callbacks: callbacks + [dying(after: steps)])
        }
        let resumed = try smallTrainer(rule)
        try resumed.fit(points(24).batched(8), epochs: 3, callbacks: callbacks)
        #expect(try values(resumed.model) == values(whole.model), "killed after step \(steps)")
        // What is refused changes no setting.
        let other = try Trainer(
          Dense(units: 3), loss: softmaxCrossEntropy, optimizer: rule, metrics: [.accuracy], seed: 1)
        #expect(
          fault { try other.fit(points(24).batched(8), epochs: 3, callbacks: callbacks) }.contains("another model"))
        #expect(other.optimizer.description == rule.description)
      }
    }
  }

  /// Each callback is told of the end, whatever those before it throw.
  @Test func allAreToldOfTheEnd() throws {
    struct Ending: TrainingCallback {
      typealias State = StatelessCallback
      let name: String
      let told: Shared<[String]>
      func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
        told.change { $0.append(name) }
        throw TrainingError("\(name) cannot end")
      }
    }
    let told = Shared<[String]>([])
    let callbacks = ["a", "b"].map { Callback(Ending(name: $0, told: told)) }
    let found = fault { try smallTrainer().fit(points(8).batched(4), epochs: 1, callbacks: callbacks) }
    #expect(found == "training: a cannot end" && told.value == ["a", "b"])
  }

  private struct Misled: TrainingCallback {
    typealias State = StatelessCallback
    let name = "misled"
    func begin(_ training: TrainingContext, state: inout State) throws {
      try training.scaleHyperparameter("rate", by: 2)
    }
  }

  // MARK: Monitors

  /// Takes down what others record.
  private struct Taking: TrainingCallback {
    typealias State = StatelessCallback
    let taken: Shared<[(step: Int, record: TrainingRecord)]>
    let name = "taking"
    func write(
      _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
    ) throws {
      let step = training.progress.stepCount
      taken.change { $0 += records.map { (step, $0) } }
    }
  }

  @Test func monitorsRecord() throws {
    let taken = Shared<[(step: Int, record: TrainingRecord)]>([])
    let rate = LearningRate.step(initial: 0.1, every: 2, factor: 0.5)
    let trainer = try smallTrainer(SGD(learningRate: rate))
    try trainer.fit(
      points(12).batched(4), epochs: 2,
      callbacks: [
        .learningRate(), .gradientNorms(everySteps: 2, byParameter: true), .histograms(everySteps: 4),
        .pictures("weights", everyEpochs: 2) { (model: SmallNetwork) in
          [try Picture(width: 2, height: 1, channels: 1, pixels: [0, UInt8(model.hidden.units)])]
        },
        Callback(Taking(taken: taken)),
      ])
    func numbers(_ name: String) -> [Double] {
      taken.value.compactMap { entry in
        guard entry.record.name == name, case .number(let value) = entry.record.content else { return nil }
        return value
      }
    }
    #expect(numbers("learning rate") == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025])
    let (norms, weights) = (numbers("gradient norm"), numbers("gradient norm/hidden.weight"))
    #expect(norms.count == 3 && weights.count == 3 && zip(norms, weights).allSatisfy { $0 > $1 && $1 > 0 })
    let histograms = taken.value.filter { if case .histogram = $0.record.content { true } else { false } }
    #expect(Set(histograms.map(\.step)) == [1, 5])
    #expect(histograms.contains { $0.record.name == "gradients/hidden.weight" })
    guard
      case .histogram(let histogram)? = histograms.first(where: { $0.record.name == "weights/hidden.weight" })?
        .record.content
    else {
      Issue.record("there is no histogram of the weights")
      return
    }
    #expect(histogram.count == 32)
    let pictures = taken.value.filter { if case .picture = $0.record.content { true } else { false } }
    #expect(pictures.map(\.step) == [6] && pictures.map(\.record.name) == ["weights"])
  }

  /// The norms are those of the gradients; looking changes nothing of the training.
  @Test func observingChangesNothing() throws {
    let (norms, gradients) = (Shared<[[String: Double]]>([]), Shared<[[String: Double]]>([]))
    struct Watching: TrainingCallback {
      typealias State = StatelessCallback
      let norms: Shared<[[String: Double]]>
      let gradients: Shared<[[String: Double]]>
      let name = "watching"
      func observation(ofStep number: Int) -> StepObservation {
        StepObservation(gradientNorms: true, gradients: number % 2 == 0, refusesNonFinite: number > 2)
      }
      func step(_ training: TrainingContext, state: inout State) throws {
        let (a, b) = (training.gradientNorms, try training.gradients.mapValues { try $0.norm().item() })
        norms.change { $0.append(a) }
        gradients.change { $0.append(b) }
      }
    }
    let (plain, watched) = (try smallTrainer(), try smallTrainer())
    try plain.fit(points(24).batched(8), epochs: 2)
    try watched.fit(
      points(24).batched(8), epochs: 2, callbacks: [Callback(Watching(norms: norms, gradients: gradients))])
    #expect(try values(plain.model) == values(watched.model))
    #expect(gradients.value.map(\.isEmpty) == [true, false, true, false, true, false])
    for (a, b) in zip(norms.value, gradients.value) where !b.isEmpty {
      #expect(a.keys == b.keys && a.count == 6)
      for (path, norm) in b { #expect(abs(norm - (a[path] ?? 0)) <= 1e-6 * norm, "\(path)") }
    }
  }

  @Test func timeIsAccountedFor() throws {
    let trainer = try smallTrainer()
    let start = ContinuousClock.now
    let report = try trainer.fit(points(12).batched(4), validation: points(4), epochs: 2, callbacks: [.timing])
    let seconds = start.duration(to: .now).seconds
    #expect(report.timing.steps > 0 && report.timing.validation > 0 && report.timing.batches > 0)
    #expect(report.timing.total <= seconds && report.timing.checkpoints == 0)
    #expect(report.timing.description.split(separator: "\n").count == 5)
  }

  // MARK: Reported numbers

  /// What layers report reaches the report, averaged over the examples of the batches that had it.
  @Test func reportedMetricsAreAveraged() throws {
    struct Reporting: Layer {
      var output = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor {
        Run.current.report(metric: Tensor(Double(x.shape[0])), named: "size")
        Run.current.report(metric: Tensor(7), named: "accuracy")
        if x.shape[0] == 4 { Run.current.report(metric: Tensor(1), named: "whole") }
        return output(x)
      }
    }
    let trainer = try Trainer(
      Reporting(), loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 0), metrics: [.accuracy])
    let report = try trainer.fit(points(10).batched(4), validation: points(6).batched(4, shuffled: false), epochs: 1)
    let (training, held) = (report.epochs[0].training, report.epochs[0].validation)
    #expect(training.names == ["loss", "accuracy", "size", "accuracy (reported)", "whole"], "\(training.names)")
    // 4, 4 and 2 examples.
    #expect(training["size"] == 3.6 && training["whole"] == 1 && training["accuracy (reported)"] == 7)
    #expect(held["size"] == 20.0 / 6 && (held["accuracy"] ?? 7) <= 1)
  }
}
