// A convolutional classifier of handwritten digits, trained end to end.
//
//   swift run -c release Classifier            the digits shipped with the package
//   swift run -c release Classifier DIR        MNIST-style IDX or USPS files in DIR
//   … --short                                  one epoch

import Descent
import Foundation

struct LeNet: Layer {
  var conv1 = Conv2D(filters: 6, size: 5, padding: .same)
  var conv2 = Conv2D(filters: 16, size: 5, padding: .same)
  var hidden1 = Dense(units: 120)
  var hidden2 = Dense(units: 84)
  var output = Dense(units: 10)

  func callAsFunction(_ images: Tensor) -> Tensor {
    var x = averagePool(tanh(conv1(images)), size: 2)
    x = averagePool(tanh(conv2(x)), size: 2)
    x = tanh(hidden1(x.flattened()))
    x = tanh(hidden2(x))
    return output(x)
  }
}

let arguments = CommandLine.arguments.dropFirst()
let directory = arguments.first { !$0.hasPrefix("--") }
let epochs = arguments.contains("--short") ? 1 : 5
let folder = NSTemporaryDirectory() + "descent-classifier-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: folder) }

let digits = try directory.map { try Digits.mnist(in: $0) } ?? Digits.shipped()
let trainer = try Trainer(
  LeNet(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-3), metrics: [.accuracy], seed: 1)
let report = try trainer.fit(
  digits.training.batched(128), validation: digits.test, epochs: epochs,
  callbacks: [.progress, .checkpoint(folder)])
print(trainer.model.summary)
try trainer.model.save(to: folder + "/lenet.safetensors")

let restored = try LeNet().loading(folder + "/lenet.safetensors")
let probabilities = softmax(restored.predict(digits.test.images))
let right = (probabilities.argMax() .== digits.test.labels).converted(to: .float32).mean()
print("accuracy on \(digits.test.count) unseen digits:", try right.item())
