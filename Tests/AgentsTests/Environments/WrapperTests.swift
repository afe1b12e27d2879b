import DescentAgents
import DescentTensors
import Testing

/// Shows the number of its steps, and pays it.
private struct Ramp: Environment {
  struct State: Codable, Sendable { var steps: Tensor }
  var stepLimit: Int? { 4 }
  var observationSpace: ObservationSpace { .box(low: [0], high: [.infinity]) }
  var actionSpace: ActionSpace { .box(low: [0, -4], high: [2, 4]) }
  func reset(key: RandomKey) -> State { State(steps: Tensor(0)) }
  func observation(of state: State) -> Tensor { state.steps.reshaped([1]) }
  func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let next = state.steps + 1
    return Transition(State(steps: next), reward: next * 10 + action.sum())
  }
}

@Suite struct WrapperTests {
  private func trajectory<Source: EnvironmentSource>(
    _ source: Source, steps: Int, action: [Double] = [0, 0]
  ) throws -> Rollout<Source.Batch.State, [Tensor], [Tensor]> {
    let batch = try source.batch(2)
    let run = compiled { (key: RandomKey) in
      try batch.rollout(from: try batch.reset(key: key), steps: steps, key: key.split(1)) { _ in
        Tensor([action, action])
      }
    }
    return try run(RandomKey(seed: 1))
  }

  @Test func limitsTruncate() throws {
    let seen = try trajectory(Ramp().limited(to: 2), steps: 4).trajectory
    #expect(try seen.truncated.booleans() == [false, false, true, true, false, false, true, true])
    #expect(try trajectory(Ramp().limited(to: nil), steps: 9).trajectory.ended.any().item() == 0)
  }

  @Test func actionsAreStretched() throws {
    let seen = try trajectory(Ramp().rescalingActions(), steps: 1, action: [0, 0.5]).trajectory
    // The middle of 0...2, and three quarters of −4...4.
    #expect(try seen.rewards.scalars() == [13, 13])
    #expect(throws: TensorError.self) { try trajectory(CartPole().rescalingActions(), steps: 1) }
  }

  @Test func framesAreStacked() throws {
    let source = Ramp().stackingFrames(3)
    #expect(source.observationSpace.shape == [3, 1])
    let seen = try trajectory(source, steps: 5).trajectory
    let first = try seen.observations[.all, 0].flattened(keeping: 1).scalars()
    #expect(first == [0, 0, 0, 0, 0, 1, 0, 1, 2, 1, 2, 3, 0, 0, 0])
    #expect(throws: TensorError.self) { try trajectory(Ramp().stackingFrames(0), steps: 1) }
  }

  @Test func observationsAndRewardsAreNormalized() throws {
    let source = Ramp().normalized(discount: 0.5)
    let rollout = try trajectory(source, steps: 4)
    let statistics = rollout.state.statistics
    // Both environments are seen at 0, 1, 2 and 3, and at 0 again after the limit.
    let seen = [0.0, 1, 2, 3, 0]
    let mean = seen.reduce(0, +) / 5
    let variance = seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5
    #expect(abs(try statistics.observations.mean.item() - mean) < 1e-6)
    #expect(abs(try statistics.observations.variance.item() - variance) < 1e-6)
    #expect(try statistics.observations.count.item() == 10)
    let sums = [10.0, 25, 42.5, 61.25]
    let center = sums.reduce(0, +) / 4
    let spread = sums.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 4
    #expect(abs(try statistics.returns.variance.item() / spread - 1) < 1e-5)
    #expect(abs(try rollout.trajectory.rewards[-1, 0].item() - 40 / spread.squareRoot()) < 1e-4)
    #expect(try rollout.trajectory.returns[-1].scalars() == [100, 100])

    let frozen = try trajectory(source.frozen(with: statistics), steps: 3)
    #expect(try frozen.state.statistics.observations.count.item() == 10)
    #expect(try frozen.trajectory.rewards[0].scalars() == [10, 10])
    #expect(abs(try frozen.trajectory.observations[1, 0].item() - (1 - mean) / variance.squareRoot()) < 1e-5)
  }

  @Test func episodesAreMonitored() throws {
    let seen = try trajectory(Ramp(), steps: 9).trajectory
    var monitor = EpisodeMonitor()
    try monitor.add(seen)
    #expect(monitor.episodes.map(\.reward) == [100, 100, 100, 100])
    #expect(monitor.episodes.map(\.length) == [4, 4, 4, 4])
    #expect(monitor.episodes.map(\.step) == [7, 8, 15, 16])
    #expect(monitor.steps == 18)
    #expect(monitor.meanReturn() == 100 && monitor.meanLength(last: 1) == 4)
    #expect(EpisodeMonitor().meanReturn() == nil)
    #expect(monitor.csv.hasPrefix("step,return,length\n7,100.0,4\n"))
    let summary = EpisodeSummary(seen)
    #expect(
      try [summary.count, summary.returns, summary.lengths, summary.least].map { try $0.item() } == [4, 400, 16, 100])
  }
}
