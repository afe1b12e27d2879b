import Descent
import Foundation

// A network that reads digits, made without a derivative anywhere: its parameters are drawn around a mean, and the mean
// moves to where more digits are read.
struct Classifier: Layer {
  var output = Dense(units: 10)
  func callAsFunction(_ images: Tensor) -> Tensor { output(images.flattened()) }
}

let isShort = CommandLine.arguments.contains("--short")
let parts = try DigitImages.shipped().split(training: 0.8, calibration: 0, test: 0.2, seed: 1)
let training = try DigitExamples(parts.training)
let test = try DigitExamples(parts.test)
let (images, labels) = (training.images, training.labels)

let report = try evolve(
  Classifier().initialized(for: images, seed: 1), by: .snes(sigma: 0.1, populationSize: 60, seed: 1),
  generations: isShort ? 20 : 600,
  progress: { now in
    if now.generation % 50 == 0 { print("generation", now.generation, "cross entropy", -now.best) }
  },
  fitness: { model in -softmaxCrossEntropy(model(images), labels) })

let right = (report.model.predict(test.images).argMax() .== test.labels).converted(to: .float32).mean()
print("\(report.evaluations) networks were tried")
print("read right of \(test.count) new digits: \(try right.item() * 100) %")

// The same ask-and-tell by hand, for any function: here the banana-shaped valley of Rosenbrock.
var cma = try CMAES(from: [-1.2, 1], sigma: 0.5, seed: 1)
while cma.stop == nil {
  try cma.tell(cma.ask().map { x in 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2) })
}
print("CMA-ES:", cma.mean, "after", cma.generation * cma.populationSize, "evaluations;", cma.stop.map { "\($0)" } ?? "")
