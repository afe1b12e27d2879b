import DescentData
import DescentLayers
import DescentSearch
import DescentTensors
import Foundation
import Testing

/// States that were damaged since they were written: reading refuses them, or they can be asked and told.
@Suite struct StrategyStateTests {
  private static let space = Space(
    [
      .init("x", .real(-2...2)), .init("rate", .real(1e-4...1, scale: .logarithmic)), .init("n", .integer(1...9)),
      .init("kind", .choice(["a", "b", "c"])), .init("on", .toggle), .init("some", .subset(["p", "q", "r"])),
      .init("tour", .permutation(["A", "B", "C", "D", "E"])),
      .init("deep", .real(0...1), when: .isOn("on")),
    ], allowing: [.sum(["x": 1, "n": 0.1], atMost: 2)])

  private static func ofSettings() throws -> [any EvolutionStrategy<Settings>] {
    [
      try GeneticAlgorithm(over: space, populationSize: 8, seed: 1),
      try GeneticAlgorithm(
        over: space, populationSize: 8, operators: GeneticOperators(numbers: .blend(), orders: .cycle), seed: 1),
      try NSGA2(over: space, populationSize: 8, seed: 1),
      try SimulatedAnnealing(over: space, chains: 3, warmUp: 2, seed: 1),
    ]
  }

  private static func value(_ settings: Settings) -> Double {
    settings.values.reduce(0) { sum, setting in
      switch setting {
      case .real(let value): sum + value * value
      case .choice(let place): sum + Double(place)
      case .permutation(let places): sum + Double(places.first ?? 0)
      default: sum
      }
    }
  }

  /// Damages the state of a strategy after some generations, and uses what could be read.
  ///
  /// - Returns: How many states could be read, and how many were refused.
  private func damage<Strategy: EvolutionStrategy>(
    _ strategy: Strategy, rounds: Int, _ outcome: (Strategy.Individual) -> Outcome
  ) throws -> (read: Int, refused: Int) {
    var (strategy, read, refused) = (strategy, 0, 0)
    for generation in 0..<4 {
      if generation != 1 {
        let tree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(strategy))
        for seed in 0..<rounds {
          var random = ElementRandom(seed: UInt64(seed), epoch: generation, index: 0)
          var damaged = tree
          for _ in 0...random.place(below: 2) { damaged = JSONDamage.once(damaged, &random) }
          let data = try JSONSerialization.data(withJSONObject: damaged, options: .fragmentsAllowed)
          do {
            var found = try JSONDecoder().decode(Strategy.self, from: data)
            read += 1
            // A population as large as a user may ask for takes as long as it does.
            guard found.populationSize <= 50 else { continue }
            for _ in 0..<3 { try found.tell(found.ask().map(outcome)) }
            _ = try? JSONDecoder().decode(Strategy.self, from: JSONEncoder().encode(found))
          } catch is SearchError {
            refused += 1
          } catch is DecodingError {
            refused += 1
          }
        }
      }
      try strategy.tell(strategy.ask().map(outcome))
    }
    return (read, refused)
  }

  private static var rounds: Int {
    ProcessInfo.processInfo.environment["DESCENT_FUZZ_FILES"].flatMap(Int.init).map { max($0 / 20, 2) } ?? 30
  }

  @Test func damagedStatesOfVectorsAreRefusedOrGoOn() throws {
    let bounds = [ClosedRange](repeating: -5.0...5, count: 3)
    var strategies = try EvolutionTests.strategies()
    strategies.append(try CMAES(from: [1, 2, 3], sigma: 1, scales: [1, 10, 0.1], seed: 1))
    strategies.append(try RestartedCMAES(from: [1, 2, 3], sigma: 1, policy: .increasing(), seed: 1))
    strategies.append(
      try RestartedCMAES(from: [1, 2, 3], sigma: 1, bounds: bounds, wholeNumbers: [0], populationSize: 4, seed: 1))
    for strategy in strategies {
      let (read, refused) = try damage(strategy, rounds: Self.rounds) { x in Outcome(x[0] > 3 ? .nan : rosenbrock(x)) }
      #expect(read > 0 && refused > 0, "\(type(of: strategy)): \(read) read, \(refused) refused")
    }
  }

  @Test func damagedStatesOfSettingsAreRefusedOrGoOn() throws {
    for strategy in try Self.ofSettings() {
      let (read, refused) = try damage(strategy, rounds: Self.rounds / 4) {
        Outcome([Self.value($0), -Self.value($0)])
      }
      #expect(read > 0 && refused > 0, "\(type(of: strategy)): \(read) read, \(refused) refused")
    }
  }

  @Test func damagedHallsAreRefusedOrGoOn() throws {
    var hall = HallOfFame<[Double]>(capacity: 4)
    var archive = ParetoArchive<[Double]>(capacity: 6)
    for place in 0..<8 {
      let x = Double(place)
      hall.insert([x], Outcome(x * 3.7.truncatingRemainder(dividingBy: 1 + x)))
      archive.insert([x], Outcome([x, -x]))
    }
    func check<Hall: Codable & Equatable>(_ hall: Hall, _ use: (inout Hall) -> Void) throws {
      let data = try JSONEncoder().encode(hall)
      #expect(try JSONDecoder().decode(Hall.self, from: data) == hall)
      let tree = try JSONSerialization.jsonObject(with: data)
      var refused = 0
      for seed in 0..<300 {
        var random = ElementRandom(seed: UInt64(seed), epoch: 0, index: 0)
        let damaged = JSONDamage.once(tree, &random)
        do {
          var found = try JSONDecoder().decode(Hall.self, from: JSONSerialization.data(withJSONObject: damaged))
          use(&found)
        } catch is SearchError {
          refused += 1
        } catch is DecodingError {
          refused += 1
        }
      }
      #expect(refused > 0)
    }
    try check(hall) { hall in
      hall.insert([0.5], Outcome(0.5))
      #expect(hall.members.count <= hall.capacity)
    }
    try check(archive) { archive in
      archive.insert([0.5], Outcome([0.5, -0.5]))
      #expect(archive.members.count <= archive.capacity)
    }
  }

  /// An evolution whose strategy moves other parameters than its model has.
  @Test func evolutionsOfOtherModelsAreRefused() throws {
    let model = try Dense(units: 2).initialized(for: Tensor([[0, 1]]), seed: 1)
    let larger = try Dense(units: 3).initialized(for: Tensor([[0, 1]]), seed: 1)
    func tree(_ model: Dense) throws -> [String: Any]? {
      let data = try JSONEncoder().encode(try ModelEvolution(model, by: .snes(seed: 1)))
      return try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }
    var mixed = try #require(try tree(model))
    mixed["strategy"] = try tree(larger)?["strategy"]
    let data = try JSONSerialization.data(withJSONObject: mixed)
    #expect(throws: SearchError.self) { try JSONDecoder().decode(ModelEvolution<Dense, SNES>.self, from: data) }
  }

  @Test func errorsSayWhatDoesNotFit() throws {
    var state = try CMAES(from: [0, 0, 0], sigma: 1, seed: 1)
    try state.tell(state.ask().map(sphere))
    func message(_ key: String, _ value: Any) throws -> String {
      var tree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any] ?? [:]
      tree[key] = value
      let data = try JSONSerialization.data(withJSONObject: tree)
      do {
        _ = try JSONDecoder().decode(CMAES.self, from: data)
        return "read"
      } catch let error as SearchError {
        return error.message
      }
    }
    let start = "the state that was read does not fit together: "
    #expect(try message("path", [1, 2]) == start + "path has 3 numbers, and 2 was found")
    #expect(try message("center", [1, 2]) == start + "directions has 4 numbers, and 9 was found")
    #expect(try message("generation", -1) == start + "generation lies in 0...9007199254740992, and -1 was found")
    #expect(try message("sigma", -0.5).hasSuffix("and -0.5 was found"))
    #expect(try message("initialSigma", 0) == "sigma is positive, and 0.0 was given")
  }
}

