/// How a table of values is bettered by what happens.
public enum TabularMethod: Hashable, Sendable {
  /// By the return of whole episodes, from every state on that they come through.
  case monteCarlo
  /// By the reward and the value of the next action: State, Action, Reward, State, Action.
  case sarsa
  /// By the reward and the mean value of the next state's actions under the policy.
  case expectedSARSA
  /// By the reward and the value of the best next action (Watkins, 1989).
  case qLearning
  /// SARSA that hands every error back along the way, to what came so many steps before by `lambda` each, TD(λ) of action values, with
  /// replacing traces (Singh and Sutton, 1996).
  case sarsaLambda(_ lambda: Double = 0.9)
  /// Q-learning that remembers what happened and learns from some memories after each step (Sutton, 1990); where what happens is certain.
  case dynaQ(planningSteps: Int = 10)

  /// What the method is called.
  public var name: String {
    switch self {
    case .monteCarlo: "Monte Carlo"
    case .sarsa: "SARSA"
    case .expectedSARSA: "expected SARSA"
    case .qLearning: "Q-learning"
    case .sarsaLambda(let lambda): "SARSA(\(lambda))"
    case .dynaQ(let steps): "Dyna-Q(\(steps))"
    }
  }
}
