import DescentAgents
import DescentTensors
import Testing

@Suite struct PlanningTests {
  /// Two states that lead to each other, with the rewards 1 and 2.
  private let chain = FiniteProcess(states: 2, actions: 1, starts: [1, 0]) { state, _ in
    [.init(state: 1 - state, reward: state == 0 ? 1 : 2)]
  }

  private func expectClose(_ found: [Double], _ wanted: [Double], _ tolerance: Double) {
    #expect(found.count == wanted.count)
    for (x, y) in zip(found, wanted) { #expect(abs(x - y) <= tolerance, "\(x) is not \(y)") }
  }

  @Test func valuesAreThoseOfTheClosedForm() throws {
    // v₀ = 1 + γ v₁ and v₁ = 2 + γ v₀.
    let (discount, tolerance) = (0.9, 1e-9)
    let closed = [(1 + discount * 2) / (1 - discount * discount), (2 + discount) / (1 - discount * discount)]
    expectClose(try chain.valueIteration(discount: discount).values, closed, tolerance)
    expectClose(try chain.policyIteration(discount: discount).values, closed, tolerance)
    expectClose(try chain.values(of: [0, 0], discount: discount), closed, tolerance)
  }

  /// Against the utilities in Russell and Norvig, figure 17.3, to their three digits.
  @Test func gridHasTheUtilitiesOfTheBook() throws {
    let plan = try GridWorld().process.valueIteration(discount: 1)
    let wanted = [0.812, 0.868, 0.918, 0, 0.762, 0, 0.660, 0, 0.705, 0.655, 0.611, 0.388]
    for place in wanted.indices where ![3, 5, 7].contains(place) {
      #expect(abs(plan.values[place] - wanted[place]) < 6e-4, "\(place)")
    }
    let arrows = [1, 1, 1, -1, 0, -1, 0, -1, 0, 3, 3, 3]
    for place in arrows.indices where arrows[place] >= 0 { #expect(plan.policy[place] == arrows[place]) }
  }

  @Test func bothWaysOfPlanningAgree() throws {
    for process in [try FrozenLake().process, CliffWalking(isSlippery: true).process, try GridWorld().process] {
      let (swept, turned) = (try process.valueIteration(discount: 0.95), try process.policyIteration(discount: 0.95))
      expectClose(turned.values, swept.values, 1e-7)
      expectClose(try process.values(of: swept.policy, discount: 0.95), swept.values, 1e-7)
      #expect(turned.rounds < 20)
    }
    // The shortest way along the cliff takes 13 steps.
    let cliff = try CliffWalking().process.valueIteration(discount: 1)
    #expect(cliff.values[36] == -13)
    #expect(cliff.policy[36] == 0)
  }

  @Test func mistakesAreTold() throws {
    #expect(throws: TensorError.self) { try chain.valueIteration(discount: 1, mostSweeps: 100) }
    #expect(throws: TensorError.self) { try chain.policyIteration(discount: 1) }
    #expect(throws: TensorError.self) { try chain.valueIteration(discount: 1.5) }
    #expect(throws: TensorError.self) { try chain.values(of: [0], discount: 0.5) }
    #expect(throws: TensorError.self) { try chain.values(of: [0, 0], discount: 1) }
    let odd = FiniteProcess(states: 1, actions: 1, starts: [1]) { _, _ in [] }
    #expect(throws: TensorError.self) { try odd.valueIteration() }
  }
}
