import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct RunDirectoryTests {
  private func fit(
    _ path: String, epochs: Int = 2, resuming: Bool = false, seed: UInt64 = 1, metrics: [Metric] = [.accuracy],
    notes: [String: String] = [:], _ callbacks: [Callback] = []
  ) throws -> Trainer<SmallNetwork, Batch> {
    let trainer = try smallTrainer(seed: seed, metrics: metrics)
    try trainer.fit(
      points(24).batched(8), validation: points(8, seed: 3), epochs: epochs,
      callbacks: callbacks + [
        .run(path, resuming: resuming, best: .validation(), everySteps: 2, checkpointEvery: 0, notes: notes)
      ])
    return trainer
  }

  private func dying(after count: Int) -> Callback {
    .each { event in
      if case .step(let progress) = event, progress.stepCount == count { throw TrainingError("the end") }
      return true
    }
  }

  @Test func everythingIsKept() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/runs/first"
      let trainer = try fit(
        path, notes: ["aim": "to see"],
        [.pictures("sheet") { (_: SmallNetwork) in [try Picture(width: 2, height: 2)] }, .learningRate()])
      let run = RunDirectory(path)
      #expect(run.isRun && !run.isInUse)
      let configuration = try run.configuration()
      #expect(configuration.training.modelType == "SmallNetwork" && configuration.training.seed == 1)
      #expect(configuration.training.optimizer == "\(trainer.optimizer)" && configuration.training.batches == 3)
      #expect(configuration.command == CommandLine.arguments && configuration.versions["Descent"] == descentVersion)
      #expect(configuration.modelSummary == trainer.model.summary && configuration.notes == ["aim": "to see"])
      let summary = try run.summary()
      #expect(summary.status == .finished && summary.error == nil && summary.report.epochs.count == 2)
      #expect(summary.report.epochs[1].number == 2 && summary.report.stepCount == 6)
      let losses = summary.report.epochs.compactMap { $0.validation["loss"] }
      let best = try #require(summary.best(.validation()))
      #expect(best.value == losses.min() && best.epoch == (losses[0] <= losses[1] ? 1 : 2))
      _ = try SmallNetwork().loading(path + "/best.safetensors")
      let log = String(decoding: try bytes(of: path + "/log.jsonl"), as: UTF8.self).split(separator: "\n")
      #expect(log.count == 5 && log[0].hasPrefix("{\"step\": 1, \"numbers\": {\"loss\": "))
      #expect(
        try names(in: path + "/pictures") == ["step-000000003", "step-000000006"]
          && names(in: path + "/pictures/step-000000006") == ["sheet.png"])
      #expect(try names(in: path + "/checkpoints").count == 2)
      #expect(try names(in: path + "/curves") == ["accuracy.svg", "loss.svg"])
      #expect(try RunDirectory.all(in: folder) == [run])
    }
  }

  /// A run that was ended goes on in its directory with the same bits, and its error is told until then.
  @Test func runsGoOn() throws {
    try withTemporaryFolder { folder in
      let whole = try fit(folder + "/whole")
      #expect(fault { _ = try fit(folder + "/parts", [dying(after: 4)]) } == "training: the end")
      let run = RunDirectory(folder + "/parts")
      let summary = try run.summary()
      #expect(summary.status == .failed && summary.error == "training: the end" && summary.report.epochs.count == 1)
      let resumed = try fit(folder + "/parts", resuming: true)
      #expect(try values(resumed.model) == values(whole.model))
      #expect(try run.summary().status == .finished && run.summary().report.epochs.count == 2)
      // More epochs of a run that has finished.
      #expect(try fit(folder + "/parts", epochs: 3, resuming: true).evaluate(points(8)).count == 2)
      #expect(try run.summary().report.epochs.count == 3)
    }
  }

  /// However its path is spelled, a run knows its best model, and how many epochs are asked for.
  @Test func runsGoOnByAnotherSpelling() throws {
    try withTemporaryFolder { folder in
      _ = try fit(folder + "/run")
      _ = try fit(folder + "/whole", epochs: 3)
      _ = try fit(folder + "//run/", epochs: 3, resuming: true)
      #expect(try RunDirectory(folder + "/run").configuration().training.epochs == 3)
      #expect(try bytes(of: folder + "/run/best.safetensors") == bytes(of: folder + "/whole/best.safetensors"))
      let (one, other) = (folder + "/run/best.safetensors", "./run//best.safetensors")
      #expect(BestModel(path: one, number: .training()).name == BestModel(path: other, number: .training()).name)
    }
  }

  /// A callback that begins with nothing remembered takes what the file says.
  @Test func theFileSaysHowGoodItsModelIs() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/best.safetensors"
      let trainer = try smallTrainer()
      try trainer.fit(points(8).batched(4), epochs: 1, callbacks: [.best(path, by: .training())])
      let (tensors, _) = try Safetensors.read(path)
      try evaluate(Array(tensors.values))
      try Safetensors.write(tensors, metadata: ["step": "2", "loss": "-1"], to: path)
      let before = try bytes(of: path)
      try trainer.fit(points(8).batched(4), epochs: 1, callbacks: [.best(path, by: .training())])
      #expect(try bytes(of: path) == before)
    }
  }

  /// A training that does not begin leaves the directory to others.
  @Test func whatDoesNotBeginHoldsNoLock() throws {
    try withTemporaryFolder { folder in
      struct Refusing: TrainingCallback {
        typealias State = StatelessCallback
        let name = "refusing"
        func prepare(_ training: TrainingDescription) throws { throw TrainingError("not now") }
      }
      let recorder = RunRecorder(run: RunDirectory(folder + "/run"), isResuming: false, notes: [:])
      let callbacks = [Callback(recorder), Callback(Refusing())]
      let found = fault { try smallTrainer().fit(points(8).batched(4), epochs: 1, callbacks: callbacks) }
      #expect(found == "training: not now" && !RunDirectory(folder + "/run").isInUse)
    }
  }

  @Test func linksAreNotFollowed() throws {
    try withTemporaryFolder { folder in
      _ = try fit(folder + "/runs/a")
      let manager = FileManager.default
      try manager.createSymbolicLink(atPath: folder + "/runs/loop", withDestinationPath: folder + "/runs")
      try manager.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/runs/a")
      #expect(try RunDirectory.all(in: folder) == [RunDirectory(folder + "/runs/a")])
      #expect(fault { try RunDirectory(folder + "/link/").delete() }.contains("is a symbolic link"))
      _ = try fit(folder + "/b")
      try manager.moveItem(atPath: folder + "/b", toPath: folder + "/runs/a/b")
      #expect(fault { try RunDirectory(folder + "/runs/a").delete() }.contains("holds another run, \(folder)/runs/a/b"))
      try RunDirectory(folder + "/runs/a/b").delete()
      try RunDirectory(folder + "/runs/a").delete()
      #expect(!manager.fileExists(atPath: folder + "/runs/a") && manager.fileExists(atPath: folder + "/runs"))
    }
  }

  @Test func commitsOfRelativeWorkingTrees() throws {
    try withTemporaryFolder { folder in
      let manager = FileManager.default
      try manager.createDirectory(atPath: folder + "/main/worktrees/x", withIntermediateDirectories: true)
      try manager.createDirectory(atPath: folder + "/tree/deep", withIntermediateDirectories: true)
      for (file, text) in [
        ("tree/.git", "gitdir: ../main/worktrees/x"), ("main/worktrees/x/HEAD", "ref: refs/heads/b"),
        ("main/worktrees/x/commondir", "../.."), ("main/packed-refs", "abc123 refs/heads/b"),
      ] { try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/" + file)) }
      #expect(Repository.commit(around: folder + "/tree/deep") == "abc123")
    }
  }

  @Test func otherRunsAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run"
      _ = try fit(path)
      let again = fault { _ = try fit(path) }
      #expect(
        again
          == "\(path): holds a run of SmallNetwork already (finished); go on with it by resuming: true, give another"
          + " directory, or delete it with 'descent runs delete \(path)'", "\(again)")
      let other = fault { _ = try fit(path, resuming: true, seed: 7, metrics: []) }
      #expect(
        other == "\(path): holds another run: metrics [\"accuracy\"], now []; seed 1, now 7", "\(other)")
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(
        fault { _ = try fit(folder) } == "\(folder): holds other files and no run; give a directory of its own")
      #expect(fault { _ = try fit(folder + "/file") }.hasPrefix("\(folder)/file: "))
      // What was there is untouched.
      #expect(try RunDirectory(path).summary().report.epochs.count == 2)
    }
  }

  @Test func aDirectoryIsInUseWhileATrainingRuns() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/run"
      let found = Shared<[String]>([])
      _ = try fit(
        path, epochs: 1,
        [
          .each { event in
            if case .step(let progress) = event, progress.stepCount == 2 {
              let other = fault { _ = try self.fit(path, resuming: true) }
              found.change { $0 += [other, "\(RunDirectory(path).isInUse)"] }
            }
            return true
          }
        ])
      #expect(found.value == ["\(path): is in use by another process that trains in it", "true"])
    }
  }

  @Test func whatCannotBeReadIsTold() throws {
    try withTemporaryFolder { folder in
      #expect(
        fault { _ = try RunDirectory(folder + "/none").configuration() } == "\(folder)/none: no such directory")
      #expect(fault { _ = try RunDirectory(folder).summary() } == "\(folder): holds no run of a training")
      let path = folder + "/run"
      _ = try fit(path)
      try Data("{\"training\": 3}".utf8).write(to: URL(fileURLWithPath: path + "/configuration.json"))
      let text = fault { _ = try RunDirectory(path).configuration() }
      #expect(text.hasPrefix("\(path)/configuration.json: cannot be read as what a run writes there: '"), "\(text)")
      #expect(fault { _ = try fit(path, resuming: true) } == text)
    }
  }

  @Test func theCommitIsFound() throws {
    try withTemporaryFolder { folder in
      let git = folder + "/.git"
      let hash = String(repeating: "ab12", count: 10)
      try FileManager.default.createDirectory(atPath: git + "/refs/heads", withIntermediateDirectories: true)
      try FileManager.default.createDirectory(atPath: folder + "/deep/er", withIntermediateDirectories: true)
      func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(git)/\(name)"))
      }
      try write("ref: refs/heads/main\n", "HEAD")
      #expect(Repository.commit(around: folder + "/deep/er") == nil)
      try write("# pack-refs\n\(hash) refs/heads/main\n", "packed-refs")
      #expect(Repository.commit(around: folder + "/deep/er") == hash)
      try write(String(hash.reversed()) + "\n", "refs/heads/main")
      #expect(Repository.commit(around: folder) == String(hash.reversed()))
      try write(hash + "\n", "HEAD")
      #expect(Repository.commit(around: folder) == hash)
    }
  }

  @Test func aDiskThatFillsEndsTheRun() throws {
    guard let disk = SmallDisk(kilobytes: 96) else { return }
    let (path, rest) = (disk.path + "/run", disk.path + "/filling")
    let text = fault {
      _ = try fit(
        path,
        [
          .each { event in
            guard case .step(let progress) = event, progress.stepCount == 3 else { return true }
            try? Data(count: 200 << 10).write(to: URL(fileURLWithPath: rest), options: [])
            return true
          }
        ])
    }
    #expect(text.hasPrefix("\(path)/") && text.hasSuffix(": no space left on the disk"), "\(text)")
    try FileManager.default.removeItem(atPath: rest)
    _ = try fit(path, resuming: true)
    #expect(try RunDirectory(path).summary().status == .finished)
  }

  @Test func curvesNameRunsByWhatTellsThemApart() {
    #expect(RunCurves.titles(of: ["/data/runs/deep/slow", "/data/runs/fast"]) == ["deep/slow", "fast"])
    #expect(RunCurves.titles(of: ["runs/a", "runs/a/b", "runs/a"]) == ["a", "a/b", "a"])
    #expect(RunCurves.titles(of: ["/one/run", "two/run"]) == ["/one/run", "two/run"])
    #expect(RunCurves.titles(of: []).isEmpty)
  }
}
