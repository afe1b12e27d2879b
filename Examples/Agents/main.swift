// An agent that learns to keep a pole upright, and one that swings a pendulum up; the first is saved and acts again.
//
//   swift run -c release Agents
//   … --short                     a few steps only

import Descent

let isShort = CommandLine.arguments.contains("--short")

// Choices: a push to the left or to the right, by proximal policy optimization.
let ppo = PPO(policy: MLPPolicy(hidden: [64, 64]), learningRate: 1e-3, environments: 8, rolloutSteps: 64, seed: 1)
let balancing = try ppo.train(on: CartPole(), steps: isShort ? 5_000 : 100_000, callbacks: [.progress])
print("CartPole: \(try balancing.evaluate(episodes: 100)), where a random policy has about 22 and the most is 500")

try balancing.policy.save(to: "cartpole.safetensors")
let policy = try MLPPolicy(hidden: [64, 64]).loading("cartpole.safetensors", for: CartPole())
let leaning = Tensor([[0, 0, 0.1, 0]])
print("The pole leans to the right: push \(try policy.actions(for: leaning).integers() == [1] ? "right" : "left")")

// Numbers: a torque, by soft actor-critic from a replay of what happened.
let sac = SAC(policy: MLPPolicy(hidden: [64, 64]), learningRate: 1e-3, seed: 1)
let swinging = try sac.train(on: Pendulum(), steps: isShort ? 1_000 : 10_000, callbacks: [.progress])
print("Pendulum: \(try swinging.evaluate(episodes: 100)), where hanging still has −1974")
