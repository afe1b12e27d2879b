import DescentAgents
import DescentTensors
import Foundation
import Testing

private struct Broken: Error, CustomStringConvertible { var description: String { "the arm is stuck" } }

/// Counts up by its actions, and ends at ten.
private final class Ladder: PlainEnvironment {
  enum Mischief { case none, throwing, hanging, nan, short, infinite }
  private var height = 0.0
  private var steps = 0
  private let mischief: Mischief

  init(_ mischief: Mischief) { self.mischief = mischief }

  func reset(seed: UInt64) throws -> [Double] {
    (height, steps) = (0, 0)
    return [height, Double(seed % 1000)]
  }

  func step(_ action: PlainAction) throws -> PlainStep {
    steps += 1
    height += Double(action.choice)
    if steps == 2 {
      switch mischief {
      case .none: break
      case .throwing: throw Broken()
      case .hanging: Thread.sleep(forTimeInterval: 1)
      case .nan: return PlainStep([.nan, 0], reward: 0)
      case .short: return PlainStep([0], reward: 0)
      case .infinite: return PlainStep([0, 0], reward: .infinity)
      }
    }
    return PlainStep([height, 0], reward: height, terminated: height >= 4)
  }
}

@Suite struct ExternalEnvironmentTests {
  private func ladder(
    _ mischief: Ladder.Mischief = .none, stepLimit: Int? = nil, timeLimit: Duration = .seconds(30)
  ) -> ExternalEnvironment {
    ExternalEnvironment(
      "Ladder", observationSpace: .box(low: [0, 0], high: [.infinity, 1000]), actionSpace: .discrete(3),
      stepLimit: stepLimit, timeLimit: timeLimit
    ) { number in Ladder(number == 1 ? mischief : .none) }
  }

  private func trajectory(_ source: ExternalEnvironment, steps: Int) throws -> Trajectory<[Tensor]> {
    let batch = try source.batch(3)
    let run = compiled { (key: RandomKey) in
      try batch.rollout(from: try batch.reset(key: key), steps: steps, key: key.split(1)) { _ in
        Tensor(integers: [0, 1, 2])
      }
    }
    return try run(RandomKey(seed: 1)).trajectory
  }

  @Test func plansCallPlainObjects() throws {
    let seen = try trajectory(ladder(), steps: 5)
    #expect(try seen.finalObservations[.all, .all, 0].scalars() == [0, 1, 2, 0, 2, 4, 0, 3, 2, 0, 4, 4, 0, 1, 2])
    #expect(try seen.observations[-1, .all, 0].scalars() == [0, 0, 0])
    #expect(try seen.terminated.integers() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0])
    #expect(try seen.returns[3].scalars() == [0, 10, 6])
    #expect(try seen.lengths[4].integers() == [5, 1, 1])
    // Each episode has a seed of its own, and a run with the same key the same ones.
    let seeds = try seen.observations[.all, .all, 1].scalars()
    #expect(Set(seeds.filter { $0 != 0 }).count >= 5)
    #expect(try trajectory(ladder(), steps: 5).observations.scalars() == seen.observations.scalars())
    let limited = try trajectory(ladder(stepLimit: 2), steps: 2)
    #expect(try limited.truncated.integers() == [0, 0, 0, 1, 1, 0])
  }

  @Test func stepsWithoutAPlanHappenOnce() throws {
    let batch = try ladder().batch(1)
    var state = try batch.reset(key: RandomKey(seed: 1))
    for count in 1...3 {
      let step = try batch.step(state, Tensor(integers: [1]), key: RandomKey(seed: 2))
      #expect(try step.rewards.scalars() == [Double(count)])
      #expect(try step.finalObservations[0, 0].item() == Double(count))
      state = step.state
    }
    #expect(batch.isRestorable == false)
    let old = state
    _ = try batch.step(state, Tensor(integers: [0]), key: RandomKey(seed: 2))
    #expect(throws: TensorError.self) { try batch.step(old, Tensor(integers: [0]), key: RandomKey(seed: 2)) }
  }

  @Test(arguments: ["throwing", "nan", "short", "infinite", "hanging"]) func mistakesAreThrownByTheRun(
    _ name: String
  ) throws {
    let cases: [String: (Ladder.Mischief, String)] = [
      "throwing": (.throwing, "environment 1 of Ladder threw the arm is stuck"),
      "nan": (.nan, "environment 1 of Ladder shows NaN as component 0"),
      "short": (.short, "environment 1 of Ladder shows 1 numbers, its space of the shape [2] has 2"),
      "infinite": (.infinite, "environment 1 of Ladder gave the reward inf, which is not finite"),
      "hanging": (.hanging, "environment 1 of Ladder has not answered within 0.1 seconds"),
    ]
    let (mischief, message) = try #require(cases[name])
    let source = ladder(mischief, timeLimit: name == "hanging" ? .seconds(0.1) : .seconds(30))
    let error = #expect(throws: TensorError.self) { try trajectory(source, steps: 4) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(message))
    // After a reset the environments that work go on.
    let batch = try source.batch(3)
    let key = RandomKey(seed: 1)
    let actions = Tensor(integers: [1, 1, 1])
    let first = try batch.step(try batch.reset(key: key), actions, key: key)
    #expect(throws: TensorError.self) { try batch.step(first.state, actions, key: key) }
    #expect(throws: TensorError.self) { try batch.step(first.state, actions, key: key) }
    #expect(try batch.step(try batch.reset(key: key), actions, key: key).rewards.scalars() == [1, 1, 1])
  }

  @Test func actionsAreCheckedWithinPlans() throws {
    let batch = try ladder().batch(1)
    let run = compiled { (action: Tensor, key: RandomKey) in
      try batch.step(try batch.reset(key: key), action, key: key).rewards
    }
    let key = RandomKey(seed: 1)
    #expect(try run(Tensor(integers: [2]), key).scalars() == [2])
    let error = #expect(throws: TensorError.self) { try run(Tensor(integers: [3]), key) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("Ladder takes actions from 0 to 2, found 3"))
    #expect(throws: TensorError.self) { try ladder().batch(0) }
    #expect(throws: TensorError.self) { try ladder(stepLimit: 0).batch(1) }
    // A batch cannot be mapped over examples.
    let mapped = vectorized { (action: Tensor) in
      try batch.step(try batch.reset(key: RandomKey(seed: 1)), action, key: RandomKey(seed: 1)).rewards
    }
    #expect(throws: TensorError.self) { try mapped(Tensor(integers: [1, 2]).reshaped([2, 1])).scalars() }
  }
}
