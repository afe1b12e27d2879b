import Descent

/// 784 → 512 → 512 → 10 with ReLU on 128 examples, cross-entropy, Adam.
enum MLPWorkload: TrainingWorkload {
  struct Model: Layer {
    var hidden1: Dense
    var hidden2: Dense
    var output: Dense

    init() {
      var seeds = ParameterSeeds()
      hidden1 = Dense(&seeds, 784, 512, gain: 6)
      hidden2 = Dense(&seeds, 512, 512, gain: 6)
      output = Dense(&seeds, 512, 10)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { output(relu(hidden2(relu(hidden1(x))))) }
  }

  static let name = "mlp"
  static let flops = ProductSize.flops([
    ProductSize(rows: 128, inner: 784, columns: 512, times: 2),
    ProductSize(rows: 128, inner: 512, columns: 512, times: 3),
    ProductSize(rows: 128, inner: 512, columns: 10, times: 3),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 2.316023, twentieth: 0.123512)

  static func model() -> Model { Model() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.unit(seed: 1, shape: [128, 784]), target: SplitMix.integers(seed: 2, shape: [128], limit: 10))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Batch> {
    try TrainingStep(model, optimizer: Adam(learningRate: 1e-3)) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
}
