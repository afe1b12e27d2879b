import DescentSearch
import Foundation
import Testing

@Suite struct SequenceTests {
  /// `scipy.stats.qmc.Sobol(d, scramble=False, bits=32)`, scipy 1.17.1: point, coordinate, value.
  @Test(arguments: [
    (1, 0, 0.5), (5, 1, 0.875), (37, 10, 0.015625), (63, 100, 0.578125), (50, 500, 0.953125), (41, 1000, 0.578125),
    (63, 1110, 0.015625), (3, 1110, 0.25), (62, 777, 0.953125), (4095, 1110, 0.338623046875),
    (3000, 400, 0.286376953125),
    (2049, 20, 0.884521484375),
  ]) func sobolPointsAreThoseOfSciPy(point: Int, coordinate: Int, value: Double) throws {
    let sequence = try SobolSequence(dimensions: SobolSequence.mostDimensions, seed: nil)
    #expect(sequence[point][coordinate] == value)
  }

  @Test func firstSobolPointsAreThoseOfSciPy() throws {
    let sequence = try SobolSequence(dimensions: 7, seed: nil)
    #expect(sequence[0] == [0, 0, 0, 0, 0, 0, 0])
    #expect(sequence[4] == [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375])
    #expect(sequence[7] == [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625])
  }

