import DescentData
import DescentSearch
import Foundation
import Testing

/// Prints what `scripts/search-table evolution` shows.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DESCENT_SEARCH_TABLE"] == "evolution")) struct EvolutionTable {
  /// The evaluations until the least value is neared by so much: the median over seven instances with fifteen seeds each,
  /// and how many of these runs came so near, with the learning rates of the tutorial and of pycma.
  @Test func benchmarks() throws {
    let targets = [10, 0.1, 1e-3, 1e-7]
    for dimension in [5, 10] {
      for kind in BBOB.Kind.allCases {
        var cells = targets.map { ["\(kind)", "\(dimension)", "\($0)"] }
        for rates in [CMAES.LearningRates.tutorial, .pycma] {
          let runs = try (1...15).flatMap { seed in
            try (1...7).map { try evaluations(kind, instance: $0, dimension, seed: seed, targets, rates) }
          }
          for place in targets.indices {
            let counts = runs.map { $0[place] ?? .max }.sorted()
            cells[place] += ["\(counts[counts.count / 2])", "\(counts.count { $0 < .max })/\(counts.count)"]
          }
        }
        for row in cells { print("|benchmark|" + row.joined(separator: "|") + "|") }
      }
    }
  }

  /// What separable CMA-ES needs on the sphere of 1,000 dimensions: evaluations and seconds.
  @Test func manyCoordinates() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      var cma = try CMAES(from: [Double](repeating: 1, count: 1_000), sigma: 0.5, seed: seed)
      let time = try ContinuousClock().measure { try cma.minimize(evaluations: 200_000, target: 1e-8, sphere) }
      let value = cma.best?.outcome.value ?? .nan
      print("|many|sphere|\(cma.generation * cma.populationSize)|\(value)|\(time)|")
    }
  }

  private func evaluations(
    _ kind: BBOB.Kind, instance: Int, _ dimension: Int, seed: Int, _ targets: [Double], _ rates: CMAES.LearningRates
  ) throws -> [Int?] {
    let function = BBOB(kind, instance: instance, dimension: dimension)
    var random = ElementRandom(seed: UInt64(seed), epoch: dimension, index: instance)
    let start = (0..<dimension).map { _ in random.number(in: -4...4) }
    var cma = try CMAES(from: start, sigma: 2, rates: rates, seed: random.next())
    var reached = [Int?](repeating: nil, count: targets.count)
    var count = 0
    while cma.stop == nil, reached.contains(nil), count < 20_000 * dimension {
      let values = cma.ask().map { function($0) }
      for value in values {
        count += 1
        for place in targets.indices where reached[place] == nil && value - function.minimum <= targets[place] {
          reached[place] = count
        }
      }
      try cma.tell(values)
    }
    return reached
  }

  /// The hypervolume that NSGA-II covers with 100 individuals in 250 generations, and in 100 for two numbers.
  @Test func fronts() throws {
    for problem in FrontProblem.allCases {
      let volumes = try (1...5).map { seed in
        var search = try NSGA2(over: problem.space, populationSize: 100, seed: UInt64(seed))
        for _ in 0..<(problem == .braninCurrin ? 100 : 250) {
          try search.tell(search.ask().map { Outcome(problem($0)) })
        }
        return try hypervolume(of: search.front.map(\.outcome.values), reference: problem.reference)
      }
      let shares = volumes.map { String(format: "%.3f %%", 100 * $0 / problem.mostVolume) }
      print("|front|\(problem)|\(problem.mostVolume)|" + shares.joined(separator: " ") + "|")
    }
  }
}
