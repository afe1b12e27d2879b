import DescentTensors
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

@Suite struct BatchesTests {
  /// Examples whose input and target are their number.
  private func numbered(_ count: Int) throws -> Examples {
    try Examples(
      inputs: Tensor(integers: Array(0..<count), shape: [count, 1]), targets: Tensor(integers: Array(0..<count)))
  }

  private func numbers(_ batches: Batches, epoch: Int) throws -> [[Int]] {
    try batches.epoch(epoch).map { result in
      let batch = try result.get()
      #expect(try batch.input.integers() == batch.target.integers())
      return try batch.target.integers()
    }
  }

  @Test func everyExampleOnceAnEpoch() throws {
    let batches = try numbered(23).batched(5, seed: 9)
    #expect(batches.batchCount == 5)
    #expect(batches.exampleCount == 23)
    for epoch in 0..<3 {
      let found = try numbers(batches, epoch: epoch)
      #expect(found.map(\.count) == [5, 5, 5, 5, 3])
      #expect(found.joined().sorted() == Array(0..<23))
    }
  }

  @Test func everyEpochHasAnOrderOfItsOwnThatComesAgain() throws {
    let batches = try numbered(50).batched(8, seed: 9)
    let orders = try (0..<3).map { try numbers(batches, epoch: $0) }
    #expect(Set(orders).count == 3)
    let again = try numbered(50).batched(8, seed: 9)
    // Asked for out of order, as when a run goes on.
    #expect(try numbers(again, epoch: 2) == orders[2])
    #expect(try numbers(again, epoch: 0) == orders[0])
    #expect(try numbers(numbered(50).batched(8, seed: 10), epoch: 0) != orders[0])
  }

  @Test func withoutShufflingTheOrderIsKept() throws {
    let batches = try numbered(7).batched(3, shuffled: false)
    #expect(try numbers(batches, epoch: 4) == [[0, 1, 2], [3, 4, 5], [6]])
  }

  @Test func theRemainderMayBeDropped() throws {
    let batches = try numbered(7).batched(3, shuffled: false, droppingRemainder: true)
    #expect(batches.exampleCount == 6)
    #expect(try numbers(batches, epoch: 0) == [[0, 1, 2], [3, 4, 5]])
    #expect(try numbered(6).batched(3).batchCount == 2)
  }

  @Test(arguments: [8, 1000, Int.max]) func batchesLargerThanTheData(_ size: Int) throws {
    let batches = try numbered(7).batched(size)
    #expect(batches.batchCount == 1)
    #expect(try numbers(batches, epoch: 0).joined().sorted() == Array(0..<7))
    #expect(try numbered(7).batched(size, droppingRemainder: true).batchCount == 0)
  }

  @Test func noData() throws {
    let batches = try numbered(0).batched(4)
    #expect(batches.batchCount == 0 && batches.exampleCount == 0)
    #expect(fault { _ = try batches.batch(0, epoch: 0) }.hasPrefix("batch: there is no batch 0 among 0"))
  }

  @Test(arguments: [0, -1, Int.min]) func sizesThatMakeNoSense(_ size: Int) throws {
    let batches = try numbered(7).batched(size)
    #expect(fault { _ = try batches.batch(0, epoch: 0) }.hasPrefix("batched: the batch size \(size) is not positive"))
  }

  @Test func batchesThatAreNot() throws {
    let batches = try numbered(7).batched(3)
    for index in [-1, 3, Int.max] {
      #expect(fault { _ = try batches.batch(index, epoch: 0) }.contains("there is no batch \(index) among 3"))
    }
  }

  @Test func integersAreScaledWhenUsed() throws {
    let data = try Examples(
      inputs: Tensor(bytes: [0, 51, 255], shape: [3, 1]), targets: Tensor(integers: [0, 1, 2]), scale: 1.0 / 255)
    let found = try data.batched(3, shuffled: false).batch(0, epoch: 0).input.scalars()
    expectClose(["input": found], ["input": [0, 0.2, 1]], within: 1e-6)
    #expect(data.storedInputs.elementType == .uint8)
  }

  @Test func inputsAndTargetsMustBeEquallyMany() {
    let text = fault { _ = try Examples(inputs: Tensor(zeros: [3, 2]), targets: Tensor(zeros: [4])) }
    #expect(text.hasPrefix("Examples: inputs [3, 2] and targets [4] differ in number"), "\(text)")
    let scalars = fault { _ = try Examples(inputs: Tensor(1), targets: Tensor(1)) }
    #expect(scalars.hasPrefix("Examples: inputs [] and targets [] need an axis of examples each"), "\(scalars)")
    let backwards = fault { try smallTrainer().fit(points(8).batched(4), epochs: -1) }
    #expect(backwards.hasPrefix("fit: cannot train for -1 epochs at BatchesTests.swift:"), "\(backwards)")
    #expect(fault { _ = try points(3).gathered([0, 3]) }.contains("there is no example 3 among 3"))
  }
}
