import DescentAgents
import DescentTensors
import Foundation
import Testing

/// Five states in a row, of which the last gives 1 when it is left to the right.
private struct RandomWalk: FiniteEnvironment {
  let process = FiniteProcess(states: 7, actions: 2, starts: [0, 0, 0, 1, 0, 0, 0]) { state, action in
    guard (1...5).contains(state) else { return [.init(state: state, reward: 0, terminated: true)] }
    let next = action == 0 ? state - 1 : state + 1
    return [.init(state: next, reward: next == 6 ? 1 : 0, terminated: next == 0 || next == 6)]
  }
  var stepLimit: Int? { 1000 }
}

@Suite struct TabularTests {
  @Test(arguments: [TabularMethod.qLearning, .dynaQ(planningSteps: 5)])
  func theOptimalPathAlongTheCliffIsFound(_ method: TabularMethod) throws {
    let learning = TabularLearning(method, stepSize: 0.5, exploration: 0.2, finalExploration: 0, seed: 1)
    let trained = try learning.train(on: CliffWalking(), steps: method == .qLearning ? 8_000 : 3_000, runs: 2)
    for agent in trained.agents { #expect(try agent.evaluate(episodes: 1, stepLimit: 100).mean == -13) }
    #expect(trained.episodes.count == 2)
    #expect(try #require(trained.episodes[0].meanReturn(last: 20)) > -30)
  }

  /// Sutton and Barto, example 6.6: with exploration SARSA keeps away from the edge.
  @Test(arguments: [TabularMethod.sarsa, .expectedSARSA]) func onPolicyMethodsTakeTheSafePath(
    _ method: TabularMethod
  ) throws {
    let safe = try TabularLearning(method, stepSize: 0.25, exploration: 0.2, seed: 2).train(
      on: CliffWalking().limited(to: 1000), steps: 10_000, runs: 2)
    for agent in safe.agents {
      let mean = try agent.evaluate(episodes: 1, stepLimit: 100).mean
      #expect(mean <= -15 && mean >= -30, "\(mean)")
    }
    let bold = try TabularLearning(.qLearning, stepSize: 0.25, exploration: 0.2, seed: 2).train(
      on: CliffWalking().limited(to: 1000), steps: 10_000, runs: 2)
    let (own, other) = (try #require(safe.episodes[0].meanReturn()), try #require(bold.episodes[0].meanReturn()))
    #expect(own > other + 5)
  }

  @Test(arguments: [TabularMethod.monteCarlo, .sarsaLambda(0.8)]) func methodsOfWholeEpisodesLearn(
    _ method: TabularMethod
  ) throws {
    let lake = try FrozenLake(isSlippery: false)
    let learning = TabularLearning(
      method, stepSize: 0.1, discount: 0.95, exploration: 1, finalExploration: 0.05, initialValue: 0.1, seed: 3)
    let trained = try learning.train(on: lake, steps: method == .monteCarlo ? 40_000 : 10_000, runs: 2)
    for agent in trained.agents { #expect(try agent.evaluate(episodes: 1).mean == 1) }
  }

  @Test(arguments: [0.0, 0.5, 1.0]) func predictionsAreThoseOfTheClosedForm(_ lambda: Double) throws {
    let values = try RandomWalk().estimatedValues(lambda: lambda, stepSize: 0.1, steps: 3_000, runs: 40, seed: 4)
    for state in 1...5 { #expect(abs(values[state] - Double(state) / 6) < 0.03, "\(lambda): \(values)") }
    #expect(values[0] == 0 && values[6] == 0)
  }

  @Test func tilesCoverABoxAndGeneralize() throws {
    let coding = TileCoding(low: [0, 0], high: [1, 1], tiles: 4, tilings: 4)
    let policy = try TabularPolicy(coding: coding).made(
      for: PolicySpaces(observations: .box(low: [0, 0], high: [1, 1]), actions: .discrete(2)), head: .actionValues())
    #expect(policy.table.tensor?.shape == [100, 2])
    let points = Tensor([[0.5, 0.5], [0.5, 0.52], [-3, 7], [1, 0]] as [[Double]])
    #expect(try policy(points, NoMemory()).outputs.scalars() == [Double](repeating: 0, count: 8))
    #expect(try policy.actions(for: points).shape == [4])
  }

  @Test func tablesAreSavedAndLoaded() throws {
    let trained = try TabularLearning(seed: 5).train(on: CliffWalking(), steps: 500)
    let path = FileManager.default.temporaryDirectory.path + "/descent-table-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trained[0].policy.save(to: path)
    let loaded = try TabularPolicy().loading(path)
    #expect(try loaded.table.tensor?.scalars() == trained[0].policy.table.tensor?.scalars())
  }

  @Test func mistakesAreTold() throws {
    func message(_ learning: TabularLearning, _ body: (TabularLearning) throws -> Void) -> String {
      do { try body(learning) } catch { return "\(error)" }
      return ""
    }
    #expect(message(.init()) { _ = try $0.train(on: CartPole(), steps: 1) }.contains("cannot be counted in a table"))
    #expect(message(.init()) { _ = try $0.train(on: Pendulum(), steps: 1) }.contains("one choice among several"))
    #expect(message(.init()) { _ = try $0.train(on: Taxi(), steps: 0) }.contains("0 steps in 1 runs"))
    #expect(message(.init(stepSize: 0)) { _ = try $0.train(on: Taxi(), steps: 1) }.contains("a step size of 0.0"))
    #expect(
      message(.init(.monteCarlo)) { _ = try $0.train(on: CliffWalking(), steps: 1) }.contains("no limit of steps"))
    #expect(
      message(.init(coding: TileCoding(low: [0], high: [0]))) { _ = try $0.train(on: MountainCar(), steps: 1) }
        .contains("tiles need finite bounds"))
  }
}
