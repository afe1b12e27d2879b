/// How to choose among arms whose means are not known.
public enum BanditStrategy: Hashable, Sendable {
  /// The arm with the largest estimate, and with a chance of `epsilon` any one.
  ///
  /// - Parameters:
  ///   - epsilon: The chance of any arm.
  ///   - stepSize: How far an estimate moves toward a reward; `nil` for the mean of all. A constant one forgets, which drifting arms
  ///     need.
  ///   - initialEstimate: The estimates to begin with; large ones make every arm worth a try.
  case epsilonGreedy(_ epsilon: Double = 0.1, stepSize: Double? = nil, initialEstimate: Double = 0)
  /// The arm whose upper confidence bound is the largest: its estimate and `width` · √(ln t / n), for n pulls of it in t steps.
  /// Source: Auer, Cesa-Bianchi and Fischer, "Finite-time analysis of the multiarmed bandit problem", 2002.
  case upperConfidenceBound(_ width: Double = 1)
  /// The arm whose mean is the largest in a draw from what is believed of the means. Of arms that pay 1 or 0 beta-distributed, else
  /// normally distributed, with a standard deviation of 1 at first. Source: Thompson, 1933.
  case thompson
  /// An arm by the softmax of preferences, which follow the gradient of the reward, less the mean of the rewards so far. Source: Sutton
  /// and Barto, "Reinforcement Learning", section 2.8.
  case gradient(stepSize: Double = 0.1)
}
