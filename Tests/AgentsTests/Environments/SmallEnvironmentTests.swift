import DescentAgents
import DescentTensors
import Testing

@Suite struct SmallEnvironmentTests {
  private func trajectory<Source: EnvironmentSource>(
    _ source: Source, steps: Int, seed: UInt64 = 1, _ policy: @escaping @Sendable (Moment) -> Tensor
  ) throws -> Rollout<Source.Batch.State, [Tensor], [Tensor]> {
    let batch = try source.batch(4)
    let run = compiled { (key: RandomKey) in
      try batch.rollout(from: try batch.reset(key: key.split(0)), steps: steps, key: key.split(1), policy: policy)
    }
    return try run(RandomKey(seed: seed))
  }

  @Test func whoActsAsObservedIsRewarded() throws {
    let right = try trajectory(IdentityEnvironment(count: 5, stepLimit: 20), steps: 20) { $0.observations }.trajectory
    #expect(try right.returns[-1].scalars() == [20, 20, 20, 20])
    #expect(Set(try right.observations.integers()) == [0, 1, 2, 3, 4])
    let wrong = try trajectory(IdentityEnvironment(count: 2), steps: 10) { 1 - $0.observations }.trajectory
    #expect(try wrong.rewards.sum().item() == 0)
    let near = try trajectory(ContinuousIdentityEnvironment(count: 3), steps: 5) { $0.observations * 0.5 }.trajectory
    let distance = abs(near.observations * 0.5).mean(axes: [-1])
    #expect(try allClose(near.rewards, 1 - distance).item() == 1)
  }

  @Test func armsPayTheirMeans() throws {
    let arms = Bandit(means: [-1, 2], payout: .normal(standardDeviation: 0.5))
    let second = try trajectory(arms, steps: 2000) { $0.observations + 1 }.trajectory
    #expect(abs(try second.rewards.mean().item() - 2) < 0.03)
    #expect(abs(try second.rewards.standardDeviation().item() - 0.5) < 0.03)
    let coins = Bandit(means: [0.25, 1], payout: .chance)
    let first = try trajectory(coins, steps: 2000) { $0.observations }.trajectory
    #expect(abs(try first.rewards.mean().item() - 0.25) < 0.03)
    #expect(Set(try first.rewards.scalars()) == [0, 1])
  }

  @Test func armsDrawTheirMeansAndDrift() throws {
    let steady = try trajectory(Bandit(arms: 3), steps: 50) { $0.observations }
    let start = try Bandit(arms: 3).batch(4).reset(key: RandomKey(seed: 1).split(0))
    #expect(try steady.state.states.means.scalars() == start.states.means.scalars())
    let drifting = try trajectory(Bandit(arms: 3, drift: 0.1), steps: 100) { $0.observations }
    let moved = drifting.state.states.means - start.states.means
    // A random walk of 100 steps of 0.1 has a spread of 1.
    #expect(try (0.3...2.5).contains(moved.standardDeviation().item()))
    for wrong in [Bandit(means: [.nan]), Bandit(means: [2], payout: .chance), Bandit(drift: -1)] {
      #expect(throws: TensorError.self) { try wrong.batch(1).reset(key: RandomKey(seed: 1)) }
    }
    #expect(throws: TensorError.self) { try Bandit(means: []).batch(1) }
  }
}
