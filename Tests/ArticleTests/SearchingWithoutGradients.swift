import Descent
import Foundation
import Testing

@Suite struct SearchingWithoutGradients {
  /// Stands for a training: an error that depends on the rate and the widths.
  @Sendable static func error(_ rate: Double, _ widths: [Int], _ activation: String, _ epoch: Int) -> Double {
    let size = Double(widths.reduce(0, +))
    return abs(log10(rate) + 3) / 4 + abs(log2(size / 128)) / 8 + (activation == "gelu" ? 0 : 0.1) + 1
      / Double(epoch + 1)
  }

  @Test func studies() throws {
    let study = try Study("digits", minimizing: "error", by: .bayesian(seed: 1, batch: 2), pruning: .median())
    let report = try study.run(trials: 16, workers: 2) { trial in
      let rate = trial.real("learningRate", 1e-5...1e-1, scale: .logarithmic)
      let layers = trial.integer("layers", 1...4)
      let widths = (0..<layers).map { trial.integer("units\($0)", 16...512, scale: .logarithmic) }
      let activation = trial.choice("activation", ["relu", "gelu", "tanh"])
      var error = 1.0
      for epoch in 0..<5 {
        error = Self.error(rate, widths, activation, epoch)
        try trial.report(error, at: epoch)
      }
      return error
    }
    print(report.best)
    print(report)

    #expect(report.trials.count == 16)
    #expect(report.best.values[0] < 1.2)
  }

  @Test func spaces() throws {
    let space = Space(
      [
        .init("optimizer", .choice(["sgd", "adam"])),
        .init("momentum", .real(0...0.99), when: .choice("optimizer", among: ["sgd"])),
        .init("batch", .integer(16...256, step: 16)),
        .init("augmentations", .subset(["flip", "crop", "noise"])),
      ],
      allowing: [.not(.all([.number("batch", atLeast: 200), .holds("augmentations", "noise")]))])
    let text = try JSONEncoder().encode(space)
    let study = try Study(over: space, maximizing: "accuracy", by: .random(seed: 1))
    try study.enqueue(["batch": .integer(64), "optimizer": .choice(1)])

    #expect(try JSONDecoder().decode(Space.self, from: text) == space)
    let report = try study.run(trials: 20) { trial in Double(trial.integer("batch", 16...256, step: 16)) }
    #expect(report.trials[0].settings["batch"] == .integer(64))
    #expect(report.trials.allSatisfy { space.contains($0.settings) })
  }

  @Test func loopsOfOnesOwn() throws {
    func measure(_ voltage: Double, _ isCooled: Bool) -> Double { voltage * (isCooled ? 1 : 2) }

    let study = try Study("bench", minimizing: "noise", by: .sobol(seed: 1))
    for _ in 0..<8 {
      let trial = try study.ask()
      let noise = measure(trial.real("voltage", 0.5...3), trial.toggle("cooling"))
      try study.tell(trial, noise)
    }
    print(try study.report().best)

    #expect(try study.trials().count == 8)
  }

  @Test func functionsOfTensors() throws {
    @Sendable func branin(_ point: Tensor) -> Tensor {
      let (x, y) = (point[0], point[1])
      return square(y - 0.129184509 * square(x) + 1.59154943 * x - 6.0) + 9.602112642 * cos(x) + 10.0
    }
    let space: Space = ["x": .real(-5...10), "y": .real(0...15)]
    let found = try minimize(branin, over: space, by: .sobol(seed: 1), trials: 512)
    print(found)

    #expect(found.isVectorized && found.value < 1)
  }

  @Test func severalObjectives() throws {
    let study = try Study(objectives: [.minimizing("error"), .minimizing("seconds")], by: .random(seed: 1))
    let report = try study.run(trials: 30) { trial in
      let units = trial.integer("units", 1...64)
      trial.report(violations: [Double(units) - 48])  // above zero: too large for the device
      return [1 / Double(units), Double(units) / 1e3]
    }
    for trial in report.front { print(trial) }

    #expect(report.front.allSatisfy { $0.isFeasible })
  }

  @Test func populations() throws {
    var search = try CMAES(from: [-1.2, 1], sigma: 0.5, seed: 1)
    while search.stop == nil {
      try search.tell(search.ask().map { x in 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2) })
    }
    print(search.mean, search.generation * search.populationSize)

    #expect(abs(search.mean[0] - 1) < 1e-4 && abs(search.mean[1] - 1) < 1e-4)
  }

  @Test func modelsWithoutADerivative() throws {
    let images = RandomKey(seed: 1).normal([200, 4])
    let labels = (matmul(images, Tensor([[1, 0, -1], [0, 1, 1], [1, 1, 0], [0, -1, 1]]))).argMax()
    let start = try Dense(units: 3).initialized(for: images, seed: 1)
    let report = try evolve(
      start, by: .snes(sigma: 0.3, populationSize: 30, seed: 1), generations: 60,
      fitness: { model in (model(images).argMax() .== labels).converted(to: .float32).mean() })
    print("\(report.evaluations) models, the best of which is right in \(report.fitness * 100) %")

    #expect(report.evaluations == 1_800 && report.fitness > 0.9)
  }

  @Test func countingFirst() throws {
    let space: Space = ["layers": .integer(1...4), "units": .integer(16...512), "rate": .real(1e-5...1e-1)]
    print(space.size(points: 10).text(secondsEach: 60))

    #expect(space.size(points: 10).text(secondsEach: 60) == "400 settings, 6.7 hours at 60 s each")
  }
}
