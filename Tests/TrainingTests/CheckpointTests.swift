import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

@Suite struct CheckpointTests {
  private static let epochs = 3

  private func fit(
    _ trainer: Trainer<SmallNetwork, Batch>, _ folder: String? = nil, every: Double = 1e9, keeping: Int = 2,
    until step: Int? = nil, resuming: Bool = false
  ) throws -> TrainingReport {
    var callbacks: [Callback] = []
    if let folder { callbacks.append(.checkpoint(folder, every: every, keeping: keeping, resuming: resuming)) }
    callbacks.append(
      .each { event in
        guard case .step(let progress) = event, let step else { return true }
        return progress.stepCount < step
      })
    return try trainer.fit(
      points(26).batched(8, seed: 5), validation: points(6, seed: 2), epochs: Self.epochs, callbacks: callbacks)
  }

  /// What of a report does not depend on time.
  private func means(_ report: TrainingReport) -> [[Means]] {
    report.epochs.map { [$0.training, $0.validation] }
  }

  /// A run that was ended after some step, in the middle of an epoch or at its end, goes on as if it had not been.
  @Test(arguments: [1, 4, 6, 11]) func resumedEqualsUninterrupted(_ stop: Int) throws {
    let whole = try smallTrainer()
    let report = try fit(whole)
    try withTemporaryFolder { folder in
      let first = try fit(smallTrainer(), folder, until: stop)
      #expect(first.stepCount == stop)
      let second = try smallTrainer()
      let resumed = try fit(second, folder, resuming: true)
      #expect(means(resumed) == means(report))
      #expect(resumed.stepCount == report.stepCount)
      #expect(try values(second.model) == values(whole.model))
      // The optimizer's memory, too: the next steps are the same.
      #expect(means(try fit(second)) == means(try fit(whole)))
    }
  }

  @Test func aFinishedRunHasNothingLeftToDo() throws {
    try withTemporaryFolder { folder in
      let report = try fit(smallTrainer(), folder)
      let trainer = try smallTrainer()
      let again = try fit(trainer, folder, resuming: true)
      #expect(again.epochs == report.epochs)
      #expect(again.stepCount == report.stepCount)
      #expect(try !values(trainer.model).isEmpty)
    }
  }

