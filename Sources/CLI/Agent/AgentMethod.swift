import ArgumentParser
import Descent

/// What a training is asked for.
struct AgentSettings: Sendable {
  var steps: Int
  var seed: UInt64
  var hidden: [Int]
  var coding: TileCoding?
  var callbacks: [Callback] = []
}

/// A way of learning by its name on the command line.
///
/// Settings that differ from those of the type are those that RL Baselines3 Zoo found for small environments.
struct AgentMethod: Sendable {
  let name: String
  /// Which actions it is for.
  let actions: String
  let summary: String
  let train: @Sendable (any EnvironmentSource, AgentSettings) throws -> any Policy
  /// Whether what it learns is a table.
  let isTabular: Bool

  static let all: [AgentMethod] = [
    AgentMethod("ppo", "any", "proximal policy optimization") { settings in
      PPO(
        policy: settings.network, learningRate: 1e-3, environments: 8, rolloutSteps: 32, epochs: 20, minibatches: 1,
        discount: 0.98, lambda: 0.8, entropyWeight: 0, seed: settings.seed)
    },
    AgentMethod("a2c", "any", "advantage actor-critic") { A2C(policy: $0.network, seed: $0.seed) },
    AgentMethod("reinforce", "any", "REINFORCE with a baseline") { REINFORCE(policy: $0.network, seed: $0.seed) },
    AgentMethod("dqn", "choices", "deep Q-learning, double") { DQN(policy: $0.network, seed: $0.seed) },
    AgentMethod("qrdqn", "choices", "deep Q-learning of quantiles") { QRDQN(policy: $0.network, seed: $0.seed) },
    AgentMethod("sac", "numbers", "soft actor-critic") { SAC(policy: $0.network, seed: $0.seed) },
    AgentMethod("td3", "numbers", "twin delayed deterministic policy gradient") {
      TD3(policy: $0.network, seed: $0.seed)
    },
    AgentMethod("ddpg", "numbers", "deterministic policy gradient") { DDPG(policy: $0.network, seed: $0.seed) },
    AgentMethod("q-learning", .qLearning),
    AgentMethod("sarsa", .sarsa),
    AgentMethod("expected-sarsa", .expectedSARSA),
    AgentMethod("sarsa-lambda", .sarsaLambda()),
    AgentMethod("dyna-q", .dynaQ()),
    AgentMethod("monte-carlo", .monteCarlo),
  ]

  /// A method of networks.
  private init<Algorithm: AgentAlgorithm>(
    _ name: String, _ actions: String, _ summary: String, _ make: @escaping @Sendable (AgentSettings) -> Algorithm
  ) {
    (self.name, self.actions, self.summary, isTabular) = (name, actions, summary, false)
    train = { environment, settings in
      func policy(_ environment: some EnvironmentSource) throws -> any Policy {
        try make(settings).train(on: environment, steps: settings.steps, callbacks: settings.callbacks).policy
      }
      return try policy(environment)
    }
  }

  /// A method of tables.
  private init(_ name: String, _ method: TabularMethod) {
    (self.name, actions, isTabular) = (name, "choices", true)
    summary = "\(method.name), a table of states or tiles"
    train = { environment, settings in
      let isEpisodic = method != .monteCarlo
      let learning = TabularLearning(
        method, stepSize: 0.3, discount: settings.coding == nil ? 0.99 : 1,
        exploration: settings.coding == nil ? 1 : 0, finalExploration: isEpisodic ? 0 : 0.05,
        coding: settings.coding, seed: settings.seed)
      func policy(_ environment: some EnvironmentSource) throws -> any Policy {
        try learning.train(on: environment, steps: settings.steps)[0].policy
      }
      return try policy(environment)
    }
  }

  /// The method of a name.
  static func named(_ name: String) throws -> AgentMethod {
    if let method = all.first(where: { $0.name == name }) { return method }
    let hint = nearestName(to: name, among: all.map(\.name)).map { "did you mean '\($0)'?" }
    throw ValidationError(
      "there is no way of learning '\(name)'; \(hint ?? "there are \(all.map(\.name).joined(separator: ", "))")")
  }
}

extension AgentSettings {
  fileprivate var network: MLPPolicy { MLPPolicy(hidden: hidden) }
}
