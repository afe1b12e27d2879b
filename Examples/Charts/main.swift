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

// Where gradient descent goes: contours of Rosenbrock's function, and the way down with and without momentum.
func rosenbrock(_ x: Double, _ y: Double) -> Double { (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x) }
func descend(momentum: Double, steps: Int) -> (x: [Double], y: [Double]) {
  var (x, y, dx, dy) = (-1.2, 1.0, 0.0, 0.0)
  var path = (x: [x], y: [y])
  for _ in 0..<steps {
    let slope = -400 * x * (y - x * x)
    dx = momentum * dx - 5e-4 * (slope - 2 * (1 - x))
    dy = momentum * dy - 5e-4 * 200 * (y - x * x)
    x += dx
    y += dy
    path.x.append(x)
    path.y.append(y)
  }
  return path
}
let (plain, heavy) = (descend(momentum: 0, steps: 60), descend(momentum: 0.9, steps: 60))
let valley = Chart(
  "Down into the valley", subtitle: "60 steps on Rosenbrock's function", x: "x", y: "y",
  [
    .contours(x: -1.6...1.6, y: -0.8...2, of: rosenbrock),
    .path(plain.x, plain.y, name: "gradient descent"),
    .path(heavy.x, heavy.y, name: "with momentum"),
  ])
try valley.write(to: "valley.svg")
print(valley)

let side = Tensor(rangeFrom: -3, through: 3, count: 121)
let (down, across) = (side.reshaped([121, 1]), side.reshaped([1, 121]))
let peaks: Tensor = sin(down * 1.5) * cos(across) * exp(-0.1 * (square(down) + square(across)))
let field = Chart(
  "A field", x: "x", y: "y",
  [.field(peaks, x: -3...3, y: -3...3), .contours(peaks, x: -3...3, y: -3...3, levels: .even(9))], height: 520)
try field.write(to: "field.svg")

let attention = softmax(RandomKey(seed: 5).normal([7, 7]) * 1.5)
let words = ["the", "cat", "sat", "on", "the", "warm", "mat"]
let map = Chart(
  "Attention", x: "key", y: "query", [.heatMap(attention, rows: words, columns: words, showsValues: true)],
  width: 600, height: 560)
try map.write(to: "attention.svg")
print(map)

let confusion = Chart.confusionMatrix(
  "Pets", [[48, 1, 1], [6, 40, 4], [0, 3, 47]], labels: ["cat", "dog", "guinea pig"])
try confusion.write(to: "confusion.svg")
print(confusion)

let digits = try Digits.shipped().test
let grid = ImageGrid(
  "Shipped digits", digits.images[..<24], labels: try digits.labels.integers().prefix(24).map(String.init), columns: 8)
try grid.write(to: "digits.svg")
print(grid)
try ImageGrid.filters("Random filters", RandomKey(seed: 9).normal([5, 5, 1, 12])).write(to: "filters.svg")

try Figure("A training at a glance", [loss, scores, weights, valley]).write(to: "figure.svg")
print("drawn: loss.svg, loss-dark.svg, scores.svg, weights.svg, classes.svg, valley.svg, field.svg, attention.svg,")
print("       confusion.svg, digits.svg, filters.svg, figure.svg")
