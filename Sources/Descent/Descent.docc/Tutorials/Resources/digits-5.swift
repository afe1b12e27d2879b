import Descent

let parts = try DigitImages.shipped().split(training: 0.8, calibration: 0, test: 0.2, seed: 1)
let training = try DigitExamples(parts.training)
let test = try DigitExamples(parts.test)
print("images", training.images.shape, "labels", training.labels.shape)

struct Classifier: Layer {
  var convolution = Conv2D(filters: 16, size: 3, padding: .same)
  var hidden = Dense(units: 64)
  var dropout = Dropout(rate: 0.2)
  var output = Dense(units: 10)

  func callAsFunction(_ images: Tensor) -> Tensor {
    let features = maxPool(relu(convolution(images)), size: 2)
    return output(dropout(relu(hidden(features.flattened()))))
  }
}

print(try Classifier().initialized(for: training.images).summary)

let trainer = try Trainer(
  Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 2e-3),
  metrics: [.accuracy], seed: 1)
