// Charts: what a training did, as SVG files and in the terminal.

import Descent
import Foundation

// A training of a made-up model: two curves, the spread over several runs, and the rate that was wanted.
let steps = Tensor(rangeTo: 400, .float32)
let noise = RandomKey(seed: 7).normal([2, 400])
let training = exp(-steps / 90) + 0.08 + 0.02 * noise[0]
let validation = exp(-steps / 110) + 0.16 + 0.02 * noise[1]

let loss = Chart(
  "Loss", subtitle: "a made-up training of 400 steps", x: "step", y: .init("cross-entropy", .logarithmic),
  [
    .band(steps, low: training * 0.8, high: training * 1.25, name: "training"),
    .line(steps, training, name: "training"),
    .line(steps, validation, name: "validation").dashed(),
    .level(y: 0.2, name: "wanted"),
    .note("best", x: 380, y: 0.19),
  ])
try loss.write(to: "loss.svg")
try loss.write(to: "loss-dark.svg", style: .dark)
print(loss)

let scores = Chart(
  "Accuracy by optimizer", x: "optimizer", y: .init("accuracy", range: 0...1, format: .percent),
  [
    .bars([0.91, 0.964, 0.971, 0.975], labels: ["SGD", "momentum", "Adam", "Muon"], name: "training"),
    .bars([0.90, 0.952, 0.949, 0.958], labels: ["SGD", "momentum", "Adam", "Muon"], name: "test"),
  ])
try scores.write(to: "scores.svg")
print(scores)

let weights = Chart(
  "Weights", x: "value", y: "count",
  [
    .histogram(RandomKey(seed: 1).normal([20_000]), name: "before"),
    .histogram(RandomKey(seed: 2).normal([20_000]) * 0.4 + 1, name: "after"),
  ])
try weights.write(to: "weights.svg")
print(weights)

let cloud = RandomKey(seed: 3).normal([2, 2, 300])
let classes = Chart(
  "Two classes", x: "first component", y: "second component",
  [
    .scatter(cloud[0, 0], cloud[0, 1], name: "zeros"),
    .scatter(cloud[1, 0] + 2, cloud[1, 1] * 0.5 + 1, name: "ones"),
  ])
try classes.write(to: "classes.svg")
