import DescentAgents
import DescentFiles
import DescentGraph
import DescentTensors
import DescentTraining
import Foundation
import Testing

@Suite struct BadInputTests {
  /// Shows or pays something that is not finite after some steps.
  private struct Failing: Environment {
    struct State: Codable, Sendable { var steps: Tensor }
    var showsNaN: Bool
    var stepLimit: Int? { 10_000 }
    var observationSpace: ObservationSpace { .box(low: [0], high: [1]) }
    var actionSpace: ActionSpace { .box(low: [-1], high: [1]) }

    func reset(key: RandomKey) -> State { State(steps: Tensor(0)) }
    func observation(of state: State) -> Tensor {
      `where`(showsNaN ? state.steps .> 600 : Tensor(false), .nan, state.steps / 1_000).reshaped([1])
    }
    func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
      let reward: Tensor = `where`(showsNaN ? Tensor(false) : state.steps .> 600, .infinity, action.sum())
      return Transition(State(steps: state.steps + 1), reward: reward)
    }
  }

  private func checkFailure<Algorithm: AgentAlgorithm>(_ algorithm: Algorithm, showsNaN: Bool, _ word: String) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let failure = #expect(throws: LearningFailure.self) {
      try algorithm.train(
        on: Failing(showsNaN: showsNaN), steps: 2_000, callbacks: [.checkpoint(directory)])
    }
    #expect(failure?.message.contains(word) == true, "\(failure?.message ?? "")")
    let policy = try #require(failure?.policy as? MLPPolicy)
    let tensors = policy.parameters
    #expect(!tensors.isEmpty)
    #expect(try policy.actions(for: Tensor([[0.5]])).scalars().allSatisfy(\.isFinite))
    #expect(try FileSystem.names(in: directory).contains { $0.hasPrefix("checkpoint-") })
  }

  @Test func whatIsNotFiniteEndsLearningAndKeepsWhatWasLearned() throws {
    let policy = MLPPolicy(hidden: [4])
    try checkFailure(PPO(policy: policy, environments: 2, rolloutSteps: 64), showsNaN: true, "observations")
    try checkFailure(PPO(policy: policy, environments: 2, rolloutSteps: 64), showsNaN: false, "rewards")
    try checkFailure(
      SAC(policy: policy, batchSize: 8, rolloutSteps: 25), showsNaN: true, "observations")
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    let policy = MLPPolicy(hidden: [4])
    func refuses(_ algorithm: some AgentAlgorithm, on environment: some Environment = CartPole(), steps: Int = 1_000) {
      #expect(throws: TensorError.self) { try algorithm.train(on: environment, steps: steps) }
    }
    refuses(PPO(policy: policy), steps: 0)
    refuses(PPO(policy: policy), steps: -5)
    refuses(PPO(policy: policy, environments: 0))
    refuses(PPO(policy: policy, rolloutSteps: 0))
    refuses(PPO(policy: policy, rolloutSteps: .max))
    refuses(PPO(policy: policy, minibatches: 0))
    refuses(PPO(policy: policy, environments: 1, rolloutSteps: 2, minibatches: 3))
    refuses(PPO(policy: policy, discount: 1.5))
    refuses(PPO(policy: policy, lambda: -1))
    refuses(PPO(policy: policy, clip: -0.2))
    refuses(PPO(policy: policy, gradientNorm: -1))
    refuses(A2C(policy: policy, learningRate: -1))
    refuses(DQN(policy: policy), on: Pendulum())
    refuses(DQN(policy: policy, replayCapacity: 0))
    refuses(DQN(policy: policy, batchSize: 0))
    refuses(DQN(policy: policy, rewardSteps: 0))
    refuses(DQN(policy: policy, finalExploration: 2))
    refuses(QRDQN(policy: policy, quantiles: 0))
    refuses(SAC(policy: policy))
    refuses(SAC(policy: policy, updates: 0), on: Pendulum())
    refuses(SAC(policy: policy, temperature: -1), on: Pendulum())
    refuses(TD3(policy: policy, policyInterval: 0), on: Pendulum())
    refuses(TD3(policy: policy, targetRate: 0), on: Pendulum())
    refuses(
      SAC(policy: policy, replayCapacity: 2_000_000_000), on: Pendulum(), steps: 1_000_000_000_000)
  }

  @Test func evaluationsThatMakeNoSenseAreRefused() throws {
    let trained = try A2C(policy: MLPPolicy(hidden: [4])).train(on: IdentityEnvironment(stepLimit: nil), steps: 10)
    #expect(throws: TensorError.self) { try trained.evaluate(episodes: 0) }
    let error = #expect(throws: TensorError.self) { try trained.evaluate(episodes: 2, stepLimit: 50) }
    #expect(error?.message.contains("have not ended") == true)
  }

  @Test func checkpointsOfAnotherAlgorithmAreRefused() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let policy = MLPPolicy(hidden: [4])
    _ = try PPO(policy: policy, rolloutSteps: 50).train(
      on: CartPole(), steps: 1_000, callbacks: [.checkpoint(directory)])
    #expect(throws: FileError.self) {
      try PPO(policy: MLPPolicy(hidden: [5]), rolloutSteps: 50).train(
        on: CartPole(), steps: 2_000, callbacks: [.checkpoint(directory, resuming: true)])
    }
  }
}
