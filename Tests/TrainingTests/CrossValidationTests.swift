import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct CrossValidationTests {
  @Test func everyExampleIsHeldOutOnce() throws {
    for (size, count) in [(10, 2), (11, 3), (23, 5), (5, 5)] {
      let folds = try Folds(of: size, count: count, seed: 3)
      #expect(folds.count == count)
      #expect(folds.flatMap(\.held).sorted() == Array(0..<size))
      for fold in folds {
        #expect(Set(fold.training).isDisjoint(with: fold.held) && fold.training.count + fold.held.count == size)
        #expect(fold.held.count == size / count || fold.held.count == (size + count - 1) / count)
      }
      #expect(try folds == Folds(of: size, count: count, seed: 3))
    }
    #expect(try Folds(of: 20, seed: 1) != Folds(of: 20, seed: 2))
  }

  @Test func strataHaveTheirShares() throws {
    let labels = (0..<60).map { $0 % 10 < 7 ? 0 : $0 % 10 < 9 ? 1 : 2 }
    let folds = try Folds(labels: labels, count: 5, seed: 3)
    for fold in folds {
      #expect(fold.held.count == 12)
      // 42, 12 and 6 examples.
      let counts = (0..<3).map { label in fold.held.count { labels[$0] == label } }
      #expect((8...9).contains(counts[0]) && (2...3).contains(counts[1]) && (1...2).contains(counts[2]), "\(counts)")
    }
    #expect(folds.flatMap(\.held).sorted() == Array(0..<60))
  }

  @Test func foldsThatCannotBeAreTold() {
    #expect(fault { _ = try Folds(of: 3, count: 5) }.hasPrefix("Folds: 3 examples cannot be cut into 5 parts"))
    #expect(fault { _ = try Folds(of: 3, count: 1) }.contains("there must be at least 2"))
    #expect(
      fault { _ = try Folds(labels: [0, 0, 0, 1], count: 2) }
        .hasPrefix("Folds: class 1 has 1 of 4 examples, fewer than the 2 parts"))
  }

  @Test func faultsNameTheFold() throws {
    let examples = try points(8)
    let found = fault {
      _ = try crossValidate(Folds(of: 8, count: 2), of: examples, batchSize: 2, epochs: 1) { fold in
        if fold == 1 { throw TrainingError("no trainer") }
        return try smallTrainer()
      }
    }
    #expect(found == "fold 1: training: no trainer")
  }

  @Test func trainingsAreJudgedByWhatTheyDidNotSee() throws {
    let examples = try points(30)
    let labels = try examples.targets.integers()
    let folds = try Folds(labels: labels, count: 3, seed: 1)
    let seen = Shared<[Int]>([])
    let result = try crossValidate(
      folds, of: examples, batchSize: 10, epochs: 2,
      callbacks: { fold in
        [
          .each { event in
            if case .epoch = event { seen.change { $0.append(fold) } }
            return true
          }
        ]
      }
    ) { fold in try smallTrainer(seed: UInt64(fold)) }
    #expect(seen.value == [0, 0, 1, 1, 2, 2])
    #expect(result.reports.map(\.stepCount) == [4, 4, 4] && result.folds.count == 3)
    // By hand, for one of them.
    let trainer = try smallTrainer(seed: 1)
    try trainer.fit(examples.selecting(folds[1].training).batched(10), epochs: 2)
    #expect(try trainer.evaluate(examples.selecting(folds[1].held)) == result.folds[1])
    let losses = result.folds.compactMap { $0["loss"] }
    let mean = losses.reduce(0, +) / 3
    #expect(result.means["loss"] == mean)
    let squares = losses.map { ($0 - mean) * ($0 - mean) }
    let deviation = (squares.reduce(0, +) / 2).squareRoot()
    #expect(abs((result.deviations["loss"] ?? 0) - deviation) < 1e-12)
    #expect(result.description.hasPrefix("loss ") && result.description.contains(" ± "))
    #expect(
      fault { _ = try crossValidate(folds, of: points(20), batchSize: 4, epochs: 1) { _ in try smallTrainer() } }
        .hasPrefix("crossValidate: the folds are of 30 examples, the data set has 20"))
  }

  @Test func predictionsOfADataSet() throws {
    let trainer = try smallTrainer()
    let examples = try points(22)
    try trainer.fit(examples.batched(8), epochs: 1)
    let whole = try trainer.predict(examples.batched(5, shuffled: false))
    #expect(whole.shape == [22, 3])
    expectClose(
      ["": try whole.scalars()], ["": try trainer.model.predict(examples.inputs).scalars()], within: 1e-5)
    let both = try trainer.predict(examples.batched(5, shuffled: false)) { model, batch in
      ["logits": model(batch.input), "targets": batch.target]
    }
    #expect(try both["targets"]?.integers() == examples.targets.integers())
    #expect(
      fault { _ = try trainer.predict(examples.batched(5)) { _, batch in batch.input.sum() } }
        .hasPrefix("predict: the pass gives a scalar for a batch, not a row for each example"))
    #expect(fault { _ = try trainer.predict(points(0)) }.hasPrefix("predict: there are no batches"))
    #expect(fault { _ = try trainer.evaluate(points(0)) }.hasPrefix("evaluate: there are no batches to judge by"))
  }
}
