// A perceptron on a million pixels: 1,000,001 parameters, and a step that runs at the speed of memory.

import Descent

struct Perceptron: Layer {
  var output = Dense(units: 1)
  func callAsFunction(_ images: Tensor) -> Tensor { output(images.flattened()) }
}

// Bright pictures above, dark ones below.
let key = RandomKey(seed: 1)
let bright = key.split(0).uniform([8, 1_000, 1_000, 1], low: 0.1, high: 1)
let dark = key.split(1).uniform([8, 1_000, 1_000, 1], low: 0, high: 0.9)
let batch = Batch(
  input: concatenated([bright, dark]),
  target: Tensor([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], shape: [16, 1]))
try evaluate(batch.input, batch.target)

let step = try TrainingStep(Perceptron(), optimizer: SGD(learningRate: 1e-6)) { model, batch in
  sigmoidCrossEntropy(model(batch.input), batch.target)
}
let begin = ContinuousClock.now
var loss = try step(batch).item()
let first = ContinuousClock.now
print("loss", loss, "after the first step,", begin.duration(to: first))
for _ in 0..<20 { loss = try step(batch).item() }
print("loss", loss, "after 20 further ones,", first.duration(to: .now) / 20, "each")
print(step.model.summary)
