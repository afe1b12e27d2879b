import DescentSearch
import Foundation
import Testing

/// Prints what `scripts/search-table` shows; `DESCENT_SEARCH_TABLE` says which: `single`, `fronts` or `time`, and
/// `DESCENT_SEARCH_SEEDS` how many seeds.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DESCENT_SEARCH_TABLE"] != nil), .serialized) struct SearchTable
{
  private static let part = ProcessInfo.processInfo.environment["DESCENT_SEARCH_TABLE"]
  private static let seeds =
    ProcessInfo.processInfo.environment["DESCENT_SEARCH_SEEDS"].flatMap(UInt64.init) ?? 10

  private struct Function: Sendable {
    let name: String
    let space: [(name: String, domain: Domain)]
    let trials: Int
    let target: Double
    let value: @Sendable ([Double]) -> Double
  }

  private static func cube(_ count: Int) -> [(name: String, domain: Domain)] {
    (0..<count).map { ("x\($0)", .real(0...1)) }
  }

  private static let functions = [
    Function(name: "Branin", space: braninSpace, trials: 40, target: 0.3980) { branin($0[0], $0[1]) },
    Function(name: "Hartmann 6", space: cube(6), trials: 60, target: -3.30, value: hartmann),
  ]

  private static func numbers(_ settings: Settings, _ space: [(name: String, domain: Domain)]) -> [Double] {
    space.map { settings($0.name) }
  }

  /// For each seed the least value, and the trial that first reached the target.
  @Test(.enabled(if: part == "single")) func single() throws {
    let samplers: [(name: String, make: (UInt64) -> any Sampler)] = [
      ("Gaussian process", { .bayesian(seed: $0) }), ("TPE", { .tpe(seed: $0) }), ("random", { .random(seed: $0) }),
    ]
    for function in Self.functions {
      print("| \(function.name), \(function.trials) trials | reached \(function.target) | mean | of each seed |")
      print("| --- | --- | --- | --- |")
      for (name, make) in samplers {
        var found: [(best: Double, reached: Int?)] = []
        for seed in 0..<Self.seeds {
          var trials = Trials(space: function.space, sampler: make(seed))
          try trials.run(to: function.trials) { settings in
            ([function.value(Self.numbers(settings, function.space))], [])
          }
          let values = trials.history.map { $0.values[0] }
          found.append((trials.best, values.firstIndex { $0 <= function.target }.map { $0 + 1 }))
        }
        let cells = found.map { String(format: "%.4f", $0.best) + ($0.reached.map { " (\($0))" } ?? "") }
        let mean = found.reduce(0) { $0 + $1.best } / Double(found.count)
        print(
          "| \(name) | \(found.count { $0.reached != nil }) of \(found.count) | \(String(format: "%.4f", mean)) | "
            + cells.joined(separator: ", ") + " |")
      }
    }
  }

  private struct Front: Sendable {
    let name: String
    let space: [(name: String, domain: Domain)]
    let reference: [Double]
    let volume: Double
    let value: @Sendable ([Double]) -> [Double]
  }

  private static let fronts = [
    Front(
      name: "Branin–Currin", space: cube(2), reference: [18, 6], volume: 59.36011874867746,
      value: { x in
        let power = x[1] > 0 ? 1 - exp(-1 / (2 * x[1])) : 1
        let over = 2_300 * pow(x[0], 3) + 1_900 * x[0] * x[0] + 2_092 * x[0] + 60
        let under = 100 * pow(x[0], 3) + 500 * x[0] * x[0] + 4 * x[0] + 20
        return [branin(15 * x[0] - 5, 15 * x[1]), power * over / under]
      }),
    Front(name: "ZDT1", space: cube(6), reference: [11, 11], volume: 120 + 2.0 / 3) { zdt($0) { 1 - $0.squareRoot() } },
    Front(name: "ZDT2", space: cube(6), reference: [11, 11], volume: 120 + 1.0 / 3) { zdt($0) { 1 - $0 * $0 } },
    Front(name: "ZDT3", space: cube(6), reference: [11, 11], volume: 128.7781161306907) { x in
      zdt(x) { 1 - $0.squareRoot() - $0 * sin(10 * .pi * x[0]) }
    },
  ]

  /// For each seed the share of the largest hypervolume, after 30, 60 and 100 trials.
  @Test(.enabled(if: part == "fronts")) func fronts() throws {
    print("| hypervolume, % of the largest | after 30 trials | after 60 | after 100 |")
    print("| --- | --- | --- | --- |")
    for front in Self.fronts {
      var cells: [[String]] = [[], [], []]
      for seed in 0..<Self.seeds {
        var trials = Trials(
          space: front.space, sampler: .bayesian(seed: seed, reference: front.reference), isMinimized: [true, true])
        for (column, count) in [30, 60, 100].enumerated() {
          try trials.run(to: count) { settings in (front.value(Self.numbers(settings, front.space)), []) }
          let volume = try hypervolume(of: trials.history.map(\.values), reference: front.reference)
          cells[column].append(String(format: "%.2f", 100 * volume / front.volume))
        }
      }
      print("| \(front.name) | " + cells.map { $0.joined(separator: ", ") }.joined(separator: " | ") + " |")
    }
  }

  /// The seconds that all processors together have worked for this process.
  private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// The seconds that suggestions take, altogether.
  @Test(.enabled(if: part == "time")) func time() throws {
    let space = Self.cube(10)
    print("| suggestions in 10 dimensions | trials | seconds | of processors |")
    print("| --- | --- | --- | --- |")
    let runs: [(name: String, sampler: any Sampler, count: Int)] = [
      ("TPE", .tpe(seed: 0), 1_000), ("Gaussian process", .bayesian(seed: 0), 500),
    ]
    for (name, sampler, count) in runs {
      var trials = Trials(space: space, sampler: sampler)
      let clock = ContinuousClock()
      let before = Self.processorSeconds
      let taken = try clock.measure {
        try trials.run(to: count) { settings in
          let x = Self.numbers(settings, space)
          return ([x.indices.reduce(0) { $0 + pow(x[$1] - 0.1 * Double($1), 2) }], [])
        }
      }
      let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) * 1e-18
      print(
        "| \(name) | \(count) | \(String(format: "%.1f", seconds)) | "
          + "\(String(format: "%.1f", Self.processorSeconds - before)) |")
    }
  }
}

/// The functions of Zitzler, Deb and Thiele (2000), by the shape of their front.
private func zdt(_ x: [Double], _ shape: (Double) -> Double) -> [Double] {
  let g = 1 + 9 * x.dropFirst().reduce(0, +) / Double(x.count - 1)
  return [x[0], g * shape(x[0] / g)]
}

/// Hartmann's function of six numbers, whose least value is −3.32237.
private func hartmann(_ x: [Double]) -> Double {
  let weights = [1, 1.2, 3, 3.2]
  let a: [[Double]] = [
    [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
  ]
  let p: [[Double]] = [
    [1_312, 1_696, 5_569, 124, 8_283, 5_886], [2_329, 4_135, 8_307, 3_736, 1_004, 9_991],
    [2_348, 1_451, 3_522, 2_883, 3_047, 6_650], [4_047, 8_828, 8_732, 5_743, 1_091, 381],
  ]
  var total = 0.0
  for row in 0..<4 {
    var distance = 0.0
    for column in 0..<6 {
      let difference = x[column] - p[row][column] * 1e-4
      distance += a[row][column] * difference * difference
    }
    total -= weights[row] * exp(-distance)
  }
  return total
}
