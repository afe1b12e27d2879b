// Looks for the settings of a network of digits that make the fewest mistakes: without a derivative, and with what trying all
// of them would cost.
//
//   swift run -c release Trials
//   … --short                      fewer trials

import Descent
import Foundation

let isShort = CommandLine.arguments.contains("--short")

// How many settings a perceptron with a million knobs of ten positions has, and a plane of a hundred points a side.
let perceptron = Space((0..<1_000_000).map { .init("weight \($0)", .integer(0...9)) })
print("a perceptron by brute force:", perceptron.size().text(secondsEach: 0.001))
let plane: Space = ["x": .real(-5...10), "y": .real(0...15)]
print("a plane by a grid:", plane.size(points: 100).text(secondsEach: 0.001), "\n")

// A function of a tensor, over a declared space: points of a Sobol sequence side by side in one plan, then a model of the
// function, which needs a few dozens.
@Sendable func branin(_ point: Tensor) -> Tensor {
  let (x, y) = (point[0], point[1])
  let bend = y - 5.1 / (4 * Double.pi * Double.pi) * square(x) + 5 / Double.pi * x - 6.0
  return square(bend) + 10 * (1 - 1 / (8 * Double.pi)) * cos(x) + 10.0
}
print("Branin's function, whose minimum is 0.397887")
print("  Sobol:   ", try minimize(branin, over: plane, by: .sobol(seed: 1), trials: 1_024))
print("  Bayesian:", try minimize(branin, over: plane, by: .bayesian(seed: 1), trials: isShort ? 20 : 40), "\n")

// A network whose parts depend on the trial: plain Swift decides which parameters there are.
struct Network: Layer {
  var hidden: [Dense]
  var activation: String
  var output = Dense(units: 10)

  func callAsFunction(_ images: Tensor) -> Tensor {
    var x = images.flattened()
    for layer in hidden {
      x = layer(x)
      switch activation {
      case "gelu": x = gelu(x)
      case "tanh": x = tanh(x)
      default: x = relu(x)
      }
    }
    return output(x)
  }
}

let digits = try Digits.shipped()
let batches = digits.training.batched(128)

let study = try Study(
  "digits", minimizing: "error", by: .bayesian(seed: 1, batch: 2), pruning: .median(startupTrials: 4, width: 2))
let report = try study.run(trials: isShort ? 6 : 30, workers: 2) { trial in
  let rate = trial.real("learningRate", 1e-5...1e-1, scale: .logarithmic)
  let layers = trial.integer("layers", 1...3)
  let widths = (0..<layers).map { trial.integer("units\($0)", 16...256, scale: .logarithmic) }
  let activation = trial.choice("activation", ["relu", "gelu", "tanh"])

  let network = Network(hidden: widths.map { Dense(units: $0) }, activation: activation)
  let step = try TrainingStep(network, optimizer: Adam(learningRate: .constant(rate)), seed: 1) { model, batch in
    softmaxCrossEntropy(model(batch.input), batch.target)
  }
  var error = 1.0
  for epoch in 0..<(isShort ? 2 : 6) {
    for batch in batches.prefetched(epoch: epoch) { try step(try batch.get()) }
    let guessed = step.model.predict(digits.test.images).argMax()
    error = try (guessed .!= digits.test.labels).converted(to: .float64).mean().item()
    try trial.report(error, at: epoch)
  }
  return error
}
print(report)
