import DescentAgents
import DescentTensors
import DescentTraining
import Testing

@Suite struct OnPolicyTests {
  @Test func ppoLearnsToChooseWhatIsShown() throws {
    let trained = try PPO(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, rolloutSteps: 32, seed: 1)
      .train(on: IdentityChoice(), steps: 4_400)
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
    ).train(on: IdentityBox(), steps: 8_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 19)
  }

  @Test func a2cLearnsToChooseWhatIsShown() throws {
    let trained = try A2C(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, seed: 1)
      .train(on: IdentityChoice(), steps: 5_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test(arguments: [true, false]) func reinforceLearnsToChooseWhatIsShown(_ hasBaseline: Bool) throws {
    let trained = try REINFORCE(
      policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 20, discount: 0, hasBaseline: hasBaseline,
      seed: 1
    ).train(on: IdentityChoice(), steps: 8_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }
}
