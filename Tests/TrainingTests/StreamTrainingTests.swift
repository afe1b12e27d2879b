import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// Training on what has no places.
@Suite struct StreamTrainingTests {
  private struct Stopped: Error {}

  private var batches: StreamBatches<Batch, ShuffledPlace<Int>> {
    let points = DataStream(from: 0) { place -> Batch? in
      guard place < 50 else { return nil }
      place += 1
      return Batch(
        input: sample([4], seed: place, .float32), target: Tensor(integers: [place % 3], shape: []))
    }
    return points.shuffled(buffer: 16, seed: 3).batched(6, droppingRemainder: true).epochs(of: 5, examples: 30)
  }

  /// A run that is ended goes on with the same batches, across the end of the stream.
  @Test func runsGoOn() throws {
    let whole = try smallTrainer()
    let report = try whole.fit(batches, epochs: 3)
    #expect(report.stepCount == 15 && report.epochs.map(\.examples) == [30, 30, 30])
    for steps in [4, 7, 12] {
      try withTemporaryFolder { folder in
        let checkpoints = Callback.checkpoint(folder, every: 0, resuming: true)
        let ending = Callback.each { event in
          if case .step(let progress) = event, progress.stepCount == steps { throw Stopped() }
          return true
        }
        #expect(throws: Stopped.self) { try smallTrainer().fit(batches, epochs: 3, callbacks: [checkpoints, ending]) }
        let resumed = try smallTrainer()
        try resumed.fit(batches, epochs: 3, callbacks: [checkpoints])
        #expect(try values(resumed.model) == values(whole.model), "ended after step \(steps)")
      }
    }
  }
}
