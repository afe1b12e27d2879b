import DescentGraph
import Testing

/// A shrinker is tried by faults that are put in on purpose.
@Suite("shrinking")
struct ShrinkingTests {
  /// Whether a program gives something else where operations of a kind give a little more than they should.
  private func isFaulty(_ program: Program, _ isWrong: (any Operation) -> Bool) -> Bool {
    do {
      let trace = try ProgramRunner.record(program, .float64).trace
      let graph = trace.graph
      let own = graph.inputTypes[..<program.inputs.count].map { ReferenceArray($0, repeating: 0.4) }
      let arguments = try own + trace.captured.map { try ReferenceArray($0.literal()) }
      let wrong = try graph.rewritten { operation, results in
        isWrong(operation) ? results.map { $0.type.elementType.isFloatingPoint ? $0 + 1e-3 : $0 } : results
      }
      let pairs = zip(try graph.evaluate(arguments), try wrong.evaluate(arguments))
      return pairs.contains { $0.distance(to: $1) > 1e-9 }
    } catch {
      return false
    }
  }

  /// The first programs that show a fault, at least of some length.
  private func faulty(_ count: Int, _ isWrong: (any Operation) -> Bool) -> [Program] {
    var programs: [Program] = []
    for seed in 1...2_000 where programs.count < count {
      var writer = ProgramWriter(seed: seed)
      let program = writer.program(steps: 12)
      if program.size >= 6, isFaulty(program, isWrong) { programs.append(program) }
    }
    return programs
  }

  @Test func aWrongFunctionIsAllThatIsLeft() throws {
    let isWrong: (any Operation) -> Bool = { $0 is Erf }
    let programs = faulty(3, isWrong)
    #expect(programs.count == 3)
    for program in programs {
      let smallest = program.shrunk { isFaulty($0, isWrong) }
      let listing = try ProgramRunner.record(smallest, .float64).listing
      #expect(smallest.size == 1 && listing.contains("= erf of"), "\(listing)")
      #expect(smallest.inputs.allSatisfy { $0.isEmpty }, "\(listing)")
      #expect(listing.hasPrefix("program(a: "), "\(listing)")
      // The same program shrinks to the same one.
      #expect(program.shrunk { isFaulty($0, isWrong) } == smallest)
    }
  }

  @Test func aWrongLoopLosesWhatIsInIt() throws {
    let isWrong: (any Operation) -> Bool = { $0 is Scan }
    let programs = faulty(2, isWrong)
    #expect(programs.count == 2)
    for program in programs {
      let smallest = program.shrunk { isFaulty($0, isWrong) }
      let listing = try ProgramRunner.record(smallest, .float64).listing
      #expect(smallest.body.steps.map(\.form) == [.scan], "\(listing)")
      #expect(smallest.size <= 2, "\(listing)")
    }
  }

  @Test func seedsAreReproducible() {
    for seed in 1...20 {
      var (first, second) = (ProgramWriter(seed: seed), ProgramWriter(seed: seed))
      let program = first.program(steps: 40)
      #expect(program == second.program(steps: 40))
      #expect(program.size <= 40)
    }
  }
}