  @Test(arguments: [nil, 1, 7] as [UInt64?]) func sobolPointsStratifyEveryAxisAndPairsOfThem(seed: UInt64?) throws {
    let sequence = try SobolSequence(dimensions: 40, seed: seed)
    for first in [0, 256, 1024] {
      let points = (first..<first + 256).map { sequence[$0] }
      for axis in 0..<40 { #expect(Set(points.map { Int($0[axis] * 256) }).count == 256) }
      // The first two dimensions are a (0, m, 2)-net: every box of area 1/256 holds one point, whatever its shape.
      for width in [1, 2, 4, 16, 64, 256] {
        let boxes = points.map { Int($0[0] * Double(width)) * 1_000 + Int($0[1] * Double(256 / width)) }
        #expect(Set(boxes).count == 256)
      }
    }
  }

  @Test func scrambledPointsAreOthersForOtherSeedsAndEvenlyDistributed() throws {
    var (sum, squares) = (0.0, 0.0)
    for seed in 0..<400 {
      let value = try SobolSequence(dimensions: 3, seed: UInt64(seed))[5][2]
      #expect(value >= 0 && value < 1)
      sum += value
      squares += value * value
    }
    // Mean and second moment of the uniform distribution, within four standard errors.
    #expect(abs(sum / 400 - 0.5) < 0.058 && abs(squares / 400 - 1.0 / 3) < 0.06)
  }

  /// `scipy.stats.qmc.Halton(40, scramble=False)`, scipy 1.17.1.
  @Test func haltonPointsAreThoseOfSciPy() throws {
    let sequence = try HaltonSequence(dimensions: 40, seed: nil)
    let cases: [(Int, Int, Double)] = [
      (1, 0, 0.5), (5, 1, 0.7777777777777777), (37, 10, 0.19458896982310092), (199, 39, 0.15032242975040927),
      (150, 20, 0.0551698254832051),
    ]
    for (point, coordinate, value) in cases { #expect(abs(sequence[point][coordinate] - value) < 1e-15) }
  }

  @Test func scrambledHaltonPointsStratifyEveryAxis() throws {
    let sequence = try HaltonSequence(dimensions: 5, seed: 3)
    for (axis, base) in [2, 3, 5, 7, 11].enumerated() {
      let slices = base * base
      #expect(Set((0..<slices).map { Int(sequence[$0][axis] * Double(slices)) }).count == slices)
    }
    #expect(try HaltonSequence(dimensions: 5, seed: 4)[9] != sequence[9])
  }

  @Test func everySliceOfALatinHypercubeHasOnePoint() throws {
    let cube = try LatinHypercube(count: 60, dimensions: 4, seed: 5)
    for first in [0, 60] {
      for axis in 0..<4 {
        #expect(Set((first..<first + 60).map { Int(cube[$0][axis] * 60) }) == Set(0..<60))
      }
    }
    #expect(cube[0] != cube[60])
  }

  @Test func sequencesIntegrateBetterThanRandomNumbers() throws {
    // ∫ Π (1 + (x − ½)/2) = 1 in six dimensions.
    func mean(_ points: (Int) -> [Double]) -> Double {
      (0..<512).reduce(0) { $0 + points($1).reduce(1) { $0 * (1 + ($1 - 0.5) / 2) } } / 512
    }
    var errors: [String: Double] = [:]
    for seed in 0..<3 {
      let seed = UInt64(seed)
      let sobol = try SobolSequence(dimensions: 6, seed: seed)
      let halton = try HaltonSequence(dimensions: 6, seed: seed)
      errors["sobol", default: 0] += abs(mean { sobol[$0] } - 1)
      errors["halton", default: 0] += abs(mean { halton[$0] } - 1)
      errors["random", default: 0] += abs(
        mean { place in
          var random = TrialRandom(seed: seed, trial: place, purpose: "x")
          return (0..<6).map { _ in random.unit() }
        } - 1)
    }
    #expect(try #require(errors["sobol"]) < 0.1 * (try #require(errors["random"])))
    #expect(try #require(errors["halton"]) < 0.5 * (try #require(errors["random"])))
  }

  @Test func sequencesThatCannotBeAreRefused() {
    #expect { try SobolSequence(dimensions: 1_112) } throws: {
      "\($0)".contains("1112 dimensions, where 1 to 1111 are possible")
    }
    #expect(throws: SearchError.self) { try HaltonSequence(dimensions: 0) }
    #expect(throws: SearchError.self) { try LatinHypercube(count: 0, dimensions: 1) }
    #expect(throws: SearchError.self) { try Study(minimizing: "y", by: .latinHypercube(count: 0)) }
  }

  static let samplers: [SequenceSampler] = [.sobol(seed: 1), .halton(seed: 1), .latinHypercube(count: 16, seed: 1)]

  @Test(arguments: samplers) func trialsLieEvenlyInDeclaredAndInFoundSpaces(sampler: SequenceSampler) throws {
    let space: Space = ["x": .real(0...1), "kind": .choice(["a", "b", "c", "d"]), "y": .real(0...1)]
    for declared in [space, nil] {
      let study = try Study(over: declared, minimizing: "y", by: sampler)
      let report = try study.run(trials: 16, workers: 2) { trial in
        trial.real("x", 0...1) + (trial.choice("kind", ["a", "b", "c", "d"]) == "a" ? 1 : 0) + trial.real("y", 0...1)
      }
      let kinds = Dictionary(grouping: report.trials) { $0.settings["kind"] }
      #expect(kinds.count == 4)
      guard sampler.name.hasPrefix("sobol") || sampler.name.hasPrefix("latin") else { continue }
      #expect(kinds.values.allSatisfy { $0.count == 4 })
      let places = report.trials.compactMap { trial -> Int? in
        guard case .real(let x)? = trial.settings["x"] else { return nil }
        return Int(x * 16)
      }
      #expect(Set(places) == Set(0..<16))
    }
  }
}

/// Prints the table of Documentation/Search.md: `DESCENT_SEARCH_TABLE=1 make test FILTER=SequenceTable`.
@Suite struct SequenceTable {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["DESCENT_SEARCH_TABLE"] != nil)) func errorsOfIntegrals()
    throws
  {
    // ∫ Π (1 + (x − ½)/2) = 1 over the unit cube of six dimensions.
    func error(_ count: Int, _ points: (Int) -> [Double]) -> Double {
      var total = 0.0
      for place in 0..<count { total += points(place).reduce(1) { $0 * (1 + ($1 - 0.5) / 2) } }
      return total / Double(count) - 1
    }
    for count in [64, 256, 1024, 4096] {
      var squares = [Double](repeating: 0, count: 4)
      for seed in 0..<20 {
        let seed = UInt64(seed)
        let sobol = try SobolSequence(dimensions: 6, seed: seed)
        let halton = try HaltonSequence(dimensions: 6, seed: seed)
        let latin = try LatinHypercube(count: count, dimensions: 6, seed: seed)
        let errors = [
          error(count) { place in
            var random = TrialRandom(seed: seed, trial: place, purpose: "x")
            return (0..<6).map { _ in random.unit() }
          }, count > 1024 ? 0 : error(count) { latin[$0] }, error(count) { halton[$0] }, error(count) { sobol[$0] },
        ]
        for (kind, error) in errors.enumerated() { squares[kind] += error * error / 20 }
      }
      print("| \(count) | " + squares.map { String(format: "%.1e", $0.squareRoot()) }.joined(separator: " | ") + " |")
    }
  }
}
