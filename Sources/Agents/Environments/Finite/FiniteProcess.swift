import DescentGraph
import DescentTensors

/// A world of finitely many states and actions, with the chance of everything that an action may lead to: a Markov decision process.
///
/// It is what `ValueIteration` and `PolicyIteration` plan in, and what a `FiniteEnvironment` acts in.
///
/// ```swift
/// let chain = FiniteProcess(states: 2, actions: 1, starts: [1, 0]) { state, _ in
///   [.init(state: 1 - state, reward: state == 0 ? 1 : 2)]
/// }
/// ```
public struct FiniteProcess: Sendable {
  /// Something that an action may lead to.
  public struct Outcome: Hashable, Sendable {
    /// How likely it is.
    public var probability: Double
    /// The next state.
    public var state: Int
    /// The reward.
    public var reward: Double
    /// Whether the next state is an end, after which there is nothing to be expected.
    public var terminated: Bool

    /// Makes an outcome.
    public init(_ probability: Double = 1, state: Int, reward: Double, terminated: Bool = false) {
      (self.probability, self.state, self.reward, self.terminated) = (probability, state, reward, terminated)
    }
  }

  /// The number of states.
  public let stateCount: Int
  /// The number of actions.
  public let actionCount: Int
  /// The chance of beginning in each state.
  public let starts: [Double]
  /// What may come of each action in each state: the outcomes of action a in state s are at s · actions + a.
  public let outcomes: [[Outcome]]
  /// What is wrong with the process, `nil` where nothing is: whoever uses it throws it.
  public let fault: TensorError?
  /// The outcomes as tables `[states · actions · width]`, of which each pair of state and action has `width` places.
  let tables: Tables

  /// Makes a process.
  ///
  /// - Parameters:
  ///   - states: The number of states.
  ///   - actions: The number of actions, the same in all states.
  ///   - starts: The chance of beginning in each state.
  ///   - outcomes: What may come of an action in a state; chances add up to 1.
  /// - Complexity: O(states · actions · most outcomes).
  public init(states: Int, actions: Int, starts: [Double], outcomes: (_ state: Int, _ action: Int) -> [Outcome]) {
    let sizes = Shape([states, actions]).checkedCount.map { $0 <= 1 << 28 } == true && states >= 1 && actions >= 1
    let pairs = sizes ? states * actions : 0
    let all = (0..<pairs).map { outcomes($0 / actions, $0 % actions) }
    (stateCount, actionCount, self.starts, self.outcomes) = (states, actions, starts, all)
    let name = "FiniteProcess"
    if !sizes {
      fault = TensorError(name, "\(states) states and \(actions) actions, where at least 1 of each is needed")
    } else if starts.count != states || !Self.isDistribution(starts) {
      fault = TensorError(name, "the chances of beginning are not \(states) numbers from 0 on that add up to 1")
    } else if let pair = all.firstIndex(where: { !Self.isPossible($0, states) }) {
      fault = TensorError(
        name,
        "what action \(pair % actions) leads to in state \(pair / actions) is no distribution over the \(states) states with finite"
          + " rewards: \(all[pair].map { "(\($0.probability), state \($0.state), reward \($0.reward))" }.joined(separator: " "))"
      )
    } else {
      fault = nil
    }
    tables = Tables(fault == nil ? all : [], starts: fault == nil ? starts : [])
  }

  private static func isDistribution(_ chances: [Double]) -> Bool {
    chances.allSatisfy { $0 >= 0 && $0 <= 1 } && abs(chances.reduce(0, +) - 1) < 1e-9
  }

  private static func isPossible(_ outcomes: [Outcome], _ states: Int) -> Bool {
    isDistribution(outcomes.map(\.probability))
      && outcomes.allSatisfy { (0..<states).contains($0.state) && $0.reward.isFinite }
  }

  /// What may come of an action in a state.
  public func outcomes(of action: Int, in state: Int) -> [Outcome] {
    guard (0..<stateCount).contains(state), (0..<actionCount).contains(action), fault == nil else { return [] }
    return outcomes[state * actionCount + action]
  }
}

extension FiniteProcess {
  /// Outcomes as tensors of one axis.
  struct Tables: Sendable {
    /// The places of each pair of state and action.
    let width: Int
    /// The sums of the chances up to each place and including it, in float32.
    let cumulative: Tensor
    /// The chances, in float64.
    let probabilities: Tensor
    let states: Tensor
    /// In float64.
    let rewards: Tensor
    let ends: Tensor
    /// The sums of the chances of beginning, in float32.
    let starts: Tensor

    init(_ outcomes: [[Outcome]], starts: [Double]) {
      let width = outcomes.map(\.count).max() ?? 1
      func table<Value>(_ value: (Outcome) -> Value, _ filling: Value) -> [Value] {
        outcomes.flatMap { $0.map(value) + [Value](repeating: filling, count: width - $0.count) }
      }
      self.width = width
      probabilities = Tensor(table(\.probability, 0), .float64)
      // What rounding leaves at the end falls to the last outcome.
      cumulative = Tensor(outcomes.flatMap { Self.sums($0.map(\.probability), width) })
      states = Tensor(integers: table(\.state, 0))
      rewards = Tensor(table(\.reward, 0), .float64)
      ends = Tensor(table(\.terminated, false))
      self.starts = Tensor(Self.sums(starts, starts.count))
    }

    /// The sums up to each chance; from the last one that is not 0 on beyond 1, so that every number below 1 falls before it.
    private static func sums(_ chances: [Double], _ width: Int) -> [Double] {
      var sum = 0.0
      let last = chances.lastIndex { $0 > 0 } ?? 0
      let all = chances.enumerated().map { place, chance in
        sum += chance
        return place >= last ? 2 : sum
      }
      return all + [Double](repeating: 2, count: width - all.count)
    }
  }
}
