import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct MixedPrecisionTests {
  private struct Line: Layer {
    var output = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { output(x) }
  }

  private func data() throws -> Examples {
    try Examples(inputs: sample([64, 3], .float32), targets: sample([64, 1], seed: 9, .float32))
  }

  /// Losses so small that their derivatives are none in float16.
  private func trainer(_ optimizer: some Optimizer) throws -> Trainer<Line, Batch> {
    try Trainer(
      Line(), loss: { 1e-6 * meanSquaredError($0, $1) }, optimizer: optimizer, seed: 3, precision: .float16)
  }

  @Test func smallGradientsAreKept() throws {
    let batches = try data().batched(64, shuffled: false)
    let (plain, scaled) = (try trainer(SGD(learningRate: 2e5)), try trainer(SGD(learningRate: 2e5).scalingLoss()))
    let still = try plain.fit(batches, epochs: 20)
    let moved = try scaled.fit(batches, epochs: 20)
    // Products of float16 give nothing where the cotangent is below 6·10⁻⁸.
    let (first, last) = (moved.epochs[0].training["loss"] ?? .nan, moved.loss)
    #expect(last < 0.9 * first, "\(first) \(last)")
    #expect(still.epochs[0].training["loss"] == first && last < still.loss)
    #expect(try #require(try scaled.lossScale()).skippedSteps.item() == 0)
    #expect(try plain.lossScale() == nil)

    // In float32 the same steps lead to about the same place.
    let wide = try Trainer(
      Line(), loss: { 1e-6 * meanSquaredError($0, $1) }, optimizer: SGD(learningRate: 2e5), seed: 3)
    let exact = try wide.fit(batches, epochs: 20)
    #expect(abs(exact.loss - last) < 0.02 * exact.loss, "\(exact.loss) \(last)")
  }

  /// A scale that is too large is found by steps that are left out; the guard does not take them for faults.
  @Test func overflowsAreLeftOutAndCounted() throws {
    let optimizer = Adam(learningRate: 0.01).clipping(globalNorm: 1).scalingLoss(initial: 1e9, growthAfter: 1_000)
    func train(_ epochs: Int, _ callbacks: [Callback] = []) throws -> Trainer<Line, Batch> {
      let trainer = try Trainer(
        Line(), loss: meanSquaredError, optimizer: optimizer, seed: 3, precision: .float16)
      try trainer.fit(data().batched(16, seed: 1), epochs: epochs, callbacks: callbacks + [.finiteGuard])
      return trainer
    }
    let whole = try train(10)
    let state = try #require(try whole.lossScale())
    let skipped = try state.skippedSteps.item()
    #expect(skipped > 3 && skipped < 30)
    #expect(try state.scale.item() == 1e9 / exp2(skipped))
    #expect(try values(whole.model).values.joined().allSatisfy(\.isFinite))
    // The scale goes on with checkpoints: the same bits.
    try withTemporaryFolder { folder in
      _ = try train(4, [.checkpoint(folder)])
      let resumed = try train(10, [.checkpoint(folder, resuming: true)])
      #expect(try values(resumed.model) == values(whole.model))
      #expect(try #require(try resumed.lossScale()).skippedSteps.item() == skipped)
    }
  }

  /// What callbacks see of gradients is unscaled.
  @Test func observedGradientsAreUnscaled() throws {
    let seen = Shared<[Double]>([])
    struct Watching: TrainingCallback {
      typealias State = StatelessCallback
      let seen: Shared<[Double]>
      let name = "watching"
      func observation(ofStep number: Int) -> StepObservation { StepObservation(gradientNorms: true, gradients: true) }
      func step(_ training: TrainingContext, state: inout State) throws {
        let norm = try #require(training.gradientNorms["output.weight"])
        let gradient = try #require(training.gradients["output.weight"])
        let other = try gradient.norm().item()
        seen.change { $0 += [norm, other] }
      }
    }
    for optimizer in [1.0, 1_024] {
      let trainer = try Trainer(
        Line(), loss: meanSquaredError, optimizer: SGD(learningRate: 0).scalingLoss(initial: optimizer), seed: 3)
      try trainer.fit(data().batched(64, shuffled: false), epochs: 1, callbacks: [Callback(Watching(seen: seen))])
    }
    let norms = seen.value
    #expect(norms.count == 4 && norms.allSatisfy { abs($0 - norms[0]) <= 1e-6 * norms[0] })
  }
}
