import Descent
import Testing

@Suite struct AgentsArticle {
  @Test func rollouts() throws {
    let batch = try CartPole().batch(64)
    let start = try batch.reset(key: RandomKey(seed: 1))
    let run = compiled { (state: VectorizedEnvironment<CartPole>.State, key: RandomKey) in
      try batch.rollout(from: state, steps: 100, key: key) { moment in
        batch.actionSpace.sample(moment.key, batch: [64])
      }
    }
    let trajectory = try run(start, RandomKey(seed: 2)).trajectory
    print(trajectory.rewards.shape)  // [100, 64]

    #expect(trajectory.rewards.shape == [100, 64])
    #expect(try trajectory.ended.any().item(as: Bool.self))
  }
}
