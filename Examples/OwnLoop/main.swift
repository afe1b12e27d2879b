// A training loop of one's own: a small network learns the exclusive or of two numbers' signs.

import Descent

struct Network: Layer {
  var hidden = Dense(units: 32)
  var output = Dense(units: 1)

  func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
}

let key = RandomKey(seed: 7)
let batches = (0..<1_000).map { index -> Batch in
  let points = key.split(index).uniform([64, 2], low: -1, high: 1)
  let product = points.sliced(0..<1, axis: 1) * points.sliced(1..<2, axis: 1)
  return Batch(input: points, target: (product .< 0).converted(to: .float32))
}

let optimizer = AdamW(
  learningRate: .warmupCosine(peak: 1e-2, warmup: 100, total: batches.count), weightDecay: 0.01
).clipping(globalNorm: 1)
let step = try TrainingStep(Network(), optimizer: optimizer) { model, batch in
  sigmoidCrossEntropy(model(batch.input), batch.target)
}
var losses: [Tensor] = []
for batch in batches { losses.append(try step(batch)) }

let model = step.model
let corners = Tensor([[0.5, 0.5], [-0.5, 0.5], [0.5, -0.5], [-0.5, -0.5]])
print("first loss", try losses[0].item(), "last loss", try losses[losses.count - 1].item())
print("corners", try sigmoid(model.predict(corners)).scalars().map { ($0 * 100).rounded() / 100 })

// The same without a step: one compiled update, which moves the parameters by hand. Running statistics are part of it.
struct Normalized: Layer {
  var hidden = Dense(units: 32)
  var normalization = BatchNorm()
  var output = Dense(units: 1)

  func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(normalization(hidden(x)))) }
}

let update = compiledUpdate { (model: inout Normalized, batch: Batch) in
  let (loss, slope) = try valueAndGradient(at: model) { model in
    sigmoidCrossEntropy(model(batch.input), batch.target)
  }
  func moved(_ parameter: Parameter?, _ slope: Parameter?) -> Parameter {
    guard let value = parameter?.tensor, let slope = slope?.tensor else { return Parameter() }
    return Parameter(value - 0.5 * slope)
  }
  model.hidden.weight = moved(model.hidden.weight, slope.hidden.weight)
  model.hidden.bias = moved(model.hidden.bias, slope.hidden.bias)
  model.normalization.scale = moved(model.normalization.scale, slope.normalization.scale)
  model.normalization.shift = moved(model.normalization.shift, slope.normalization.shift)
  model.output.weight = moved(model.output.weight, slope.output.weight)
  model.output.bias = moved(model.output.bias, slope.output.bias)
  return loss
}
var byHand = try Normalized().initialized(for: batches[0].input)
for (number, batch) in batches.enumerated() {
  _ = try training(seed: UInt64(number)) { try update(&byHand, batch) }
}
print("by hand", try sigmoid(byHand.predict(corners)).scalars().map { ($0 * 100).rounded() / 100 })
