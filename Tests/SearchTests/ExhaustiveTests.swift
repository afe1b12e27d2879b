import DescentSearch
import Testing

@Suite struct ExhaustiveTests {
  let space: Space = [
    "rate": .real(1e-4...1, scale: .logarithmic), "layers": .integer(1...3), "kind": .choice(["a", "b"]),
    "parts": .subset(["p", "q"]), "order": .permutation(["x", "y", "z"]), "isOn": .toggle,
  ]

  @Test func aGridHasEverySettingOnce() throws {
    let study = try Study(over: space, minimizing: "y", by: .grid(points: 5))
    let report = try study.run(trials: 10_000) { trial in
      trial.real("rate", 1e-4...1, scale: .logarithmic) + Double(trial.integer("layers", 1...3))
    }
    #expect(report.end == .exhausted && report.trials.count == 5 * 3 * 2 * 4 * 6 * 2)
    #expect(Set(report.trials.map(\.settings)).count == report.trials.count)
    let rates = Set(report.trials.compactMap { $0.settings["rate"] })
    #expect(rates.count == 5 && rates.contains(.real(1)))
    #expect(report.trials.allSatisfy { space.contains($0.settings) })
    #expect(space.size(points: 5).count == 1440)
  }

  @Test func bruteForceTriesAllThatIsThereAndAllowed() throws {
    let space = Space(
      [
        .init("layers", .integer(1...3)), .init("a", .real(0...1, step: 0.5), when: .number("layers", atLeast: 2)),
        .init("b", .toggle, when: .number("layers", atLeast: 3)),
      ], allowing: [.not(.all([.number("layers", atLeast: 3), .number("a", atMost: 0.2)]))])
    let study = try Study(over: space, minimizing: "y", by: .bruteForce)
    let report = try study.run(trials: 100, workers: 3) { Double($0.number) }
    // 1; 2 × {0, ½, 1}; 3 × {½, 1} × {off, on}.
    #expect(report.trials.count == 1 + 3 + 4 && report.end == .exhausted)
    #expect(Set(report.trials.map(\.settings)).count == 8)
    #expect(report.trials.allSatisfy { space.contains($0.settings) })
    #expect { try study.ask() } throws: { "\($0)".contains("all 8 settings of bruteForce have been tried") }
    #expect(throws: SearchError.self) { try study.enqueue(["layers": .integer(1)]) }
  }

  @Test func aMillionKnobsAreRefusedWithWhatTheyWouldCost() throws {
    let size = Space((0..<1_000_000).map { .init("w\($0)", .integer(0...9)) }).size()
    #expect("\(size)" == "10¹⁰⁰⁰⁰⁰⁰ settings, and the universe has some 10⁸⁵ atoms")
    #expect(abs(size.decimalLogarithmOfYears(secondsEach: 0.001) - (1_000_000 - 3 - 7.49910)) < 1e-4)
    // The study is refused without a look at any setting.
    let fewer = Space((0..<1_000).map { .init("w\($0)", .integer(0...9)) })
    #expect { try Study(over: fewer, minimizing: "error", by: .bruteForce) } throws: {
      "\($0)".contains("bruteForce: 10¹⁰⁰⁰ settings, and the universe has some 10⁸⁵ atoms")
        && "\($0)".contains("years at 0.001 s each, and the limit is 1000000")
    }
  }

  @Test func sizesAreSaidInWords() {
    let plane: Space = ["x": .real(0...1), "y": .real(0...1)]
    #expect(plane.size(points: 100).text(secondsEach: 0.5) == "10,000 settings, 83 minutes at 0.5 s each")
    #expect("\(plane.size())" == "infinitely many settings")
    #expect(plane.size(points: 1).text(secondsEach: 1) == "1 setting, 1 seconds at 1 s each")
    #expect(plane.size(points: 1_000_000_000).count == nil)
  }

  @Test func whatCannotBeCountedIsRefused() {
    #expect { try Study(over: ["x": .real(0...1)], minimizing: "y", by: .bruteForce) } throws: {
      "\($0)"
        == "bruteForce: x is 0.0...1.0, all of whose real numbers cannot be tried; give it a step, or take .grid(points:)"
    }
    #expect { try Study(minimizing: "y", by: .grid(points: 3)) } throws: {
      "\($0)" == "grid(points: 3): what has to be counted has to be declared: Study(…, over: space, …)"
    }
    #expect(throws: SearchError.self) { try Study(over: ["x": .real(0...1)], minimizing: "y", by: .grid(points: 0)) }
    let never = Space([.init("x", .toggle)], allowing: [.all([.isOn("x"), .not(.isOn("x"))])])
    #expect { try Study(over: never, minimizing: "y", by: .bruteForce) } throws: {
      "\($0)".contains("no setting is allowed")
    }
    let endless = Space([.init("x", .integer(0...1_000_000_000)), .init("y", .toggle, when: .number("x", atLeast: 3))])
    #expect(throws: SearchError.self) { try Study(over: endless, minimizing: "y", by: .bruteForce) }
  }
}
