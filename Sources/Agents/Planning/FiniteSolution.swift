/// What planning found in a finite process.
public struct FiniteSolution: Hashable, Sendable {
  /// The value of each state: the discounted sum of rewards to be expected by the policy.
  public let values: [Double]
  /// The value of each action in each state.
  public let actionValues: [[Double]]
  /// The best action of each state; of several that are as good the first.
  public let policy: [Int]
  /// The number of sweeps over all states, or of policies.
  public let rounds: Int

  init(values: [Double], table: [Double], actions: Int, rounds: Int) {
    self.values = values
    actionValues = stride(from: 0, to: table.count, by: actions).map { Array(table[$0..<$0 + actions]) }
    policy = actionValues.map { row in
      let best = row.max() ?? 0
      // Equally good actions differ by rounding.
      return row.firstIndex { $0 >= best - 1e-9 * max(1, abs(best)) } ?? 0
    }
    self.rounds = rounds
  }
}
