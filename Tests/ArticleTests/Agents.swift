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

  struct Corridor: Environment {
    struct State: Codable, Sendable { var place: Tensor }
    let observationSpace = ObservationSpace.discrete(5)
    let actionSpace = ActionSpace.discrete(2)
    let stepLimit: Int? = 50

    func reset(key: RandomKey) -> State { State(place: Tensor(integers: [2], shape: [])) }
    func observation(of state: State) -> Tensor { state.place }
    func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
      let place = state.place + action * 2 - 1
      return Transition(
        State(place: place), reward: Tensor(-1), terminated: (place .== 0) .| (place .== 4))
    }
  }

  final class Dice: PlainEnvironment {
    private var state: UInt64 = 0
    func reset(seed: UInt64) -> [Double] {
      state = seed
      return [Double(state % 6)]
    }
    func step(_ action: PlainAction) -> PlainStep {
      let isRight = action.choice == Int(state % 6)
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return PlainStep([Double(state % 6)], reward: isRight ? 1 : 0)
    }
  }

  @Test func ownEnvironments() throws {
    let dice = ExternalEnvironment(
      "Dice", observationSpace: .box(low: [0], high: [5]), actionSpace: .discrete(6), stepLimit: 20
    ) { _ in Dice() }

    let corridor = try TabularLearning(exploration: 0.3, finalExploration: 0).train(on: Corridor(), steps: 500)[0]
    #expect(try corridor.evaluate(episodes: 1).mean == -2)
    let batch = try dice.batch(2)
    let run = compiled { (key: RandomKey) in
      try batch.rollout(from: try batch.reset(key: key), steps: 20, key: key.split(1)) { moment in
        moment.observations.reshaped([2]).converted(to: .int32)
      }
    }
    let trajectory = try run(RandomKey(seed: 1)).trajectory
    #expect(try trajectory.returns[-1].scalars() == [20, 20])
    #expect(try trajectory.truncated[-1].all().item(as: Bool.self))
  }

  @Test func planningTablesAndFilms() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let film = folder.path + "/cliff.gif"

    let plan = try CliffWalking().process.valueIteration(discount: 1)
    print(plan.values[36])  // -13.0
    let learning = TabularLearning(.qLearning, exploration: 0.2, finalExploration: 0)
    let walker = try learning.train(on: CliffWalking().limited(to: 200), steps: 15_000)[0]
    print(try walker.evaluate(episodes: 1))  // mean -13.0 ± 0.0
    try walker.record(to: film)

    #expect(plan.values[36] == -13)
    #expect(try walker.evaluate(episodes: 1).mean == -13)
  }
}
