import Foundation
import Testing

@testable import DescentZIP

@Suite struct CTCDecodingTests {
  /// Columns that favor a text written with one column a symbol and blanks between, with a share of doubt.
  private func columns(_ classes: [Int], doubt: Double = 0.1) throws -> SymbolProbabilities {
    let logits = classes.flatMap { favored in
      (0..<12).map { Float(log($0 == favored ? 1 - doubt : doubt / 11)) }
    }
    return try #require(SymbolProbabilities(logits: logits))
  }

  private func randomColumns(_ steps: Int, seed: UInt64) throws -> SymbolProbabilities {
    var random = RandomStream(seed: seed)
    return try #require(SymbolProbabilities(logits: (0..<(steps * 12)).map { _ in 2 * random.normal() }))
  }

  /// The probability of every string, by listing every path: 12ᵗ of them.
  private func bruteForce(_ probabilities: SymbolProbabilities) -> [[Symbol]: Double] {
    var result: [[Symbol]: Double] = [:]
    var paths: [(last: Int, symbols: [Symbol], probability: Double)] = [(Symbol.blankClass, [], 1)]
    for step in 0..<probabilities.steps {
      paths = paths.flatMap { path in
        (0..<12).map { next in
          let symbol = next == path.last ? nil : Symbol(classIndex: next)
          return (next, path.symbols + [symbol].compactMap(\.self), path.probability * probabilities[step, next])
        }
      }
    }
    for path in paths { result[path.symbols, default: 0] += path.probability }
    return result
  }

