import DescentAgents
import DescentTensors
import Testing

/// Counts its steps, and ends after three.
private struct Counter: Environment {
  struct State: Codable, Sendable { var steps: Tensor }
  var stepLimit: Int?
  var lasting = 3.0
  var observationSpace: ObservationSpace { .box(low: [0], high: [.infinity]) }
  var actionSpace: ActionSpace { .discrete(2) }
  func reset(key: RandomKey) -> State { State(steps: Tensor(0)) }
  func observation(of state: State) -> Tensor { state.steps.reshaped([1]) }
  func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let next = state.steps + 1
    return Transition(State(steps: next), reward: next, terminated: next .>= lasting)
  }
}

@Suite struct VectorizedEnvironmentTests {
  private func trajectory(_ environment: Counter, steps: Int) throws -> Trajectory<[Tensor]> {
    let batch = try environment.batch(2)
    let start = try batch.reset(key: RandomKey(seed: 1))
    let run = compiled { (state: VectorizedEnvironment<Counter>.State, key: RandomKey) in
      try batch.rollout(from: state, steps: steps, key: key) { batch.actionSpace.sample($0.key, batch: [2]) }
    }
    return try run(start, RandomKey(seed: 2)).trajectory
  }

  private func firstColumn(_ tensor: Tensor) throws -> [Double] {
    try tensor.reshaped([tensor.shape[0], 2])[.all, 0].scalars()
  }

  @Test func episodesBeginAgainByThemselves() throws {
    let seen = try trajectory(Counter(), steps: 7)
    #expect(try firstColumn(seen.observations) == [0, 1, 2, 0, 1, 2, 0])
    #expect(try firstColumn(seen.finalObservations) == [1, 2, 3, 1, 2, 3, 1])
    #expect(try firstColumn(seen.terminated) == [0, 0, 1, 0, 0, 1, 0])
    #expect(try firstColumn(seen.truncated) == [0, 0, 0, 0, 0, 0, 0])
    #expect(try firstColumn(seen.returns) == [1, 3, 6, 1, 3, 6, 1])
    #expect(try firstColumn(seen.lengths) == [1, 2, 3, 1, 2, 3, 1])
  }

  @Test func aLimitOfStepsTruncatesAndEndsStayEnds() throws {
    let seen = try trajectory(Counter(stepLimit: 2), steps: 5)
    #expect(try firstColumn(seen.truncated) == [0, 1, 0, 1, 0])
    #expect(try firstColumn(seen.terminated) == [0, 0, 0, 0, 0])
    let both = try trajectory(Counter(stepLimit: 3), steps: 3)
    #expect(try firstColumn(both.truncated) == [0, 0, 0])
    #expect(try firstColumn(both.terminated) == [0, 0, 1])
  }

  @Test func environmentsDrawFromKeysOfTheirOwn() throws {
    let batch = try CartPole().batch(3)
    let state = try batch.reset(key: RandomKey(seed: 4))
    let positions = try state.states.position.scalars()
    #expect(Set(positions).count == 3)
    #expect(positions.allSatisfy { abs($0) <= 0.05 })
    #expect(try batch.reset(key: RandomKey(seed: 4)).states.position.scalars() == positions)
  }

  @Test func mistakesAreTold() throws {
    let batch = try CartPole().batch(2)
    let state = try batch.reset(key: RandomKey(seed: 1))
    func message(_ actions: Tensor) -> String {
      do { _ = try batch.step(state, actions, key: RandomKey(seed: 2)) } catch { return "\(error)" }
      return ""
    }
    #expect(message(Tensor(integers: [0, 2])).contains("takes actions from 0 to 1, found 2"))
    #expect(message(Tensor(integers: [0, 1, 1])).contains("takes actions of the shape [2], found [3]"))
    #expect(message(Tensor([0.0, 1])).contains("takes integers as actions, found float32"))
    #expect(throws: TensorError.self) { try CartPole().batch(0) }
    #expect(throws: TensorError.self) { try CartPole(stepLimit: 0).batch(1) }
    #expect(throws: TensorError.self) {
      try batch.rollout(from: state, steps: 0, key: RandomKey(seed: 1)) { _ in Tensor(integers: [0, 0]) }
    }
    let pendulum = try Pendulum().batch(1)
    let hanging = try pendulum.reset(key: RandomKey(seed: 1))
    for action in [Double.nan, 3, -2.1] {
      #expect(throws: TensorError.self) {
        try pendulum.step(hanging, Tensor([[action]]), key: RandomKey(seed: 1))
      }
    }
  }
}