/// Changes of a tree of JSON such as a careless hand makes.
enum JSONDamage {
  /// The tree with one change somewhere: a number, a length, a part that is missing, of another kind or there twice.
  static func once(_ tree: Any, _ random: inout ElementRandom) -> Any {
    // Down to some place, sooner or later.
    if let parts = tree as? [String: Any], let key = pick(parts.keys.sorted(), &random) {
      var changed = parts
      if random.unit() < 0.9 {
        changed[key] = parts[key].map { once($0, &random) }
      } else if random.unit() < 0.5 {
        changed[key] = nil
      } else {
        changed[key] = parts[pick(parts.keys.sorted(), &random) ?? key]
      }
      return changed
    }
    if let parts = tree as? [Any] {
      var changed = parts
      let place = random.place(below: parts.count)
      switch random.place(below: parts.isEmpty ? 1 : 6) {
      case 0: changed.append(parts.last ?? number(&random))
      case 1: changed.remove(at: place)
      case 2: changed = []
      case 3: changed.swapAt(place, random.place(below: parts.count))
      default: changed[place] = once(parts[place], &random)
      }
      return changed
    }
    return random.unit() < 0.9 && tree is NSNumber ? number(&random) : other(&random)
  }

  private static func pick(_ keys: [String], _ random: inout ElementRandom) -> String? {
    keys.isEmpty ? nil : keys[random.place(below: keys.count)]
  }

  private static func number(_ random: inout ElementRandom) -> Any {
    let numbers: [Any] = [
      0, 1, -1, 2, 3, 7, 1_000_000, Int.max, Int.min, 1 << 53, 0.5, -0.25, 1.5, 1e300, -1e300, 1e-300, 1e18, -3.0,
    ]
    return numbers[random.place(below: numbers.count)]
  }

  private static func other(_ random: inout ElementRandom) -> Any {
    let others: [Any] = ["nan", "inf", "-inf", "", true, [Any](), [String: Any](), [1, 2], NSNull(), "automatic"]
    return others[random.place(below: others.count)]
  }
}
