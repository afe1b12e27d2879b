import Descent

/// LeNet on 128 images of 28 × 28, cross-entropy, momentum with classic weight decay.
enum LeNetWorkload: TrainingWorkload {
  struct Model: Layer {
    var convolution1: Conv2D
    var convolution2: Conv2D
    var hidden1: Dense
    var hidden2: Dense
    var output: Dense

    init() {
      var seeds = ParameterSeeds()
      convolution1 = Conv2D(&seeds, 1, 6, size: 5, padding: .each(2))
      convolution2 = Conv2D(&seeds, 6, 16, size: 5)
      hidden1 = Dense(&seeds, 400, 120)
      hidden2 = Dense(&seeds, 120, 84)
      output = Dense(&seeds, 84, 10)
      // The workload flattens channel by channel, this library pixel by pixel.
      hidden1 = hidden1.map { (parameter: Tensor) in
        guard parameter.rank == 2 else { return parameter }
        return parameter.reshaped([16, 5, 5, 120]).transposed([1, 2, 0, 3]).reshaped([400, 120])
      }
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
      var x = averagePool(tanh(convolution1(images)), size: 2)
      x = averagePool(tanh(convolution2(x)), size: 2)
      x = tanh(hidden1(x.flattened()))
      return output(tanh(hidden2(x)))
    }
  }

  static let name = "lenet"
  static let flops = ProductSize.flops([
    ProductSize(rows: 128 * 28 * 28, inner: 25, columns: 6, times: 2),
    ProductSize(rows: 128 * 10 * 10, inner: 150, columns: 16, times: 3),
    ProductSize(rows: 128, inner: 400, columns: 120, times: 3),
    ProductSize(rows: 128, inner: 120, columns: 84, times: 3),
    ProductSize(rows: 128, inner: 84, columns: 10, times: 3),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 2.281971, twentieth: 2.22313)

  static func model() -> Model { Model() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.unit(seed: 1, shape: [128, 28, 28, 1]),
      target: SplitMix.integers(seed: 2, shape: [128], limit: 10))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Batch> {
    try TrainingStep(model, optimizer: SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4)) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
}
