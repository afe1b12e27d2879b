import Descent
import Foundation
import Testing

@Suite struct GettingStarted {
  struct Classifier: Layer {
    var hidden = Dense(units: 64)
    var dropout = Dropout(rate: 0.1)
    var output = Dense(units: 10)

    func callAsFunction(_ images: Tensor) -> Tensor {
      output(dropout(relu(hidden(images.flattened()))))
    }
  }

  @Test func trains() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let file = folder.path + "/digits.safetensors"

    let digits = try Digits.shipped()
    let trainer = try Trainer(
      Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 3e-3),
      metrics: [.accuracy], seed: 1)
    let report = try trainer.fit(
      digits.training.batched(64), validation: digits.test, epochs: 10)
    print("on unseen digits:", report.epochs[9].validation)  // loss …, accuracy …
    try trainer.model.save(to: file)

    let model = try Classifier().loading(file)
    let classes = try model.predict(digits.test.images).argMax().integers()

    #expect(try #require(report.epochs.last?.validation["accuracy"]) > 0.8)
    #expect(classes.count == digits.test.count)
  }

  @Test func firstMistake() throws {
    let y = matmul(Tensor(zeros: [32, 784]), Tensor(zeros: [500, 10]))
    do {
      print(try y.scalars())
    } catch {
      print(error)
    }
    #expect(y.error?.description.hasPrefix("matmul: inner sizes differ: [32, 784] · [500, 10] (784 ≠ 500) at ") == true)
  }
}
