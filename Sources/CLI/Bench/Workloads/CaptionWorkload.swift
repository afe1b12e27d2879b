import Descent

/// Convolutions over 32 images of 64 × 64 give the first state of an LSTM over 16 words of 1,000; cross-entropy, Adam.
enum CaptionWorkload: TrainingWorkload {
  struct Example: Codable, Sendable {
    var images: Tensor
    var words: Tensor
    var next: Tensor
  }

  struct Model: Codable, Sendable {
    var convolutions: [Conv2D]
    var bridge: Dense
    var embedding: Embedding
    var recurrent: LSTM
    var output: Dense

    init() {
      var seeds = ParameterSeeds()
      convolutions = []
      for (channels, filters) in [(3, 32), (32, 64), (64, 128)] {
        convolutions.append(Conv2D(&seeds, channels, filters, size: 3, strides: 2, padding: .each(1), gain: 6))
      }
      bridge = Dense(&seeds, 128, 256)
      embedding = Embedding(&seeds, count: 1_000, size: 128, bound: 0.1)
      recurrent = LSTM(cells: [LSTMCell(&seeds, 128, 256)])
      output = Dense(&seeds, 256, 1_000)
    }

    func callAsFunction(_ images: Tensor, _ words: Tensor) -> Tensor {
      let seen = convolutions.reduce(images) { x, convolution in relu(convolution(x)) }
      let hidden = bridge(globalAveragePool(seen))
      let state = LSTMCell.State(hidden: hidden, cell: Tensor(zerosLike: hidden))
      return output(recurrent(Sequences(embedding(words)), from: [state]).outputs)
    }
  }

  static let name = "caption"
  static let flops = ProductSize.flops([
    ProductSize(rows: 32 * 32 * 32, inner: 27, columns: 32, times: 2),
    ProductSize(rows: 32 * 16 * 16, inner: 9 * 32, columns: 64, times: 3),
    ProductSize(rows: 32 * 8 * 8, inner: 9 * 64, columns: 128, times: 3),
    ProductSize(rows: 32, inner: 128, columns: 256, times: 3),
    ProductSize(rows: 32 * 16, inner: 128, columns: 1024, times: 3),
    ProductSize(rows: 32 * 16, inner: 256, columns: 1024, times: 3),
    ProductSize(rows: 32 * 16, inner: 256, columns: 1_000, times: 3),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 6.909066, twentieth: 5.58556)

  static func model() -> Model { Model() }

  static func batch() -> Example {
    Example(
      images: SplitMix.unit(seed: 1, shape: [32, 3, 64, 64]).transposed([0, 2, 3, 1]),
      words: SplitMix.integers(seed: 2, shape: [32, 16], limit: 1_000),
      next: SplitMix.integers(seed: 3, shape: [32, 16], limit: 1_000))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Example> {
    try TrainingStep(model, optimizer: Adam(learningRate: 1e-3)) { model, example in
      softmaxCrossEntropy(model(example.images, example.words), example.next)
    }
  }
}
