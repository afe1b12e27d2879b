import Descent
import Testing

@Suite struct FittingData {
  private let x = Tensor(
    [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760], .float64)
  private let y = Tensor(
    [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78], .float64)

  @Test func fits() throws {
    let fit = try leastSquares(from: Tensor([500.0, 1e-4], .float64), observed: y) { b in
      y - b[0] * (1 - exp(-b[1] * x))
    }
    print(fit.text(names: ["b1", "b2"]))
    #expect(fit.isConverged && abs(fit.numbers[0] - 238.94212918) < 1e-7)

    let robust = try leastSquares(
      from: fit.point, within: .box(lower: 0), loss: .huber(0.1)
    ) { b in
      y - b[0] * (1 - exp(-b[1] * x))
    }
    print(robust.standardErrors)
    #expect(robust.isConverged)
  }

  @Test func pictures() throws {
    func rosenbrock(_ x: Tensor) -> Tensor {
      100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
    }
    let start = Tensor([-1.2, 1.0], .float64)
    let way = try minimize(rosenbrock, from: start, by: .lbfgs(), recordsPath: true)
    let valley = try Landscape(x: -1.6...1.6, y: -0.6...1.6, of: rosenbrock)
    let chart = try valley.chart("Down into the valley", paths: [.init("L-BFGS", way.path)])
    #expect(try chart.svg().contains("L-BFGS"))
  }

  @Test func slices() throws {
    let inputs = RandomKey(seed: 1).normal([20, 3])
    let wanted = inputs.sliced(0..<1, axis: 1) * 2
    let model = try Dense(units: 1).initialized(for: inputs, seed: 1)
    let other = try Dense(units: 1).initialized(for: inputs, seed: 2)

    func loss(_ model: Dense) -> Tensor { square(model(inputs) - wanted).mean() }
    let plane = try Landscape.slice(of: loss, around: model, extent: 1, resolution: 21)
    let line = try LandscapeLine.between(model, other, of: loss)
    let figure = Figure("Loss", [try plane.chart("around"), line.chart("between")])
    #expect(try figure.svg().contains("around"))
  }
}
