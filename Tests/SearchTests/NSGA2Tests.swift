import DescentData
import DescentSearch
import Foundation
import Testing

@Suite struct NSGA2Tests {
  /// Few numbers and generations; `scripts/search-table evolution` has the full ones.
  @Test func frontsOfKnownProblemsAreCovered() throws {
    for (problem, generations) in [(FrontProblem.braninCurrin, 50), (.zdt1, 100)] {
      var search = try NSGA2(over: problem.space, populationSize: 40, seed: 1)
      for _ in 0..<generations { try search.tell(search.ask().map { Outcome(problem($0)) }) }
      let volume = try hypervolume(of: search.front.map(\.outcome.values), reference: problem.reference)
      #expect(volume > 0.975 * problem.mostVolume && volume <= problem.mostVolume, "\(problem): \(volume)")
    }
  }

  /// Deb's problem SRN has its whole front on x = −2.5, which a step to the side leaves by its square alone.
  @Test func constraintsAreMetByDebsRules() throws {
    var search = try NSGA2(over: ["x": .real(-20...20), "y": .real(-20...20)], populationSize: 40, seed: 1)
    for _ in 0..<100 {
      try search.tell(
        search.ask().map { settings in
          guard case .real(let x)? = settings["x"], case .real(let y)? = settings["y"] else { return Outcome([]) }
          let values = [2 + (x - 2) * (x - 2) + (y - 1) * (y - 1), 9 * x - (y - 1) * (y - 1)]
          let violation = max(0, x * x + y * y - 225) + max(0, x - 3 * y + 10)
          return Outcome(values, violation: violation)
        })
    }
    #expect(search.front.count == 40)
    let isFeasible = search.front.allSatisfy { $0.outcome.isFeasible }
    #expect(isFeasible)
    let distances = search.front.compactMap { member -> Double? in
      guard case .real(let x)? = member.individual["x"] else { return nil }
      return (x + 2.5) * (x + 2.5)
    }
    let mean = distances.reduce(0, +) / 40
    #expect(mean < 2, "\(mean)")
  }

  @Test func failuresFallBehind() throws {
    var search = try NSGA2(over: ["x": .real(0...1)], populationSize: 10, seed: 1)
    for _ in 0..<10 {
      try search.tell(
        search.ask().map { settings in
          guard case .real(let x)? = settings["x"], x > 0.3 else { return Outcome([.nan, 1]) }
          return Outcome([x, 1 - x])
        })
    }
    let isComplete = search.population.allSatisfy { !$0.outcome.values.contains { $0.isNaN } }
    #expect(isComplete)
    var hopeless = try NSGA2(over: ["x": .real(0...1)], populationSize: 4, seed: 1)
    for _ in 0..<3 { try hopeless.tell(hopeless.ask().map { _ in Outcome([.nan, .nan]) }) }
    #expect(hopeless.front.isEmpty && hopeless.best == nil)
  }
}
