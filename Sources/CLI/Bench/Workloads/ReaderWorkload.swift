import Descent
import DescentZIP

/// The ZIP-code reader's own training step: 64 lines of 32 × 160 pixels, CTC, Muon. No peer runs it.
enum ReaderWorkload: TrainingWorkload {
  static let name = "reader"
  static let referenceLosses: (first: Double, twentieth: Double)? = nil
  static let flops = ProductSize.flops([
    ProductSize(rows: 64 * 16 * 80, inner: 25, columns: 16, times: 2),
    ProductSize(rows: 64 * 16 * 80, inner: 9 * 16, columns: 32, times: 3),
    ProductSize(rows: 64 * 8 * 40, inner: 9 * 32, columns: 64, times: 3),
    ProductSize(rows: 64 * 8 * 40, inner: 9 * 64, columns: 64, times: 3),
    ProductSize(rows: 64 * 40, inner: 20 * 64, columns: 128, times: 3),
    ProductSize(rows: 64 * 40, inner: 128, columns: 12, times: 3),
  ])

  static func model() -> ReaderNetwork { ReaderNetwork() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.unit(seed: 1, shape: [64, 32, 160, 1]),
      target: SplitMix.integers(seed: 2, shape: [64, 7], limit: 10))
  }

  static func trainingStep(_ model: ReaderNetwork) throws -> TrainingStep<ReaderNetwork, Batch> {
    try TrainingStep(model, optimizer: Muon(learningRate: 1e-3).clipping(globalNorm: 5)) { model, batch in
      ReaderNetwork.loss(model(batch.input), batch.target)
    }
  }
}
