import DescentAgents
import DescentTensors
import DescentTraining
import Testing

@Suite struct OffPolicyTests {
  /// Deep Q-learning that is quick on small environments.
  private func small(_ change: (inout DQN<MLPPolicy>) -> Void) -> DQN<MLPPolicy> {
    var algorithm = DQN(
      policy: MLPPolicy(hidden: [16]), learningRate: 5e-3, batchSize: 32, learningStart: 250, rolloutSteps: 64,
      updates: 16,
      discount: 0.5, explorationShare: 0.5, seed: 1)
    change(&algorithm)
    return algorithm
  }

  @Test(arguments: [false, true]) func dqnLearnsToChooseWhatIsShown(_ hasAll: Bool) throws {
    let algorithm = small {
      ($0.isDouble, $0.isDueling) = (hasAll, hasAll)
      if hasAll { ($0.rewardSteps, $0.priorityExponent) = (2, 0.6) }
    }
    let trained = try algorithm.train(on: IdentityEnvironment(count: 3, stepLimit: 20), steps: 3_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
    let last = try #require(trained.report.epochs.last?.training)
    #expect(last["Q value"] != nil && last["exploration"] != nil)
  }

  @Test func qrdqnLearnsToChooseWhatIsShown() throws {
    let trained = try QRDQN(small { _ in }, quantiles: 8).train(
      on: IdentityEnvironment(count: 2, stepLimit: 20), steps: 3_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test func sacLearnsNumbers() throws {
    let trained = try SAC(
      policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, batchSize: 64, rolloutSteps: 4, updates: 1, discount: 0,
      seed: 1
    ).train(on: ContinuousIdentityEnvironment(stepLimit: 20), steps: 2_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
    #expect(trained.report.epochs.last?.training["temperature"] != nil)
  }

  @Test func td3LearnsNumbers() throws {
    let trained = try TD3(
      policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, batchSize: 64, rolloutSteps: 4, updates: 1, discount: 0,
      seed: 1
    ).train(on: ContinuousIdentityEnvironment(stepLimit: 20), steps: 2_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }

  @Test func ddpgLearnsNumbers() throws {
    let trained = try DDPG(
      policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, batchSize: 64, rolloutSteps: 4, updates: 1, discount: 0,
      seed: 1
    ).train(on: ContinuousIdentityEnvironment(stepLimit: 20), steps: 2_000)
    #expect(try trained.evaluate(episodes: 20).mean >= 18)
  }
}