  @Test func probabilitiesEqualTheSumOverAllPaths() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let probabilities = try randomColumns(4, seed: seed)
      let all = bruteForce(probabilities)
      #expect(abs(all.values.reduce(0, +) - 1) < 1e-12)
      for (symbols, expected) in all where expected > 1e-5 {
        #expect(abs(probabilities.probability(of: symbols) - expected) < 1e-14)
      }
      let counts = probabilities.digitCountProbabilities(upTo: 4)
      for count in 0...4 {
        let expected = all.filter { $0.key.count == count && !$0.key.contains(.nonDigit) }.values.reduce(0, +)
        #expect(abs(counts[count] - expected) < 1e-12)
      }
    }
  }

  @Test func aStringsProbabilityIsTheMeanOfItsViews() throws {
    var random = RandomStream(seed: 7)
    let logits: [Float] = (0..<(2 * 3 * 12)).map { _ in 2 * random.normal() }
    let both = try #require(SymbolProbabilities(logits: logits, views: 2))
    #expect(both.steps == 3)
    let views = try [logits[..<36], logits[36...]].map { try #require(SymbolProbabilities(logits: $0)) }
    let all = views.map(bruteForce)
    func mean(_ symbols: [Symbol]) -> Double { all.reduce(0) { $0 + ($1[symbols] ?? 0) } / 2 }
    let strings = Set(all.flatMap(\.keys))
    for symbols in strings { #expect(abs(both.probability(of: symbols) - mean(symbols)) < 1e-14) }
    let found = both.mostLikely(3, limit: 100_000)
    let expected = strings.map(mean).sorted(by: >)
    #expect(found.isProven)
    for rank in 0..<3 { #expect(abs(found.candidates[rank].probability - expected[rank]) < 1e-14) }
    let counts = zip(views[0].digitCountProbabilities(upTo: 3), views[1].digitCountProbabilities(upTo: 3))
    for (count, (first, second)) in zip(both.digitCountProbabilities(upTo: 3), counts) {
      #expect(abs(count - (first + second) / 2) < 1e-14)
    }
    #expect(SymbolProbabilities(logits: logits, views: 5) == nil)
  }

  @Test func theSearchFindsTheMostLikelyStrings() throws {
    for seed in 10...14 as ClosedRange<UInt64> {
      let probabilities = try randomColumns(4, seed: seed)
      let expected = bruteForce(probabilities).values.sorted(by: >)
      let found = probabilities.mostLikely(3, limit: 100_000)
      #expect(found.isProven)
      for rank in 0..<3 { #expect(abs(found.candidates[rank].probability - expected[rank]) < 1e-12) }
    }
  }

  /// The most likely prefix is extended first, so that few are.
  @Test(arguments: 0..<8) func aClearLineTakesAboutADozenPrefixes(first: Int) throws {
    let blank = Symbol.blankClass
    let digits = (first..<first + 5).map { $0 % 10 }
    let found = try columns(digits.flatMap { [$0, blank] }, doubt: 0.05).mostLikely(1, limit: 14)
    #expect(found.isProven)
    #expect(found.candidates[0].symbols.text == digits.map(String.init).joined())
  }

  @Test func repeatedDigitsNeedABlankBetween() throws {
    let blank = Symbol.blankClass
    #expect(try columns([1, blank, 1, 1, blank]).mostLikely(1).candidates[0].symbols.text == "11")
    #expect(try columns([1, 1, 1, 1, blank]).mostLikely(1).candidates[0].symbols.text == "1")
    #expect(try columns([blank, blank]).mostLikely(1).candidates[0].symbols.isEmpty)
  }

  @Test func theSumOfAlignmentsCanBeatTheBestPath() throws {
    // The best path is blank, blank (0.36); "1" has three alignments that sum to more.
    var logits = [Float](repeating: -40, count: 24)
    for step in 0..<2 {
      logits[step * 12 + 1] = Float(log(0.4))
      logits[step * 12 + Symbol.blankClass] = Float(log(0.6))
    }
    let probabilities = try #require(SymbolProbabilities(logits: logits))
    let best = probabilities.mostLikely(1).candidates[0]
    #expect(best.symbols.text == "1")
    #expect(abs(best.probability - 0.64) < 1e-6)
  }

  @Test func theListExcludesWhatIsNoCode() throws {
    let blank = Symbol.blankClass
    let probabilities = try columns([9, blank, 0, blank, 2, blank, 1, blank, 1])
    let list = ZIPCodeList([90_210, 90_213, 12_345])
    #expect(ReadingRule().read(probabilities).text == "90211")
    let reading = ReadingRule(codes: list).read(probabilities)
    #expect(reading.code == "90210" || reading.code == "90213")
    #expect(reading.confidence < 0.6)
    #expect(reading.runnerUp != nil)
  }

  @Test func theListSharpensConfidenceButNotTheCountOfDigits() throws {
    let blank = Symbol.blankClass
    let clear = try columns([9, blank, 0, blank, 2, blank, 1, blank, 0], doubt: 0.2)
    let list = ZIPCodeList([90_210, 55_555])
    let free = ReadingRule().read(clear)
    let listed = ReadingRule(codes: list).read(clear)
    #expect(free.text == "90210" && listed.text == "90210")
    #expect(listed.confidence > free.confidence)
    let four = ReadingRule(codes: list).read(try columns([9, blank, 0, blank, 2, blank, 1]))
    #expect(four.rejection == .digitCount(4))
  }

  @Test func aReadingFarFromTheListIsRejected() throws {
    let blank = Symbol.blankClass
    let probabilities = try columns([9, blank, 0, blank, 2, blank, 1, blank, 0], doubt: 0.001)
    let reading = ReadingRule(codes: ZIPCodeList([12_345])).read(probabilities)
    #expect(reading.rejection == .notInList(reading: "90210"))
  }

  @Test func reasonsAreGiven() throws {
    let blank = Symbol.blankClass
    func rejection(_ classes: [Int], threshold: Double = 0) throws -> Rejection? {
      ReadingRule(threshold: threshold).read(try columns(classes, doubt: 0.01)).rejection
    }
    #expect(try rejection([1, 2, 3, 4]) == .digitCount(4))
    #expect(try rejection([1, 2, 3, 4, 5, 6]) == .digitCount(6))
    #expect(try rejection([blank, blank]) == .digitCount(0))
    #expect(try rejection([1, 10, 3, 4, 5]) == .notADigit(position: 2))
    #expect(try rejection([1, 2, 3, 4, 5]) == nil)
    let unsure = try rejection([1, 2, 3, 4, 5], threshold: 0.9999)
    guard case .unsure(reading: "12345", _, threshold: 0.9999)? = unsure else {
      Issue.record("not unsure: \(String(describing: unsure))")
      return
    }
    #expect(Rejection.notADigit(position: 2).description == "the 2nd character is not a digit")
    #expect(Rejection.digitCount(4).description == "4 digits, not 5")
  }

  @Test func unusableOutputsAreNoProbabilities() {
    #expect(SymbolProbabilities(logits: [Float]()) == nil)
    #expect(SymbolProbabilities(logits: [Float](repeating: 0, count: 13)) == nil)
    #expect(SymbolProbabilities(logits: [Float](repeating: .nan, count: 12)) == nil)
    #expect(SymbolProbabilities(logits: [Float](repeating: -.infinity, count: 12)) == nil)
  }

  @Test func aHopelessLineEndsTheSearch() throws {
    let uniform = try #require(SymbolProbabilities(logits: [Float](repeating: 0, count: 40 * 12)))
    let result = uniform.mostLikely(2, limit: 200)
    #expect(result.candidates.count == 2)
    #expect(!result.isProven)
    #expect(result.openMass > 0.5)
  }

  @Test func fortyColumnsDoNotUnderflow() throws {
    let sharp = (0..<40).flatMap { step in (0..<12).map { Float($0 == step / 8 ? 16 : 0) } }
    let probabilities = try #require(SymbolProbabilities(logits: sharp))
    #expect(probabilities.probability(of: Symbol.symbols(of: "01234")) > 0.999)
    #expect(probabilities.probability(of: Symbol.symbols(of: "98765")) > 0)
  }
}
