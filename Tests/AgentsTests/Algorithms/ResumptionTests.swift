import DescentAgents
import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors
import DescentTraining
import Foundation
import Testing

@Suite struct ResumptionTests {
  private struct Ended: Error {}

  private func folder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
  }

  /// Trains to the end at once, and again with an end after the third epoch from which it goes on: the same bits.
  private func checkResumption<Algorithm: AgentAlgorithm, Source: EnvironmentSource>(
    of algorithm: Algorithm, on environment: Source, steps: Int
  ) throws {
    let directory = folder()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let whole = try algorithm.train(on: environment, steps: steps)
    let stop = Callback.each { event in
      if case .epoch(let epoch, _) = event, epoch.number == 3 { throw Ended() }
      return true
    }
    let failure = #expect(throws: LearningFailure.self) {
      try algorithm.train(on: environment, steps: steps, callbacks: [.checkpoint(directory), stop])
    }
    #expect(failure?.reason is Ended)
    #expect(failure?.policy is Algorithm.ActingPolicy)
    let resumed = try algorithm.train(
      on: environment, steps: steps, callbacks: [.checkpoint(directory, resuming: true)])
    #expect(resumed.report.epochs.map(\.training) == whole.report.epochs.map(\.training))
    for (one, other) in zip(try values(of: whole.policy), try values(of: resumed.policy)) { #expect(one == other) }
  }

  private func values(of policy: some Policy) throws -> [[Double]] {
    try namedTensors(of: policy).sorted { $0.key < $1.key }.map { try $0.value.scalars() }
  }

  @Test func ppoGoesOnWithTheSameBits() throws {
    try checkResumption(of: PPO(policy: MLPPolicy(hidden: [8]), seed: 3), on: CartPole(), steps: 5_000)
  }

  @Test func replaysGoOnWithTheSameBits() throws {
    let dqn = DQN(
      policy: MLPPolicy(hidden: [8]), batchSize: 16, learningStart: 500, updates: 8, rewardSteps: 3,
      priorityExponent: 0.6, seed: 3)
    try checkResumption(of: dqn, on: CartPole(), steps: 5_000)
    let sac = SAC(policy: MLPPolicy(hidden: [8]), batchSize: 16, environments: 2, rolloutSteps: 25, updates: 2, seed: 3)
    try checkResumption(of: sac, on: Pendulum(), steps: 5_000)
    let td3 = TD3(policy: MLPPolicy(hidden: [8]), batchSize: 16, environments: 2, rolloutSteps: 25, updates: 2, seed: 3)
    try checkResumption(of: td3, on: Pendulum(), steps: 5_000)
  }

  @Test func theSameSeedGivesTheSameBitsAndAnotherOneOthers() throws {
    func trained(_ seed: UInt64) throws -> [[Double]] {
      try values(of: A2C(policy: MLPPolicy(hidden: [8]), seed: seed).train(on: CartPole(), steps: 1_000).policy)
    }
    let first = try trained(1)
    #expect(try trained(1) == first)
    #expect(try trained(2) != first)
  }
}
