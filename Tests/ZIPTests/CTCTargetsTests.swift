import Foundation
import Testing

@testable import DescentZIP

@Suite struct CTCTargetsTests {
  /// The recursion that the documentation of `CTCTargets` states, for one letter.
  private func loss(_ targets: CTCTargets, _ index: Int, _ probabilities: SymbolProbabilities) -> Double {
    let states = targets.states
    func emission(_ step: Int, _ state: Int) -> Double {
      (0..<12).reduce(0) {
        $0 + probabilities[step, $1] * Double(targets.labels[(index * 12 + $1) * states + state])
      }
    }
    var alpha = (0..<states).map { $0 < 2 ? emission(0, $0) : 0 }
    var result = 0.0
    for step in 0..<probabilities.steps {
      if step > 0 {
        alpha = (0..<states).map { state in
          var sum = alpha[state]
          if state >= 1 { sum += alpha[state - 1] }
          if state >= 2 { sum += Double(targets.skips[index * states + state]) * alpha[state - 2] }
          return sum * emission(step, state)
        }
      }
      let scale = alpha.reduce(0, +)
      result -= log(scale)
      alpha = alpha.map { $0 / scale }
    }
    let ending = (0..<states).reduce(0) { $0 + alpha[$1] * Double(targets.ends[index * states + $1]) }
    return result - log(ending)
  }

  @Test func theDenseRecursionGivesTheExactProbability() throws {
    let texts = ["90210", "", "11111", "7", "1223334", "AB123", "00"]
    let strings = texts.map { Symbol.symbols(of: $0) }
    let targets = CTCTargets(strings)
    #expect(targets.states == 15)
    var random = RandomStream(seed: 3)
    let logits = (0..<(40 * 12)).map { _ in 3 * random.normal() }
    let probabilities = try #require(SymbolProbabilities(logits: logits))
    for (index, string) in strings.enumerated() {
      let expected = -log(probabilities.probability(of: string))
      #expect(abs(loss(targets, index, probabilities) - expected) < 1e-9 * expected)
    }
  }

  @Test func batchesAreDeterministicAndPrepared() throws {
    let generator = LetterGenerator(bank: try TestDigits.bank(), mix: .training, seed: 4)
    let batch = generator.batch(10..<16)
    #expect(batch.count == 6)
    #expect(batch.ink.count == 6 * LineImage.count)
    #expect(batch.truths.count == 6)
    #expect(generator.batch(10..<16).ink == batch.ink)
    #expect(generator.batch(12..<13).truths == [batch.truths[2]])
  }

  @Test func aGeneratorOfBlankPaperStillFillsABatch() throws {
    let generator = LetterGenerator(bank: try TestDigits.bank(), mix: LetterMix([.blank: 1]), seed: 4)
    #expect(generator.batch(0..<2).truths == [[], []])
  }
}
