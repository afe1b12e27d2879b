// Pictures of real handwriting, read by a small convolutional network that sees each digit a little changed in every epoch:
// digits cut from envelopes (USPS) and from forms (MNIST), next to the nearest neighbor and to a linear model.
//
//   swift run -c release Pictures              both, where ../shared/data has them
//   … --short                                  one epoch of the smaller one

import Descent
import Foundation

struct Network: Layer {
  var layers = Sequential {
    Conv2D(filters: 16, size: 3, padding: .same, bias: false)
    BatchNorm()
    Activation.relu
    MaxPool(size: 2)
    Conv2D(filters: 32, size: 3, padding: .same, bias: false)
    BatchNorm()
    Activation.relu
    MaxPool(size: 2)
    Flatten()
    Dropout(rate: 0.3)
    Dense(units: 10)
  }

  func callAsFunction(_ images: Tensor) -> Tensor { layers(images) }
}

struct Linear: Layer {
  var output = Dense(units: 10)
  func callAsFunction(_ images: Tensor) -> Tensor { output(images.flattened()) }
}

func percent(_ part: Double) -> String { String(format: "%.2f %%", part * 100) }

/// The share of pictures whose nearest one in another set shows the same digit.
func nearestNeighbor(of test: DigitExamples, in training: DigitExamples) throws -> Double {
  let known = training.images.flattened()
  let lengths = square(known).sum(axes: [1])
  let labels = try training.labels.integers()
  let unknown = test.images.flattened()
  var right = 0
  let answers = try test.labels.integers()
  for begin in stride(from: 0, to: test.count, by: 500) {
    let end = min(begin + 500, test.count)
    // The length of the unknown picture is the same for all, and left out.
    let products = matmul(unknown[begin..<end], known.transposed())
    let nearest = try (lengths - 2 * products).argMin(axis: 1).integers()
    for (place, index) in nearest.enumerated() where labels[index] == answers[begin + place] { right += 1 }
  }
  return Double(right) / Double(test.count)
}

let isShort = CommandLine.arguments.contains("--short")
for name in isShort ? ["usps"] : ["usps", "mnist"] {
  let folder = "../shared/data/\(name)"
  guard FileManager.default.fileExists(atPath: folder) else {
    print("\(folder) is not there: skipped")
    continue
  }
  let digits = try Digits.mnist(in: folder)
  print("\(name): \(digits.training.count) pictures to train on, \(digits.test.count) to test on")
  if !isShort {
    print("  nearest neighbor: \(percent(try nearestNeighbor(of: digits.test, in: digits.training))) right")
  }

  let epochs = isShort ? 1 : 10
  let linear = try Trainer(Linear(), loss: .softmaxCrossEntropy(), optimizer: Adam(learningRate: 1e-3), seed: 1)
  try linear.fit(digits.training.batched(64, seed: 1), epochs: epochs)
  let guess = accuracy(linear.model.predict(digits.test.images), digits.test.labels)
  print("  a linear model: \(percent(try guess.item())) right")

  let changes = Augmentation(.rotated(within: -10...10), .scaled(within: 0.9...1.1), .cropped(padding: 1))
  let batches = try digits.training.augmented(by: changes, seed: 1, workers: 2).shuffled(seed: 2).batched(64)
  let steps = epochs * batches.batchCount
  let trainer = try Trainer(
    Network(), loss: .softmaxCrossEntropy(labelSmoothing: 0.1),
    optimizer: AdamW(learningRate: .warmupCosine(peak: 3e-3, warmup: steps / 10, total: steps)), metrics: [.accuracy],
    seed: 1)
  let report = try trainer.fit(batches, epochs: epochs)
  let answer = accuracy(trainer.model.predict(digits.test.images), digits.test.labels)
  print("  a network of changed pictures: \(percent(try answer.item())) right", terminator: "")
  print(String(format: ", %.0f pictures a second", report.examplesPerSecond))
}
