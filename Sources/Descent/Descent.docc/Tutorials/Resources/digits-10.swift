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
let report = try trainer.fit(
  training.batched(32, seed: 1), validation: test, epochs: 15, callbacks: [.progress])
for epoch in report.epochs { print(epoch.number, epoch.validation) }

let probabilities = softmax(trainer.model.predict(test.images))
let read = try probabilities.argMax().integers()
let labels = try test.labels.integers()
let misread = read.indices.filter { read[$0] != labels[$0] }
print(misread.count, "of", test.count, "misread")

func picture(of index: Int) throws -> Picture {
  let paper = (1.0 - test.images[index..<index + 1]).resized([40, 40], method: .nearest)
  let pixels = try (paper * 255).integers().map(UInt8.init)
  return try Picture(width: 40, height: 40, channels: 1, pixels: pixels)
}

let cells = try misread.map { index in
  (picture: try picture(of: index), caption: "\(labels[index]) as \(read[index])")
}
if !cells.isEmpty { try Picture.contactSheet(cells, columns: 6).write(png: "misread.png") }

try trainer.model.save(to: "digits.safetensors")

let model = try Classifier().loading("digits.safetensors")
let sure = try softmax(model.predict(test.images)).max(axes: -1).scalars()
print("the first digit is a", read[0], "with probability", sure[0])
