import Descent

/// σ(w₂ σ(w₁ x)) with two numbers to train: what a step costs besides its arithmetic.
enum ScalarWorkload: TrainingWorkload {
  struct Model: Codable, Sendable {
    var first = Tensor(0.6, .float32)
    var second = Tensor(0.4, .float32)
  }

  static let name = "scalar"
  static let flops = 20.0
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 0.5706197, twentieth: 0.5119303)
  static let stepsTimedTogether = 10_000

  static func model() -> Model { Model() }
  static func batch() -> Tensor { Tensor(1.5, .float32) }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Tensor> {
    try TrainingStep(model, optimizer: SGD(learningRate: 0.1)) { model, x in
      sigmoid(model.second * sigmoid(model.first * x))
    }
  }
}