  @Test func theLatestAreKept() throws {
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, every: 0, keeping: 3, until: 7)
      #expect(try names(in: folder) == (5...7).map { "checkpoint-00000000\($0).safetensors" })
      #expect(try Checkpoint(readingFrom: folder + "/checkpoint-000000007.safetensors").position.batch == 3)
    }
  }

  /// Each fault of a file is one line that names it, and training goes on from the checkpoint before.
  @Test(arguments: ["truncated", "flipped", "empty", "directory", "text", "another kind"])
  func damageIsToldAndAnOlderCheckpointServes(_ damage: String) throws {
    let whole = try smallTrainer()
    _ = try fit(whole)
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, every: 0, until: 6)
      let last = folder + "/checkpoint-000000006.safetensors"
      var data = try bytes(of: last)
      switch damage {
      case "truncated": data.removeLast(data.count / 3)
      case "flipped": data[data.count - 5] ^= 1
      case "empty": data = Data()
      case "text": data = Data("this is no checkpoint".utf8)
      case "another kind":
        try Safetensors.write(["a": Tensor([1])], to: last)
        data = try bytes(of: last)
      default: break
      }
      try FileManager.default.removeItem(atPath: last)
      if damage == "directory" {
        try FileManager.default.createDirectory(atPath: last + "/inside", withIntermediateDirectories: true)
      } else {
        try data.write(to: URL(fileURLWithPath: last))
      }
      let text = fault { _ = try Checkpoint(readingFrom: last) }
      #expect(text.hasPrefix(last + ": ") && !text.contains("\n"), "\(text)")
      let warnings = Shared<[String]>([])
      let found = try CheckpointFolder(path: folder, keeping: 2).latest { line in warnings.change { $0.append(line) } }
      #expect(found?.file == folder + "/checkpoint-000000005.safetensors")
      #expect(warnings.value == ["\(text); going back to an earlier checkpoint"])
      if damage == "directory" { return }
      let trainer = try smallTrainer()
      _ = try fit(trainer, folder, keeping: 1, resuming: true)
      #expect(try values(trainer.model) == values(whole.model))
    }
  }

  /// A later file that is damaged does not take the place of one that is good.
  @Test func damagedFilesAreNotCountedAsKept() throws {
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, every: 0, keeping: 4, until: 8)
      for step in 7...8 {
        try Data().write(to: URL(fileURLWithPath: folder + "/checkpoint-00000000\(step).safetensors"))
      }
      _ = try fit(smallTrainer(), folder, every: 1e9, keeping: 1, until: 7, resuming: true)
      #expect(try Checkpoint(readingFrom: folder + "/checkpoint-000000007.safetensors").position.stepCount == 7)
    }
  }

  @Test func whereNoneCanBeReadTrainingDoesNotBegin() throws {
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, every: 0, until: 3)
      for name in try names(in: folder) { try Data().write(to: URL(fileURLWithPath: folder + "/" + name)) }
      let text = fault { _ = try fit(smallTrainer(), folder, resuming: true) }
      #expect(text == "\(folder)/checkpoint-000000003.safetensors: is empty")
      #expect(try names(in: folder).count == 2)
    }
  }

  /// Whatever byte of a file is changed, it is refused or says the very same.
  @Test func everyChangedByteIsNoticed() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint"
      let position = Checkpoint.Position(
        stepCount: 3, epoch: 1, batch: 2, batchCount: 4, exampleCount: 30, seed: 9, names: ["loss"],
        totals: EpochTotals([]), epochSeconds: 0.5, epochs: [])
      let tensors = ["step": Tensor(integers: [3], shape: [], .int64), "model.w": Tensor([1, 2])]
      try Checkpoint(tensors: tensors, position: position, optimizer: "").write(to: path)
      let data = try bytes(of: path)
      for place in data.indices {
        var changed = data
        changed[place] ^= UInt8(1 << (place % 8))
        try changed.write(to: URL(fileURLWithPath: path))
        guard let read = try? Checkpoint(readingFrom: path) else { continue }
        #expect(read.position == position, "byte \(place)")
        #expect(try read.tensors.mapValues { try $0.scalars() } == ["step": [3], "model.w": [1, 2]], "byte \(place)")
      }
      for count in stride(from: 0, to: data.count, by: 7) {
        try data.prefix(count).write(to: URL(fileURLWithPath: path))
        #expect(throws: (any Error).self) { try Checkpoint(readingFrom: path) }
      }
    }
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, until: 2)
      let file = folder + "/checkpoint-000000002.safetensors"
      let resuming: [Callback] = [.checkpoint(folder, resuming: true)]
      let batches = try points(26).batched(8, seed: 5)
      let seed = fault { try smallTrainer(seed: 2).fit(batches, epochs: 1, callbacks: resuming) }
      #expect(
        seed == "\(file): is of a run with seed 1, 26 examples in 4 batches, and loss, accuracy;"
          + " this one has seed 2, 26 examples in 4 batches, and loss, accuracy. Give fit the same batches and the trainer"
          + " the same seed and metrics to go on with that run; to begin another one with its parameters, start from"
          + " model.loading(\"\(file)\"), with a directory of its own or without resuming")
      let size = fault { try smallTrainer().fit(points(26).batched(5), epochs: 1, callbacks: resuming) }
      #expect(size.contains("this one has seed 1, 26 examples in 6 batches, and loss, accuracy. Give fit the same"))
      let data = fault { try smallTrainer().fit(points(25).batched(8), epochs: 1, callbacks: resuming) }
      #expect(data.contains("this one has seed 1, 25 examples in 4 batches, and loss, accuracy. Give fit the same"))
      let metrics = fault { try smallTrainer(metrics: []).fit(batches, epochs: 1, callbacks: resuming) }
      #expect(metrics.contains("this one has seed 1, 26 examples in 4 batches, and loss. Give fit the same"))
      let optimizer = fault {
        try smallTrainer(SGD(learningRate: 0.1)).fit(batches, epochs: 1, callbacks: resuming)
      }
      #expect(
        optimizer.hasPrefix(
          "\(file): is a checkpoint of another model or optimizer: the tensor optimizer.hidden.bias.first"),
        "\(optimizer)")
      struct Other: Layer {
        var output = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor { output(x) }
      }
      let other = try Trainer(
        Other(), loss: softmaxCrossEntropy, optimizer: Adam(), metrics: [.accuracy], seed: 1)
      let model = fault { try other.fit(batches, epochs: 1, callbacks: resuming) }
      #expect(model.contains("is a checkpoint of another model or optimizer: the tensor"), "\(model)")
      // Both shapes of all that differs, in a model that has its sizes.
      struct Wider: Layer {
        var hidden = Dense(units: 9)
        var normalization = BatchNorm()
        var output = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(normalization(hidden(x)))) }
      }
      let bound = try Wider().initialized(for: sample([2, 4], .float32), seed: 1)
      let wider = try Trainer(
        bound, loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 1), metrics: [.accuracy], seed: 1)
      let shapes = fault { try wider.fit(batches, epochs: 1, callbacks: resuming) }
      #expect(
        shapes.contains("the tensor model.hidden.weight is float32[4, 8], where float32[4, 9] is needed"), "\(shapes)")
      #expect(
        shapes.contains("the tensor model.output.weight is float32[8, 3], where float32[9, 3] is needed"), "\(shapes)")
      #expect(shapes.contains("; and "), "\(shapes)")
      // Nothing of this has touched the file.
      #expect(try names(in: folder) == ["checkpoint-000000002.safetensors"])
    }
  }

  /// What the message about another run says to do.
  @Test func aCheckpointIsLoadedAsAModel() throws {
    try withTemporaryFolder { folder in
      let trainer = try smallTrainer()
      _ = try fit(trainer, folder, until: 4)
      let file = folder + "/checkpoint-000000004.safetensors"
      let loaded = try SmallNetwork().loading(file)
      #expect(try values(loaded) == values(trainer.model))
      #expect(loaded.normalization.mean.role == .statistic)
      let other = try Trainer(loaded, loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 0), seed: 9)
      try other.fit(points(26).batched(13), epochs: 1)
      #expect(try other.model.hidden.weight.tensor?.scalars() == loaded.hidden.weight.tensor?.scalars())
      struct Other: Layer {
        var hidden = Dense(units: 8)
        func callAsFunction(_ x: Tensor) -> Tensor { hidden(x) }
      }
      let text = fault { _ = try Other().loading(file) }
      #expect(text.hasPrefix("\(file): has the tensors ") && text.contains("normalization.mean"), "\(text)")
    }
  }

  /// A run that begins anew neither mixes with an earlier one's checkpoints nor drops them.
  @Test func earlierRunsAreSetAside() throws {
    try withTemporaryFolder { folder in
      _ = try fit(smallTrainer(), folder, every: 0, until: 7)
      _ = try fit(smallTrainer(seed: 2), folder, until: 2)
      _ = try fit(smallTrainer(seed: 3), folder, until: 3)
      #expect(try names(in: folder) == ["checkpoint-000000003.safetensors", "earlier-1", "earlier-2"])
      #expect(try names(in: folder + "/earlier-1").count == 2)
      #expect(try Checkpoint(readingFrom: folder + "/earlier-2/checkpoint-000000002.safetensors").position.seed == 2)
    }
  }

  @Test func whatAKilledProcessLeftIsRemoved() throws {
    try withTemporaryFolder { folder in
      let litter = folder + "/checkpoint-000000009.safetensors.partial"
      try Data("half".utf8).write(to: URL(fileURLWithPath: litter))
      try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
      _ = try fit(smallTrainer(), folder, until: 1)
      #expect(try names(in: folder) == ["checkpoint-000000001.safetensors", "notes.txt"])
    }
  }

  @Test func directoriesThatAreNone() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/file"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
      #expect(fault { _ = try fit(smallTrainer(), file, until: 1) } == "\(file): is a file, not a directory")
      #expect(
        fault { _ = try fit(smallTrainer(), file + "/within", until: 1) }
          == "\(file): is a file, not a directory")
      #expect(fault { _ = try fit(smallTrainer(), file, resuming: true) } == "\(file): is a file, not a directory")
      #expect(try bytes(of: file) == Data("mine".utf8))
    }
  }

  @Test func aMetricThatIsNoNumberCanBeSaved() throws {
    let odd = Metric("odd") { prediction, _ in (prediction - prediction).sum() / 0 }
    try withTemporaryFolder { folder in
      let data = try points(8).batched(4)
      let trainer = try smallTrainer(metrics: [odd])
      let report = try trainer.fit(data, epochs: 1, callbacks: [.checkpoint(folder)])
      #expect(report.epochs[0].training["odd"]?.isNaN == true)
      let found = try CheckpointFolder(path: folder, keeping: 1).latest { _ in }
      #expect(found?.checkpoint.position.epochs[0].training["odd"]?.isNaN == true)
    }
  }
}
