import DescentTensors

extension FiniteProcess {
  /// The best policy, by value iteration: the values of all states are bettered by looking one step ahead until they rest.
  ///
  /// All sweeps are one plan. Source: Bellman, "Dynamic Programming", 1957.
  ///
  /// - Parameters:
  ///   - discount: What a reward is worth one step later, from 0 to 1.
  ///   - tolerance: The largest change of a value in a sweep that counts as rest.
  ///   - mostSweeps: The number of sweeps after which to give up.
  /// - Throws: `TensorError` of a process that cannot be, of a discount that is not from 0 to 1, and where the values have not come to
  ///   rest, as without a discount where an episode need not end.
  /// - Complexity: O(states · actions · outcomes) for each sweep.
  public func valueIteration(
    discount: Double = 0.99, tolerance: Double = 1e-10, mostSweeps: Int = 100_000
  ) throws -> FiniteSolution {
    let name = "valueIteration"
    try check(name, discount)
    guard tolerance > 0, mostSweeps >= 1 else {
      throw TensorError(name, "a tolerance of \(tolerance) and \(mostSweeps) sweeps; both have to be positive")
    }
    let sweeping = compiled { (values: Tensor) in
      let start = Tensor(.infinity, .float64)
      let (last, change, count) = try whileLoop(from: values, start, Tensor(0, .float64)) { _, change, count in
        (change .> tolerance) .& (count .< Double(mostSweeps))
      } do: { values, _, count in
        let better = actionValues(values, discount).max(axes: [1])
        return (better, abs(better - values).max(), count + 1)
      }
      return (actionValues(last, discount), last, change, count)
    }
    let (table, values, change, count) = try sweeping(Tensor(zeros: [stateCount], .float64))
    let rest = try change.item()
    guard rest <= tolerance else {
      throw TensorError(
        name,
        "after \(mostSweeps) sweeps the values still change by \(rest); where an episode need not end, a discount below 1 is needed"
      )
    }
    return FiniteSolution(
      values: try values.scalars(), table: try table.scalars(), actions: actionCount, rounds: Int(try count.item()))
  }

  /// The best policy, by policy iteration: the exact values of a policy, by a system of linear equations, and the policy that is best
  /// by them, in turn until nothing changes.
  ///
  /// Source: Howard, "Dynamic Programming and Markov Processes", 1960.
  ///
  /// - Parameters:
  ///   - discount: What a reward is worth one step later, from 0 to less than 1.
  ///   - mostRounds: The number of policies after which to give up.
  /// - Throws: `TensorError` of a process that cannot be, of a discount that is not from 0 to less than 1, and where it has to give up.
  /// - Complexity: O(states³) for each policy.
  public func policyIteration(discount: Double = 0.99, mostRounds: Int = 1000) throws -> FiniteSolution {
    let name = "policyIteration"
    try check(name, discount)
    guard discount < 1, mostRounds >= 1 else {
      throw TensorError(
        name,
        "a discount of \(discount) and \(mostRounds) rounds, where a discount below 1 and at least one round are needed"
      )
    }
    let improving = compiled { (policy: Tensor) in
      let (last, _, count) = try whileLoop(from: policy, Tensor(true), Tensor(0, .float64)) { _, isNew, count in
        isNew .& (count .< Double(mostRounds))
      } do: { policy, _, count in
        let table = actionValues(exactValues(of: policy, discount), discount)
        // A policy stays where nothing is better beyond rounding, or equally good ones would take turns forever.
        let own = table.takenAlong(policy.expanded(axis: 1), axis: 1).squeezed(axes: [1])
        let isBetter = table.max(axes: [1]) .> own + 1e-10 * maximum(abs(own), 1)
        let next = `where`(isBetter, table.argMax(axis: 1), policy)
        return (next, isBetter.any(), count + 1)
      }
      let values = exactValues(of: last, discount)
      return (actionValues(values, discount), values, count)
    }
    let (table, values, count) = try improving(Tensor(zeros: [stateCount], .int32))
    let rounds = Int(try count.item())
    guard rounds < mostRounds else {
      throw TensorError(name, "after \(mostRounds) policies there are still better ones")
    }
    return FiniteSolution(
      values: try values.scalars(), table: try table.scalars(), actions: actionCount, rounds: rounds)
  }

  /// The values of all states by a policy, exactly.
  ///
  /// - Parameters:
  ///   - policy: The action of each state.
  ///   - discount: What a reward is worth one step later, from 0 to 1.
  /// - Throws: `TensorError` of a process that cannot be, of a policy of another length or actions that there are not, and where the
  ///   values are not finite because an episode never ends.
  /// - Complexity: O(states³).
  public func values(of policy: [Int], discount: Double = 0.99) throws -> [Double] {
    let name = "values"
    try check(name, discount)
    guard policy.count == stateCount, policy.allSatisfy({ (0..<actionCount).contains($0) }) else {
      throw TensorError(
        name,
        "a policy needs an action from 0 to \(actionCount - 1) for each of \(stateCount) states, found \(policy.prefix(8))"
      )
    }
    let values = try exactValues(of: Tensor(integers: policy), discount).scalars()
    guard values.allSatisfy({ $0.isFinite && abs($0) < 1e15 }) else {
      throw TensorError(
        name, "the values are not finite: by this policy an episode need not end; a discount below 1 is needed")
    }
    return values
  }

  private func check(_ name: String, _ discount: Double) throws {
    if let fault { throw fault }
    guard (0...1).contains(discount) else {
      throw TensorError(name, "a discount of \(discount), which is not from 0 to 1")
    }
  }

  /// The values of all actions from those of the states, `[states, actions]`.
  private func actionValues(_ values: Tensor, _ discount: Double) -> Tensor {
    let later = values.taken(tables.states) * (1 - tables.ends.converted(to: .float64))
    let each = tables.probabilities * (tables.rewards + discount * later)
    return each.reshaped([stateCount, actionCount, tables.width]).sum(axes: [2])
  }

  /// The solution of v = r + γ P v for a policy, `[states]`.
  private func exactValues(of policy: Tensor, _ discount: Double) -> Tensor {
    let width = tables.width
    let pairs = Tensor(rangeTo: stateCount) * Double(actionCount) + policy
    func rows(_ table: Tensor) -> Tensor { table.reshaped([stateCount * actionCount, width]).taken(pairs) }
    let chances = rows(tables.probabilities)
    let rewards = (chances * rows(tables.rewards)).sum(axes: [1])
    let going = chances * (1 - rows(tables.ends.converted(to: .float64)))
    let states = Tensor(rangeTo: stateCount).expanded(axis: 1) * Double(stateCount) + rows(tables.states)
    let matrix = Tensor(zeros: [stateCount * stateCount], .float64)
      .scattered(going.reshaped([stateCount * width]), at: states.reshaped([stateCount * width]))
      .reshaped([stateCount, stateCount])
    let system = Tensor(identity: stateCount, .float64) - discount * matrix
    return solve(system, rewards.expanded(axis: 1)).squeezed(axes: [1])
  }
}
