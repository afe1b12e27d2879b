import Descent

/// Two layers of long short-term memory over 32 texts of 64 characters, clipped gradients, Adam.
enum LSTMWorkload: TrainingWorkload {
  struct Model: Layer {
    var embedding: Embedding
    var recurrent: LSTM
    var output: Dense

    init() {
      var seeds = ParameterSeeds()
      embedding = Embedding(&seeds, count: 65, size: 128, bound: 0.1)
      recurrent = LSTM(cells: [LSTMCell(&seeds, 128, 256), LSTMCell(&seeds, 256, 256)])
      output = Dense(&seeds, 256, 65)
    }

    func callAsFunction(_ text: Tensor) -> Tensor { output(recurrent(embedding(text))) }
  }

  static let name = "lstm"
  static let flops = ProductSize.flops([
    ProductSize(rows: 32 * 64, inner: 128, columns: 1024, times: 3),
    ProductSize(rows: 32 * 64, inner: 256, columns: 1024, times: 9),
    ProductSize(rows: 32 * 64, inner: 256, columns: 65, times: 3),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 4.173826, twentieth: 4.15245)

  static func model() -> Model { Model() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.integers(seed: 1, shape: [32, 64], limit: 65),
      target: SplitMix.integers(seed: 2, shape: [32, 64], limit: 65))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Batch> {
    try TrainingStep(model, optimizer: Adam(learningRate: 1e-3).clipping(globalNorm: 1)) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
}
