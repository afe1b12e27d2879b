import Foundation
import Testing

@testable import DescentZIP

/// Which of a line's readings is believed.
@Suite struct ReadingTests {
  /// Columns of which each but the blanks between says a digit with a probability, and another one otherwise.
  private func line(_ digits: [(Int, Double, otherwise: Int)]) throws -> SymbolProbabilities {
    var logits: [Float] = []
    for (digit, probability, other) in digits {
      for favored in [[digit: probability, other: 1 - probability], [Symbol.blankClass: 1]] {
        logits += (0..<12).map { favored[$0].map { $0 > 0 ? Float(log($0)) : -60 } ?? -60 }
      }
    }
    return try #require(SymbolProbabilities(logits: logits))
  }

  private func sure(_ text: String) throws -> SymbolProbabilities {
    try line(Symbol.symbols(of: text).map { ($0.classIndex, 1, otherwise: 11) })
  }

  @Test func confidences() throws {
    let probabilities = try line([(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 0.75, 6)])
    let reading = ReadingRule().read(probabilities)
    #expect(reading.text == "12345" && abs(reading.confidence - 0.75) < 1e-6 && reading.code == "12345")
    #expect(reading.runnerUp?.symbols.text == "12346")
    #expect(reading.description == "12345  (confidence 0.75)")
    // What a list excludes is divided out.
    let listed = ReadingRule(codes: ZIPCodeList([12_345, 99_999])).read(probabilities)
    #expect(listed.text == "12345" && abs(listed.confidence - 1) < 1e-4)
    let both = ReadingRule(codes: ZIPCodeList([12_345, 12_346])).read(probabilities)
    #expect(abs(both.confidence - 0.75) < 1e-4)
    let other = ReadingRule(codes: ZIPCodeList([12_346])).read(probabilities)
    #expect(other.text == "12346" && abs(other.confidence - 1) < 1e-4, "the ink supports it by a quarter")
  }

  /// As sure as the threshold is sure enough.
  @Test func thresholds() throws {
    let probabilities = try line([(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 0.75, 6)])
    let confidence = ReadingRule().read(probabilities).confidence
    #expect(ReadingRule(threshold: confidence).read(probabilities).rejection == nil)
    let unsure = ReadingRule(threshold: confidence.nextUp).read(probabilities)
    #expect(unsure.rejection == .unsure(reading: "12345", confidence: confidence, threshold: confidence.nextUp))
    #expect(unsure.code == nil && unsure.description.hasPrefix("rejected: "))
  }

  /// A code of the list that the ink supports by less than a thousandth is not what was written.
  @Test func theListsWord() throws {
    func reading(_ probability: Double) throws -> Reading {
      let line = try line([(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 1 - probability, 6)])
      return ReadingRule(codes: ZIPCodeList([12_346])).read(line)
    }
    #expect(try reading(0.002).code == "12346")
    #expect(try reading(0.000_5).rejection == .notInList(reading: "12345"))
    #expect(try reading(1e-14).rejection == .notInList(reading: "12345"))
  }

  /// Turned round, a line may say another code more surely; then neither is believed.
  @Test func upsideDown() throws {
    let rule = ReadingRule()
    let reading = Reading(text: "16089", confidence: 0.9, runnerUp: Candidate(symbols: [], probability: 0.1))
    let turned = rule.checked(reading, turned: try sure("68091"))
    #expect(turned.rejection == .upsideDown(turned: "68091"))
    #expect(turned.text == "16089" && turned.confidence == 0.9 && turned.runnerUp == reading.runnerUp)
    // The same code, another number of digits, a character that is none, or less sure: nothing changes.
    for other in ["16089", "6809", "680911"] {
      #expect(rule.checked(reading, turned: try sure(other)) == reading, "\(other)")
    }
    let letter = try line([(6, 1, 0), (8, 1, 0), (10, 1, 0), (9, 1, 0), (1, 1, 0)])
    #expect(rule.checked(reading, turned: letter) == reading)
    let unsure = try line([(6, 1, 0), (8, 1, 0), (0, 1, 1), (9, 1, 0), (1, 0.8, 2)])
    #expect(rule.checked(reading, turned: unsure) == reading)
    #expect(rule.checked(Reading(text: "16089", confidence: 0.7), turned: unsure).rejection != nil)
    // What is rejected stays rejected for its own reason, and a list has the last word on the other code, too.
    let rejected = Reading(rejection: .digitCount(4))
    #expect(rule.checked(rejected, turned: try sure("68091")) == rejected)
    let listed = ReadingRule(codes: ZIPCodeList([16_089]))
    #expect(listed.checked(reading, turned: try sure("68091")) == reading)
  }

  /// The search gives as many strings as it is asked for, at least one, in order, and says what it has not looked at.
  @Test func searches() throws {
    let probabilities = try line([(1, 0.6, 2), (3, 0.7, 4)])
    let found = probabilities.mostLikely(3)
    #expect(found.candidates.map(\.symbols.text) == ["13", "23", "14"] && found.isProven)
    for (candidate, wanted) in zip(found.candidates, [0.42, 0.28, 0.18]) {
      #expect(abs(candidate.probability - wanted) < 1e-6)
    }
    #expect(probabilities.mostLikely(0).candidates.count == 1 && probabilities.mostLikely(1).candidates.count == 1)
    let whole = probabilities.mostLikely(2, openMass: 0)
    #expect(abs(whole.foundMass - 1) < 1e-6 && whole.openMass < 1e-6)
    let short = probabilities.mostLikely(2, limit: 1)
    #expect(short.candidates.count == 1 && short.candidates[0].symbols.isEmpty && !short.isProven)
    #expect(abs(short.openMass - 1) < 1e-6, "the empty line has been looked at, and nothing that begins with a digit")
    let listed = probabilities.mostLikely(2, in: ZIPCodeList([12_345]))
    #expect(listed.candidates.isEmpty && listed.foundMass == 0)
  }
}
