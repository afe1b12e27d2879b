import DescentAgents
import DescentTensors
import Testing

@Suite struct FiniteEnvironmentTests {
  /// Sums over all outcomes that change with any of them.
  private func fingerprint(
    _ process: FiniteProcess, leaving left: Set<Int> = []
  ) -> (count: Int, ends: Int, places: Double, rewards: Double) {
    var result = (count: 0, ends: 0, places: 0.0, rewards: 0.0)
    for state in 0..<process.stateCount where !left.contains(state) {
      for action in 0..<process.actionCount {
        for outcome in process.outcomes(of: action, in: state) {
          result.count += 1
          if outcome.terminated { result.ends += 1 }
          let place = Double(((state * 7 + action * 3) % 101 + 1) * (outcome.state * 13 % 97 + 1))
          result.places += outcome.probability * place
          result.rewards += outcome.probability * outcome.reward * Double((state + 5 * action) % 11 + 1)
        }
      }
    }
    return result
  }

  /// Against the tables of Gymnasium 1.4.0, `env.unwrapped.P`.
  @Test func tablesAreThoseOfGymnasium() throws {
    func expect(
      _ process: FiniteProcess, _ wanted: (count: Int, ends: Int, places: Double, rewards: Double),
      leaving left: Set<Int> = [], _ line: SourceLocation = #_sourceLocation
    ) {
      let found = fingerprint(process, leaving: left)
      #expect(process.fault == nil, sourceLocation: line)
      #expect(found.count == wanted.count && found.ends == wanted.ends, sourceLocation: line)
      #expect(abs(found.places - wanted.places) < 1e-6 * wanted.places, sourceLocation: line)
      #expect(abs(found.rewards - wanted.rewards) < 1e-6 * abs(wanted.rewards), sourceLocation: line)
    }
    expect(try FrozenLake().process, (152, 50, 161_149.66666666663, 6.666666666666667))
    expect(try FrozenLake(isSlippery: false).process, (64, 30, 162_149.0, 3.0))
    expect(try FrozenLake(map: FrozenLake.large).process, (680, 149, 601_121.3333333336, 9.333333333333334))
    expect(CliffWalking().process, (188, 2, 491_183.0, -24_281.0), leaving: [47])
    expect(CliffWalking(isSlippery: true).process, (564, 6, 498_495.3333333334, -24_512.0), leaving: [47])
    expect(Taxi().process, (3000, 4, 7_505_864.0, -69_717.0))
    #expect(Taxi().process.starts.count { $0 > 0 } == 300)
  }

  @Test func outcomesComeAsOftenAsTheirChances() throws {
    let lake = try FrozenLake()
    let batch = try lake.batch(3000)
    let run = compiled { (key: RandomKey) in
      let start = try batch.reset(key: key)
      return try batch.step(start, Tensor(integers: [2]).broadcast(to: [3000]), key: key.split(1)).finalObservations
    }
    let places = try run(RandomKey(seed: 3)).integers()
    // To the right of the first field one slips up, where one stays, or down.
    for (place, chance) in [(0, 1.0 / 3), (1, 1.0 / 3), (4, 1.0 / 3)] {
      #expect(abs(Double(places.count { $0 == place }) / 3000 - chance) < 0.04)
    }
    #expect(places.allSatisfy { [0, 1, 4].contains($0) })
    let taxi = try Taxi().batch(600)
    let states = try taxi.reset(key: RandomKey(seed: 1)).states.number.integers()
    let process = Taxi().process
    #expect(states.allSatisfy { process.starts[$0] > 0 })
    #expect(Set(states).count > 200)
  }

  @Test func theGridHasWallsTrapsAndSlips() throws {
    let grid = try GridWorld()
    let up = grid.process.outcomes(of: 0, in: 8)
    #expect(up.map(\.state) == [4, 8, 9])
    #expect(up.map(\.probability) == [0.8, 0.1, 0.1])
    // The wall lets nobody through, and the trap ends the episode.
    #expect(grid.process.outcomes(of: 1, in: 4).map(\.state) == [4, 0, 8])
    let trapped = grid.process.outcomes(of: 1, in: 6)[0]
    #expect(trapped == .init(0.8, state: 7, reward: -1.04, terminated: true))
    #expect(try GridWorld(map: ["SG"], slip: 0).process.outcomes(of: 1, in: 0).count == 1)
  }

  @Test func mistakesAreTold() throws {
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { _ = try GridWorld(map: ["S.", "."]) }.contains("the lines of the map have the lengths [2, 1]"))
    #expect(message { _ = try GridWorld(map: ["S?"]) }.contains("the map has '?' in line 1, column 2"))
    #expect(message { _ = try FrozenLake(map: ["FG"]) }.contains("the map has no 'S' to begin at"))
    #expect(message { _ = try GridWorld(slip: 0.7) }.contains("a chance of 0.7"))
    let odd = FiniteProcess(states: 2, actions: 1, starts: [1, 0]) { _, _ in [.init(0.5, state: 0, reward: 0)] }
    #expect(odd.fault?.message.contains("what action 0 leads to in state 0 is no distribution") == true)
    #expect(FiniteProcess(states: 0, actions: 1, starts: []) { _, _ in [] }.fault != nil)
    #expect(FiniteProcess(states: 1, actions: 1, starts: [0.5]) { _, _ in [] }.fault != nil)
  }
}
