import DescentData
import DescentSearch
import Foundation
import Testing

/// Prints what `scripts/search-table evolution` shows.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DESCENT_SEARCH_TABLE"] == "evolution")) struct EvolutionTable {
  /// The evaluations until the least value is neared by so much, the median over seven instances for each of five seeds.
  @Test func benchmarks() throws {
    let targets = [10, 0.1, 1e-3, 1e-7]
    for dimension in [5, 10] {
      for kind in BBOB.Kind.allCases {
        var counts = targets.map { _ in [[Int?]]() }
        for seed in 1...5 {
          let runs = try (1...7).map { try evaluations(kind, instance: $0, dimension, seed: seed, targets) }
          for place in targets.indices { counts[place].append(runs.map { $0[place] }) }
        }
        for place in targets.indices {
          let medians = counts[place].map { $0.map { $0 ?? .max }.sorted()[3] }
          let all = counts[place].flatMap { $0 }
          let median = all.map { $0 ?? .max }.sorted()[all.count / 2]
          let reached = all.count { $0 != nil }
          let cells = [
            "\(kind)", "\(dimension)", "\(targets[place])", "\(median)",
            medians.map(String.init).joined(separator: " "),
            "\(reached)/\(all.count)",
          ]
          print("|benchmark|" + cells.joined(separator: "|") + "|")
        }
      }
    }
  }

  private func evaluations(
    _ kind: BBOB.Kind, instance: Int, _ dimension: Int, seed: Int, _ targets: [Double]
  ) throws -> [Int?] {
    let function = BBOB(kind, instance: instance, dimension: dimension)
    var random = ElementRandom(seed: UInt64(seed), epoch: dimension, index: instance)
    let start = (0..<dimension).map { _ in random.number(in: -4...4) }
    var cma = try CMAES(from: start, sigma: 2, seed: random.next())
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
