import DescentAgents
import DescentLayers
import DescentTensors
import DescentTraining
import Foundation
import Testing

@Suite struct OnPolicyTests {
  @Test func ppoLearnsToChooseWhatIsShown() throws {
    let trained = try PPO(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, rolloutSteps: 32, seed: 1)
      .train(on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 4_400)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
    #expect(trained.report.epochs.count == 5)
    let last = try #require(trained.report.epochs.last?.training)
    #expect(try #require(last["return"]) > 15 && last["length"] == 20)
    for name in ["entropy", "approximate KL", "clip fraction", "explained variance"] { #expect(last[name] != nil) }
  }

  @Test func ppoLearnsNumbers() throws {
    let trained = try PPO(
      policy: MLPPolicy(hidden: [16], initialLogStandardDeviation: -1), learningRate: 3e-3, rolloutSteps: 64,
      discount: 0, seed: 1
    ).train(on: ContinuousIdentityEnvironment(stepLimit: 20), steps: 8_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 19)
  }

  @Test func a2cLearnsToChooseWhatIsShown() throws {
    let trained = try A2C(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, seed: 1)
      .train(on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 5_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test(arguments: [true, false]) func reinforceLearnsToChooseWhatIsShown(_ hasBaseline: Bool) throws {
    let trained = try REINFORCE(
      policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 20, discount: 0, hasBaseline: hasBaseline,
      seed: 1
    ).train(on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 8_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test func policiesThatRememberLearnWhatIsNotShown() throws {
    let trained = try PPO(
      policy: RecurrentPolicy(hidden: [8], cell: GRUCell(units: 16)), learningRate: 1e-2, environments: 16,
      rolloutSteps: 16, minibatches: 2, discount: 0, seed: 1
    ).train(on: MemoryChoice(), steps: 12_000)
    // Of ten choices the first alone is that of what is shown, too; by chance it would be half of the others.
    #expect(try trained.evaluate(episodes: 20).mean >= 9)
  }

  @Test func normalizationIsKeptWithTheAgent() throws {
    let trained = try PPO(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, rolloutSteps: 32, seed: 1)
      .train(on: CartPole().normalized(), steps: 5_000)
    let statistics = try #require(trained.environment.statistics)
    #expect(trained.environment.isFrozen)
    #expect(try statistics.observations.count.item() > 5_000)
    // Returns are those of the environment inside.
    #expect(try #require(trained.report.epochs.last?.training["return"]) > 15)
    #expect(try trained.evaluate(episodes: 10).mean > 40)
  }

  @Test func layersMayBeShared() throws {
    let policy = MLPPolicy(hidden: [16], sharesLayers: true)
    let trained = try PPO(policy: policy, learningRate: 3e-3, valueClip: 0.2, seed: 1)
      .train(on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 4_400)
    #expect(trained.policy.critic == nil && trained.policy.value != nil)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test func callbacksWriteCurvesAndTables() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let callbacks: [Callback] = [
      .run("\(directory)/run"), .csv("\(directory)/table.csv"), .tensorBoard("\(directory)/board"),
    ]
    _ = try A2C(policy: MLPPolicy(hidden: [4])).train(on: CartPole(), steps: 3_000, callbacks: callbacks)
    let table = try String(contentsOfFile: "\(directory)/table.csv", encoding: .utf8)
    for name in ["return", "length", "entropy", "explained variance"] { #expect(table.contains(name)) }
    #expect(FileManager.default.fileExists(atPath: "\(directory)/run/curves/return.svg"))
    let summary = try RunDirectory("\(directory)/run").summary()
    #expect(summary.report.epochs.count == 4 && summary.report.examplesPerSecond > 0)
  }
}
