// Trains agents with several seeds and prints how well each acts: the rows of Documentation/Reinforcement.md.
//
// AgentTable [row…] [--seeds 10] prints the rows that are named, all where none is; AgentTable time how long PPO takes on CartPole.

import DescentAgents
import DescentTensors
import DescentTraining
import Foundation

/// A row of the table: an algorithm with its settings, an environment, and the return that counts as learned.
struct Row {
  let name: String
  let environment: String
  let steps: Int
  let bar: Double
  /// The mean of 100 greedy episodes after training with a seed.
  let score: (UInt64) throws -> Double

  init<Source: EnvironmentSource, Algorithm: AgentAlgorithm>(
    _ name: String, _ environment: Source, steps: Int, bar: Double, _ algorithm: @escaping (UInt64) -> Algorithm
  ) {
    (self.name, self.environment, self.steps, self.bar) = (name, environment.name, steps, bar)
    score = { seed in
      try algorithm(seed).train(on: environment, steps: steps).evaluate(episodes: 100, seed: 1_000).mean
    }
  }
}

/// PPO as it learns to balance a pole, and within how many steps a second it does.
func balancing(_ seed: UInt64) -> PPO<MLPPolicy> {
  PPO(
    policy: MLPPolicy(hidden: [64, 64]), learningRate: 1e-3, environments: 8, rolloutSteps: 64, epochs: 10, seed: seed)
}

/// Deep Q-learning for environments that are learned in a few thousand steps.
func identityValues(_ seed: UInt64) -> DQN<MLPPolicy> {
  DQN(
    policy: MLPPolicy(hidden: [16]), learningRate: 5e-3, rolloutSteps: 64, updates: 16, discount: 0,
    explorationShare: 0.5, seed: seed)
}

let rows: [Row] = [
  Row("PPO", CartPole(), steps: 100_000, bar: 475) { balancing($0) },
  Row("DQN", CartPole(), steps: 50_000, bar: 475) { seed in
    DQN(policy: MLPPolicy(hidden: [128, 128]), annealsLearningRate: true, rewardSteps: 3, seed: seed)
  },
  Row("SAC", Pendulum(), steps: 20_000, bar: -170) { seed in
    SAC(policy: MLPPolicy(hidden: [64, 64]), learningRate: 1e-3, seed: seed)
  },
  Row("TD3", Pendulum(), steps: 20_000, bar: -170) { seed in
    TD3(policy: MLPPolicy(hidden: [64, 64]), discount: 0.98, seed: seed)
  },
  Row("A2C", Acrobot(), steps: 400_000, bar: -90) { seed in
    A2C(policy: MLPPolicy(hidden: [64, 64]), environments: 16, seed: seed)
  },
  Row("PPO", Acrobot(), steps: 200_000, bar: -90) { seed in
    PPO(
      policy: MLPPolicy(hidden: [64, 64]), learningRate: 1e-3, environments: 16, rolloutSteps: 64, epochs: 10,
      seed: seed)
  },
  Row("SAC", MountainCarContinuous(), steps: 50_000, bar: 93) { seed in
    SAC(
      policy: MLPPolicy(hidden: [64, 64]), rolloutSteps: 32, updates: 32, targetRate: 0.01, discount: 0.9999,
      holdsNoise: true, seed: seed)
  },
  Row("PPO", IdentityEnvironment(), steps: 10_000, bar: 90) { seed in
    PPO(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, rolloutSteps: 32, discount: 0, seed: seed)
  },
  Row("A2C", IdentityEnvironment(), steps: 10_000, bar: 90) { seed in
    A2C(policy: MLPPolicy(hidden: [16]), learningRate: 3e-3, discount: 0, seed: seed)
  },
  Row("REINFORCE", IdentityEnvironment(), steps: 10_000, bar: 90) { seed in
    REINFORCE(policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 20, discount: 0, seed: seed)
  },
  Row("DQN", IdentityEnvironment(), steps: 10_000, bar: 90) { identityValues($0) },
  Row("QRDQN", IdentityEnvironment(), steps: 10_000, bar: 90) { QRDQN(identityValues($0), quantiles: 16) },
  Row("ES", IdentityEnvironment(), steps: 400_000, bar: 90) { seed in
    EvolutionStrategies(
      policy: MLPPolicy(hidden: []), populationSize: 32, sigma: 1, learningRate: 0.2, seed: seed)
  },
  Row("SAC", ContinuousIdentityEnvironment(), steps: 5_000, bar: 90) { seed in
    SAC(policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 4, discount: 0, seed: seed)
  },
  Row("TD3", ContinuousIdentityEnvironment(), steps: 5_000, bar: 90) { seed in
    TD3(policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 4, discount: 0, seed: seed)
  },
  Row("DDPG", ContinuousIdentityEnvironment(), steps: 5_000, bar: 90) { seed in
    DDPG(policy: MLPPolicy(hidden: [16]), learningRate: 1e-2, rolloutSteps: 4, discount: 0, seed: seed)
  },
]

var arguments = Array(CommandLine.arguments.dropFirst())
var seeds = 10
if let place = arguments.firstIndex(of: "--seeds"), place + 1 < arguments.count, let count = Int(arguments[place + 1]) {
  seeds = count
  arguments.removeSubrange(place...place + 1)
}
if arguments.first == "time" {
  let (start, used) = (Date(), clock())
  let trained = try balancing(0).train(on: CartPole(), steps: 100_000)
  let seconds = String(format: "%.1f", Date().timeIntervalSince(start))
  let processor = String(format: "%.1f", Double(clock() - used) / Double(CLOCKS_PER_SEC))
  print(
    "Descent: \(seconds) s with compilation, \(processor) s of processor, \(try trained.evaluate(episodes: 100))")
  exit(0)
}
print("| algorithm | environment | steps | bar | returns of \(seeds) seeds | reached | seconds a run |")
print("| --- | --- | --- | --- | --- | --- | --- |")
for row in rows where arguments.isEmpty || arguments.contains("\(row.name)-\(row.environment)".lowercased()) {
  let start = Date()
  let scores = try (0..<seeds).map { try row.score(UInt64($0)) }
  let seconds = Date().timeIntervalSince(start) / Double(max(1, seeds))
  let texts = scores.map { String(format: "%.1f", $0) }.joined(separator: " ")
  let reached = scores.count { $0 >= row.bar }
  print(
    "| \(row.name) | \(row.environment) | \(row.steps) | \(row.bar) | \(texts) | \(reached) of \(seeds)"
      + " | \(String(format: "%.1f", seconds)) |")
}
