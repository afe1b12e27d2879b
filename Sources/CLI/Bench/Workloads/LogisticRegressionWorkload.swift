import Descent

/// One neuron on 16 examples of a million numbers each, plain gradient descent: a step at the speed of memory.
enum LogisticRegressionWorkload: TrainingWorkload {
  struct Model: Codable, Sendable {
    var weight: Tensor
    var bias: Tensor

    init() {
      var seeds = ParameterSeeds()
      weight = seeds.uniform([1_000_000], bound: 1e-3)
      bias = seeds.constant([], 0)
    }
  }

  static let name = "logreg"
  static let flops = ProductSize.flops([ProductSize(rows: 16, inner: 1_000_000, columns: 1, times: 2)])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 0.7155437, twentieth: 0.675557)

  static func model() -> Model { Model() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.unit(seed: 1, shape: [16, 1_000_000]),
      target: SplitMix.integers(seed: 2, shape: [16], limit: 2).converted(to: .float32))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Batch> {
    try TrainingStep(model, optimizer: SGD(learningRate: 1e-6)) { model, batch in
      sigmoidCrossEntropy(matmul(batch.input, model.weight) + model.bias, batch.target)
    }
  }
}
