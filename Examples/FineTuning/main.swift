// Beginning with a part of another model: what is loaded stays as it is, and the rest is trained.

import Descent
import Foundation

struct Encoder: Layer {
  var hidden = Dense(units: 32)
  var normalization = BatchNorm()
  func callAsFunction(_ points: Tensor) -> Tensor { tanh(normalization(hidden(points))) }
}

struct Classifier: Layer {
  var encoder = Encoder()
  var head: Dense
  init(classes: Int) { head = Dense(units: classes) }
  func callAsFunction(_ points: Tensor) -> Tensor { head(encoder(points)) }
}

/// Points in the plane, which belong to as many sectors of it as there are classes.
func sectors(_ classes: Int, seed: UInt64) -> [Batch] {
  (0..<150).map { index in
    let points = RandomKey(seed: seed).split(index).normal([64, 2])
    let angle = atan2(points[.ellipsis, 1], points[.ellipsis, 0]) / (2 * Double.pi) + 0.5
    let sector = (angle * Double(classes)).converted(to: .int32)
    return Batch(input: points, target: minimum(sector, Tensor(integers: [classes - 1], shape: [])))
  }
}

func trained(_ model: Classifier, _ batches: [Batch]) throws -> (last: Classifier, average: Classifier) {
  let step = try TrainingStep(model, optimizer: Adam(learningRate: 1e-2), seed: 1) { model, batch in
    softmaxCrossEntropy(model(batch.input), batch.target)
  }
  try step(batches[0])
  var average = step.model
  for batch in batches.dropFirst() {
    try step(batch)
    average = zip(average, step.model) { 0.95 * $0 + 0.05 * $1 }
  }
  return (step.model, average)
}

func accuracy(_ model: Classifier, _ batch: Batch) throws -> Double {
  try Descent.accuracy(model.predict(batch.input), batch.target).item()
}

let file = FileManager.default.temporaryDirectory.path + "/descent-base-\(getpid()).safetensors"
let four = sectors(4, seed: 1)
try trained(Classifier(classes: 4), four).last.save(to: file)

var model = try Classifier(classes: 8).loading(file, leaving: .paths("head"))  // says what was left
try FileManager.default.removeItem(atPath: file)
model.freeze { $0.path.hasPrefix("encoder") }  // no gradient, no decay, no statistics
let eight = sectors(8, seed: 2)
let (last, average) = try trained(model, eight)
print(last.summary)
print("accuracy", try accuracy(last, eight[0]), "of the average", try accuracy(average, eight[0]))
print("in bfloat16", try withPrecision(.bfloat16) { try accuracy(last, eight[0]) })
