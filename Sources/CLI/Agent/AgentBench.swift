import ArgumentParser
import Descent
import Foundation

/// Times the steps of an environment.
struct AgentBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times the steps of an environment with evenly drawn actions.",
    discussion:
      "DESCENT_THREADS=1 descent agent bench cartpole times one core. The fastest of several rollouts is told.")

  @Argument(help: "The environment.")
  var environment = "cartpole"

  @Option(help: "The number of environments side by side.")
  var count = 2048

  @Option(help: "The number of steps of each in a rollout, which is one plan.")
  var steps = 1000

  @Option(help: "The number of rollouts.")
  var runs = 10

  func validate() throws {
    _ = try AgentWorld.named(environment)
    guard (1...1_000_000).contains(count), (1...1_000_000).contains(steps), (1...10_000).contains(runs) else {
      throw ValidationError("--count and --steps must lie between 1 and 1,000,000, --runs between 1 and 10,000")
    }
  }

  func run() throws {
    func timed<Source: EnvironmentSource>(_ source: Source) throws -> Double {
      let batch = try source.batch(count)
      let (count, steps) = (count, steps)
      let rollout = compiled { (state: Source.Batch.State, key: RandomKey) in
        let rollout = try batch.rollout(from: state, steps: steps, key: key) {
          batch.actionSpace.sample($0.key, batch: [count])
        }
        return (rollout.state, rollout.trajectory.rewards.sum())
      }
      let key = RandomKey(seed: 1)
      var state = try batch.reset(key: key.split(0))
      let clock = ContinuousClock()
      var fastest = Double.infinity
      for run in 0...runs {
        let start = clock.now
        let (next, rewards) = try rollout(state, key.split(1).split(run))
        _ = try rewards.item()
        state = next
        // The first one compiles.
        if run > 0 { fastest = min(fastest, (clock.now - start) / .seconds(1)) }
      }
      return fastest
    }
    let seconds = try timed(try AgentWorld.named(environment).make())
    let rate = Double(count) * Double(steps) / seconds
    print(String(format: "%@: %.1f million steps a second", environment, rate / 1e6))
  }
}
