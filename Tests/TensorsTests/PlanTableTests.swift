import TestSupport
import Testing

@testable import DescentTensors

/// Which plans are kept where all together are to hold no more than a limit.
@Suite struct PlanTableTests {
  /// Stands for a plan, and says when it is gone.
  private final class Plan: Sendable {
    let name: String
    init(_ name: String) { self.name = name }
  }

  @Test func theOneThatWasNotUsedForLongestGoes() {
    let budget = PlanBudget(limit: 1_000)
    let (first, second) = (PlanTable<Int, Plan>(sharing: budget), PlanTable<String, Plan>(sharing: budget))
    for number in 1...3 { _ = first.keep(Plan("\(number)"), for: number, bytes: 300) }
    #expect(budget.usage.count == 3 && budget.usage.bytes == 900)
    #expect(first[1]?.name == "1")
    // There is no room for a fourth, whichever table it is in.
    #expect(second.keep(Plan("a"), for: "a", bytes: 300).name == "a")
    #expect(first[2] == nil && first[1] != nil && first[3] != nil && second["a"] != nil)
    #expect(budget.usage.count == 3 && budget.usage.bytes == 900)
    #expect(first.madeCount == 3 && second.madeCount == 1)
  }

  @Test func aTableHoldsSoManyAndNoMore() {
    let budget = PlanBudget(limit: .max)
    let table = PlanTable<Int, Plan>(sharing: budget, capacity: 32)
    for number in 0..<200 {
      _ = table.keep(Plan("\(number)"), for: number, bytes: 1)
      #expect(table[0] != nil && budget.usage.count <= 32)
    }
    #expect(budget.usage.count >= 30 && table[199] != nil && table[1] == nil && table.madeCount == 200)
  }

  @Test func theLastOneIsKeptHoweverLarge() {
    let budget = PlanBudget(limit: 1_000)
    let table = PlanTable<Int, Plan>(sharing: budget)
    for number in 1...3 { _ = table.keep(Plan("\(number)"), for: number, bytes: 5_000) }
    #expect(table[1] == nil && table[2] == nil && table[3] != nil)
    #expect(budget.usage.count == 1 && budget.usage.bytes == 5_000)
  }

  @Test func aLowerLimitAndATableThatIsGoneMakeRoom() {
    let budget = PlanBudget(limit: 1_000)
    do {
      let table = PlanTable<Int, Plan>(sharing: budget)
      for number in 1...10 { _ = table.keep(Plan("\(number)"), for: number, bytes: 100) }
      #expect(budget.usage.count == 10)
      budget.limit = 500
      #expect(budget.usage.bytes <= 500 && table[1] == nil && table[10] != nil)
      budget.clear()
      #expect(budget.usage.count == 0 && budget.usage.bytes == 0 && table[10] == nil)
      _ = table.keep(Plan("new"), for: 10, bytes: 100)
      #expect(budget.usage.count == 1)
    }
    #expect(budget.usage.count == 0 && budget.usage.bytes == 0)
  }

  @Test func twoThatMakeTheSamePlanKeepOne() {
    let budget = PlanBudget(limit: 1_000)
    let table = PlanTable<Int, Plan>(sharing: budget)
    #expect(table.keep(Plan("first"), for: 1, bytes: 100).name == "first")
    #expect(table.keep(Plan("second"), for: 1, bytes: 100).name == "first")
    #expect(budget.usage.count == 1 && budget.usage.bytes == 100 && table.madeCount == 1)
  }

  @Test func threadsShareABudget() {
    let budget = PlanBudget(limit: 2_000)
    let table = PlanTable<Int, Plan>(sharing: budget)
    let faults = faultsOnEightThreads { thread in
      for turn in 0..<300 {
        let key = (turn * 7 + thread) % 40
        let plan = table[key] ?? table.keep(Plan("\(key)"), for: key, bytes: 100)
        try hold(plan.name == "\(key)")
      }
    }
    #expect(faults.isEmpty, "\(faults)")
    #expect(budget.usage.bytes <= 2_000 && budget.usage.bytes == budget.usage.count * 100)
  }
}
