import DescentGraph
import DescentSearch
import DescentTensors
import Testing

@Suite struct MinimizeOverSpaceTests {
  static let plane: Space = ["x": .real(-5...10), "y": .real(0...15)]

  @Sendable static func branin(_ point: Tensor) -> Tensor {
    let (x, y) = (point[0], point[1])
    let bend = y - 0.12918450914398066 * square(x) + 1.5915494309189535 * x - 6.0
    return square(bend) + 9.602112642270262 * cos(x) + 10.0
  }

  @Test func pointsAreEvaluatedSideBySide() throws {
    let calls = Guarded(0)
    let found = try minimize(
      { point in
        calls.withLock { $0 += 1 }
        return Self.branin(point)
      }, over: Self.plane, by: .sobol(seed: 1), trials: 600)
    #expect(found.isVectorized && calls.withLock { $0 } <= 3)
    #expect(found.report.trials.count == 600 && found.value < 0.8)
    // Each value is that of its own point.
    for trial in found.report.trials.prefix(5) + [found.report.best] {
      guard case .real(let x)? = trial.settings["x"], case .real(let y)? = trial.settings["y"] else { continue }
      #expect(abs(try Self.branin(Tensor([x, y], .float64)).item() - trial.values[0]) < 1e-9)
    }
    #expect(try found.point.scalars().count == 2)
    #expect("\(found)".contains("after 600 points; all trials are done"))
  }

  @Test func aFunctionThatReadsIsCalledForEachPoint() throws {
    let found = try maximize(
      { point in Tensor(try point.scalars().reduce(0, +), .float64) },
      over: [
        "a": .integer(1...3), "b": .choice(["p", "q"]), "c": .subset(["u", "v"]), "d": .permutation(["m", "n"]),
        "e": .toggle,
      ], by: .bruteForce)
    #expect(!found.isVectorized && found.report.end == .exhausted)
    // 3 + 1 + 2 + (0 + 1) + 1
    #expect(found.value == 8 && found.report.trials.count == 3 * 2 * 4 * 2 * 2)
  }

  @Test func aTargetEndsTheSearchAndNaNIsLeftOut() throws {
    let found = try minimize(
      { x in sqrt(x[0]) }, over: ["x": .real(-1...1)], by: .halton(seed: 1), trials: 10_000, until: [.target(0.2)],
      elementType: .float32)
    #expect(found.report.end == .target && found.value <= 0.2)
    #expect(found.report.trials.contains { $0.state == .failed })
  }

  @Test func mistakesAreTold() {
    #expect {
      try minimize({ x in x }, over: Self.plane, by: .random(), trials: 3)
    } throws: { "\($0)".contains("minimize: the function gives 2 numbers, where one is needed") }
    #expect { try minimize({ x in x[7] }, over: Self.plane, by: .random(), trials: 3) } throws: { $0 is TensorError }
    let parts = Space([.init("x", .toggle), .init("y", .toggle, when: .isOn("x"))])
    #expect { try minimize({ x in x.sum() }, over: parts, by: .random()) } throws: {
      "\($0)" == "minimize: y is there only when x is on, and a tensor has all of its numbers"
    }
    #expect { try minimize({ x in x.sum() }, over: Self.plane, by: .random(), trials: 0) } throws: { $0 is SearchError }
    #expect { try minimize({ x in x.sum() / 0.0 * 0.0 }, over: Self.plane, by: .random(), trials: 3) } throws: {
      "\($0)".contains("no trial has completed, of 3 failed")
    }
  }
}
