import DescentAgents
import DescentTensors
import Testing

@Suite struct BanditTests {
  /// The testbed of ten arms of Sutton and Barto's book, figure 2.2 and 2.4: after 500 steps.
  @Test func strategiesFindTheBestArm() throws {
    let bandit = Bandit(arms: 10)
    func end(_ strategy: BanditStrategy) throws -> (best: Double, reward: Double) {
      let report = try bandit.play(strategy, steps: 500, runs: 300, seed: 1)
      return (report.bestShares.suffix(100).reduce(0, +) / 100, report.rewards.suffix(100).reduce(0, +) / 100)
    }
    let careful = try end(.epsilonGreedy(0.1))
    #expect((0.6...0.85).contains(careful.best))
    #expect((1.15...1.45).contains(careful.reward))
    let greedy = try end(.epsilonGreedy(0))
    #expect(greedy.best < careful.best - 0.1)
    for strategy in [BanditStrategy.upperConfidenceBound(1), .thompson, .gradient(stepSize: 0.2)] {
      let found = try end(strategy)
      #expect(found.best > 0.6, "\(strategy)")
      #expect(found.reward > 1.2, "\(strategy)")
    }
  }

  @Test func regretOfThompsonGrowsLikeALogarithm() throws {
    let coins = Bandit(means: [0.3, 0.5, 0.7], payout: .chance)
    let report = try coins.play(.thompson, steps: 600, runs: 200, seed: 2)
    let (half, whole) = (report.regrets[299], report.regrets[599])
    #expect(whole > half && whole < 1.5 * half)
    #expect(whole < 20)
    #expect(zip(report.regrets, report.regrets.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 })
  }

  @Test func driftingArmsNeedAConstantStepSize() throws {
    let bandit = Bandit(means: [Double](repeating: 0, count: 10), drift: 0.05)
    let forgetting = try bandit.play(.epsilonGreedy(0.1, stepSize: 0.1), steps: 1200, runs: 100, seed: 3)
    let averaging = try bandit.play(.epsilonGreedy(0.1), steps: 1200, runs: 100, seed: 3)
    let (a, b) = (forgetting.rewards.suffix(300).reduce(0, +), averaging.rewards.suffix(300).reduce(0, +))
    #expect(a > b + 12)
  }

  @Test func mistakesAreTold() throws {
    let bandit = Bandit(arms: 2)
    #expect(throws: TensorError.self) { try bandit.play(.epsilonGreedy(2), steps: 1) }
    #expect(throws: TensorError.self) { try bandit.play(.thompson, steps: 0) }
    #expect(throws: TensorError.self) { try bandit.play(.gradient(stepSize: 0), steps: 1) }
    #expect(throws: TensorError.self) { try bandit.play(.thompson, steps: 1, runs: 0) }
    #expect(try bandit.play(.thompson, steps: 3, runs: 2).rewards.count == 3)
  }
}
