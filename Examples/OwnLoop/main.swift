// A training loop of one's own: a small network learns the exclusive or of two numbers' signs.

import Descent
import Foundation

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

// The same with a state of one's own, which is a value: it may be copied, saved and gone on with.
let update = TrainingUpdate { (model: Network, batch: Batch) in
  sigmoidCrossEntropy(model(batch.input), batch.target)
}
var state = try TrainingState(Network(), optimizer: optimizer.averaging(decay: 0.99), seed: 1)
for batch in batches.prefix(500) { try update(&state, batch) }
let runs = FileManager.default.temporaryDirectory.path + "/descent-own-loop-\(getpid())"
try state.save(in: runs)
var resumed = try TrainingState(Network(), optimizer: state.optimizer, seed: 1)
try resumed.resume(in: runs)
try FileManager.default.removeItem(atPath: runs)
resumed.optimizer.base.base.learningRate = 1e-3  // compiles nothing
for batch in batches.dropFirst(resumed.step) { try update(&resumed, batch) }
print("resumed", try sigmoid(resumed.model.predict(corners)).scalars().map { ($0 * 100).rounded() / 100 })

// The same without either: one compiled update, which changes a model by its gradient. Running statistics are part of it.
struct Normalized: Layer {
  var hidden = Dense(units: 32)
  var normalization = BatchNorm()
  var output = Dense(units: 1)

  func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(normalization(hidden(x)))) }
}

let descent = SGD(learningRate: 0.5)
let byGradient = compiledUpdate { (model: inout Normalized, batch: Batch) in
  let (loss, slope) = try valueAndGradient(at: model) { model in
    sigmoidCrossEntropy(model(batch.input), batch.target)
  }
  var memory = try descent.initialState(of: model)
  try descent.move(&model, along: slope, state: &memory, at: StepContext(number: Tensor(1)))
  return loss
}
var byHand = try Normalized().initialized(for: batches[0].input)
for (number, batch) in batches.enumerated() {
  _ = try training(seed: UInt64(number)) { try byGradient(&byHand, batch) }
}
print("by hand", try sigmoid(byHand.predict(corners)).scalars().map { ($0 * 100).rounded() / 100 })

// A predictor is compiled once, and answers without walking the model.
let predictor = try model.predictor()
let corner = corners.sliced(0..<1)
func time(_ answer: () throws -> Tensor) throws -> Duration {
  _ = try answer().item()
  let begin = ContinuousClock.now
  for _ in 0..<1_000 { _ = try answer().item() }
  return begin.duration(to: .now) / 1_000
}
print(
  "an answer by the predictor", try time { try predictor(corner) }, "by predict", try time { model.predict(corner) })
