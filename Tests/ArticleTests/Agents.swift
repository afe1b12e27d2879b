import Descent
import Foundation
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

  @Test func learning() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("article-policy.safetensors").path
    let ppo = PPO(policy: MLPPolicy(hidden: [64, 64]), seed: 1)
    let trained = try ppo.train(on: CartPole(), steps: 2_000)
    print(try trained.evaluate(episodes: 10))
    try trained.policy.save(to: file)
    let policy = try MLPPolicy(hidden: [64, 64]).loading(file, for: CartPole())

    #expect(policy.spaces == trained.policy.spaces)
    try FileManager.default.removeItem(atPath: file)
  }
}
