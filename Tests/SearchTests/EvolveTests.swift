import DescentData
import DescentLayers
import DescentSearch
import DescentTensors
import Foundation
import Testing

@Suite struct EvolveTests {
  private let inputs = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
  private let labels = Tensor([0, 1, 1, 0], .int32)

  private struct Network: Layer {
    var hidden = Dense(units: 4)
    var output = Dense(units: 2)
    func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
  }

  private func network() throws -> Network { try Network().initialized(for: inputs, seed: 1) }

  @Test func networksLearnWithoutADerivative() throws {
    let (inputs, labels) = (inputs, labels)
    let report = try evolve(
      try network(), by: .snes(sigma: 0.5, populationSize: 20, seed: 2), generations: 200, target: -0.05
    ) { model in -softmaxCrossEntropy(model(inputs), labels) }
    #expect(report.fitness >= -0.05)
    #expect(try report.fittest.predict(inputs).argMax().integers() == [0, 1, 1, 0])
    #expect(report.evaluations == 20 * report.history.count)
    #expect(report.history.last == report.fitness)
  }

  /// A count of right answers has a derivative of zero everywhere.
  @Test func countsOfMistakesAreEnough() throws {
    let places = (0..<36).map { place -> [Double] in [Double(place / 6) / 5, Double(place % 6) / 5] }
    let points = Tensor(places.flatMap { $0 }, shape: [36, 2], .float32)
    let values = places.map { place -> Int in place[0] > place[1] + 0.1 ? 1 : 0 }
    let sides = Tensor(integers: values)
    let start = try Dense(units: 2).initialized(for: points, seed: 3)
    func right(_ model: Dense) -> Tensor { (model(points).argMax() .== sides).converted(to: .float32).sum() }
    #expect(try right(start).item() < 33)
    let report = try evolve(
      start, by: .openAIES(sigma: 0.3, learningRate: 0.1, populationSize: 30, seed: 1), generations: 80, target: 36
    ) { model in (model(points).argMax() .== sides).converted(to: .float32).sum() }
    #expect(report.fitness == 36)
  }

  @Test func everyMethodMovesModels() throws {
    let inputs = inputs
    func check<Strategy>(_ method: EvolutionMethod<Strategy>) throws {
      let report = try evolve(try network(), by: method, generations: 8) { model in -square(model(inputs)).sum() }
      let first = try #require(report.history.first)
      #expect(report.fitness > first && report.history.count == 8)
      #expect(try report.model.predict(inputs).scalars().allSatisfy(\.isFinite))
    }
    try check(.snes(seed: 1))
    try check(.xnes(seed: 1))
    try check(.cmaES(seed: 1))
    try check(.openAIES(populationSize: 10, seed: 1))
    try check(.pgpe(populationSize: 10, seed: 1))
    try check(.onePlusOne(offspring: 6, seed: 1))
    try check(.differentialEvolution(populationSize: 12, seed: 1))
    try check(.particleSwarm(populationSize: 12, seed: 1))
    try check(EvolutionMethod { try SNES(from: $0, sigma: 0.2, populationSize: 8, seed: 9) })
  }

  @Test func partsOfAPopulationGiveTheSameAsTheWhole() throws {
    let inputs = inputs
    let reports = try [nil, 1, 7].map { count in
      try evolve(
        try network(), by: .snes(populationSize: 10, seed: 1), generations: 5, membersPerRun: count
      ) { model in -square(model(inputs)).sum() }
    }
    for report in reports.dropFirst() {
      for (a, b) in zip(report.history, reports[0].history) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test func plansGiveWhatMembersGiveByThemselves() throws {
    let (inputs, model) = (inputs, try network())
    let report = try evolve(model, by: .snes(populationSize: 6, seed: 1), generations: 1) { model in
      -square(model(inputs)).sum()
    }
    let evolution = try ModelEvolution(model, by: .snes(populationSize: 6, seed: 1))
    let fitness = try evolution.members().map { -(try square($0.predict(inputs)).sum().item()) }
    #expect(abs(report.history[0] - (fitness.max() ?? .nan)) < 1e-5)
  }

  @Test func dataMayChangeWithGenerations() throws {
    let (inputs, labels) = (inputs, labels)
    var asked: [Int] = []
    let report = try evolve(
      try network(), by: .snes(sigma: 0.5, populationSize: 12, seed: 1), generations: 6,
      batches: { generation in
        asked.append(generation)
        return ["x": inputs[generation % 2..<generation % 2 + 3], "y": labels[generation % 2..<generation % 2 + 3]]
      }
    ) { model, batch in
      guard let x = batch["x"], let y = batch["y"] else { return Tensor(0) }
      return -softmaxCrossEntropy(model(x), y)
    }
    #expect(asked == Array(0..<6) && report.history.count == 6)
  }

  @Test func frozenParametersStay() throws {
    var model = try network()
    model.freeze { $0.path.hasPrefix("hidden") }
    let inputs = inputs
    let report = try evolve(model, by: .snes(seed: 1), generations: 5) { model in -square(model(inputs)).sum() }
    #expect(try report.model.hidden(inputs).scalars() == model.hidden(inputs).scalars())
    #expect(try report.model(inputs).scalars() != model(inputs).scalars())
  }

  @Test func whatWasWrittenGoesOnWithTheSameBits() throws {
    var evolution = try ModelEvolution(try network(), by: .openAIES(populationSize: 8, seed: 3))
    for _ in 0..<3 {
      var read = try JSONDecoder().decode(type(of: evolution), from: try JSONEncoder().encode(evolution))
      let fitness = try evolution.members().map { -(try square($0.predict(inputs)).sum().item()) }
      #expect(try read.members().map { -(try square($0.predict(inputs)).sum().item()) } == fitness)
      try evolution.tell(fitness: fitness)
      try read.tell(fitness: fitness)
      #expect(read.strategy == evolution.strategy)
      evolution = read
    }
    #expect(try evolution.fittest() != nil)
  }

  @Test func mistakesAreTold() throws {
    let inputs = inputs
    #expect(throws: TensorError.self) {
      try evolve(Network(), by: .snes(), generations: 1) { model in model(inputs).sum() }
    }
    let model = try network()
    #expect(throws: TensorError.self) {
      try evolve(model, by: .snes(), generations: 1) { model in model(inputs) }
    }
    #expect(throws: TensorError.self) {
      try evolve(model, by: .snes(), generations: 1) { model in matmul(model(inputs), inputs) }
    }
    #expect(throws: SearchError.self) {
      try evolve(model, by: .snes(sigma: 0), generations: 1) { model in model(inputs).sum() }
    }
    #expect(throws: SearchError.self) {
      try evolve(model, by: .snes(), generations: -1) { model in model(inputs).sum() }
    }
    #expect(throws: SearchError.self) {
      try evolve(model, by: .snes(), generations: 1, membersPerRun: 0) { model in model(inputs).sum() }
    }
    let lost = try evolve(model, by: .snes(), generations: 2) { model in model(inputs).sum() * Double.nan }
    #expect(lost.fitness.isNaN)
    #expect(try lost.fittest.predict(inputs).scalars() == model.predict(inputs).scalars())
  }
}
