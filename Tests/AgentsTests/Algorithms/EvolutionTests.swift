import DescentAgents
import DescentSearch
import DescentTensors
import DescentTraining
import Foundation
import Testing

@Suite struct EvolutionTests {
  @Test func policiesAreFoundWithoutGradients() throws {
    let trained = try EvolutionStrategies(
      policy: MLPPolicy(hidden: []), populationSize: 16, sigma: 0.3, learningRate: 0.2, seed: 1
    )
    .train(on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 320 * 12)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
    #expect(trained.report.epochs.last?.training["return"] != nil)
  }

  @Test func everyStrategyWillDoAndGoesOnFromACheckpoint() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let algorithm = EvolutionStrategies(policy: MLPPolicy(hidden: []), stepLimit: 50, seed: 1) { start, seed in
      try CMAES(from: start, sigma: 0.5, populationSize: 10, seed: seed)
    }
    let whole = try algorithm.train(on: CartPole(), steps: 4_000)
    _ = try algorithm.train(on: CartPole(), steps: 2_000, callbacks: [.checkpoint(directory)])
    let resumed = try algorithm.train(
      on: CartPole(), steps: 4_000, callbacks: [.checkpoint(directory, resuming: true)])
    #expect(resumed.report.epochs.map(\.training) == whole.report.epochs.map(\.training))
    #expect(try #require(whole.report.epochs.last?.training["best return"]) > 40)
  }

  @Test func environmentsWithoutEndNeedALimit() {
    #expect(throws: TensorError.self) {
      try EvolutionStrategies(policy: MLPPolicy(hidden: [])).train(on: IdentityEnvironment(stepLimit: nil), steps: 100)
    }
    #expect(throws: TensorError.self) {
      try EvolutionStrategies(policy: MLPPolicy(hidden: [])).train(on: CartPole(), steps: 0)
    }
  }
}
