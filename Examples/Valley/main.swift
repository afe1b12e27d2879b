// Down into a valley by several methods, a fit to data, and the landscape around a small network.

import Descent

func rosenbrock(_ x: Tensor) -> Tensor {
  100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
}

let start = Tensor([-1.2, 1.0], .float64)
let result = try minimize(rosenbrock, from: start, by: .lbfgs())
print("Rosenbrock's valley\n\(result)\n")

// The same way down by several methods, over the valley's contours.
let methods: [(String, MinimizationMethod)] = [
  ("gradient descent", .gradientDescent(.armijo)), ("L-BFGS", .lbfgs()), ("trust region", .trustRegion()),
]
let paths = try methods.map { name, method in
  let way = try minimize(
    rosenbrock, from: start, by: method, stopping: Stopping(iterations: 60), recordsPath: true)
  return Landscape.Path("\(name), \(way.iterations) iterations", way.path)
}
let valley = try Landscape(x: -1.6...1.6, y: -0.6...1.6, of: rosenbrock)
try valley.chart("Down into the valley", paths: paths).write(to: "valley.svg")

// A fit by least squares: the weight that a length of yarn bears, measured at NIST (Misra1a).
let y = Tensor(
  [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78], .float64)
let x = Tensor(
  [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760], .float64)
let fit = try leastSquares(from: Tensor([500.0, 1e-4], .float64), observed: y) { b in
  y - b[0] * (1 - exp(-b[1] * x))
}
print("Misra1a\n\(fit.text(names: ["b1", "b2"]))\n")

// A network of seven neurons that learns a wave, from two initial values; the line between what both have found, and a
// plane around one of them.
struct Wave: Layer {
  var hidden = Dense(units: 6)
  var output = Dense(units: 1)
  func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
}
let places = Tensor(rangeFrom: -3, through: 3, count: 60).reshaped([60, 1])
let wave = sin(places * 1.5)
@Sendable func loss(_ model: Wave) -> Tensor { square(model(places) - wave).mean() }
let found = try [1, 2].map { seed in
  try minimize(
    loss, from: Wave().initialized(for: places, seed: seed), by: .lbfgs(),
    stopping: Stopping(gradient: 1e-4, iterations: 300))
}
print("two networks: losses \(found.map(\.value)), after \(found.map(\.iterations)) iterations")
let line = try LandscapeLine.between(found[0].point, found[1].point, of: loss)
try line.chart("From one minimum to another", scale: .logarithmic).write(to: "between.svg")
let around = try Landscape.slice(of: loss, around: found[0].point, extent: 0.8, resolution: 41)
try around.chart("Around a minimum", subtitle: "directions normalized by filter").write(to: "around.svg")
print("drawn: valley.svg, between.svg, around.svg")
