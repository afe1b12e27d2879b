import Foundation
import Testing

@testable import DescentText

@Suite struct SamplingTests {
  private let logits = [1.0, 3.0, 2.0, -1.0, 3.0]

  @Test func theLikeliestIsTakenWithoutTemperature() throws {
    #expect(try Sampling.greedy.probabilities(logits) == [0, 1, 0, 0, 0])
  }

  @Test func probabilitiesAreThoseOfTheSoftmax() throws {
    let shares = try Sampling(temperature: 0.5).probabilities(logits)
    let weights = logits.map { exp($0 / 0.5) }
    for (share, weight) in zip(shares, weights) { #expect(abs(share - weight / weights.reduce(0, +)) < 1e-12) }
  }

  @Test func topKLeavesTheLikeliest() throws {
    let shares = try Sampling(topK: 3).probabilities(logits)
    let sum = 2 * exp(3.0) + exp(2.0)
    for (share, expected) in zip(shares, [0, exp(3.0) / sum, exp(2.0) / sum, 0, exp(3.0) / sum]) {
      #expect(abs(share - expected) < 1e-12)
    }
    #expect(try Sampling(topK: 100).probabilities(logits).allSatisfy { $0 > 0 })
  }

  /// The fewest whose probabilities reach the limit, the one that crosses it included.
  @Test func topPLeavesTheFewestThatSuffice() throws {
    let values = [0.5, 0.3, 0.15, 0.05].map { log($0) }
    func left(_ topP: Double) throws -> Int { try Sampling(topP: topP).probabilities(values).count { $0 > 0 } }
    #expect(try left(0.4) == 1)
    #expect(try left(0.6) == 2)
    #expect(try left(0.85) == 3)
    #expect(try left(1) == 4)
    #expect(try left(1e-9) == 1)
  }

  @Test func drawsAreDistributedByTheProbabilities() throws {
    let sampling = Sampling(temperature: 2, topK: 4, seed: 3)
    let shares = try sampling.probabilities(logits)
    var counts = [Double](repeating: 0, count: 5)
    let draws = 4_000
    for number in 0..<draws { counts[try sampling.token(logits, sequence: 1, number: number)] += 1 }
    for (count, share) in zip(counts, shares) {
      // Four standard deviations.
      #expect(abs(count / Double(draws) - share) <= 4 * (share * (1 - share) / Double(draws)).squareRoot())
    }
  }

  @Test func aDrawDependsOnItsPlaceAlone() throws {
    let first = Sampling(seed: 7)
    let (a, b) = (try first.token(logits, sequence: 2, number: 9), try first.token(logits, sequence: 2, number: 9))
    #expect(a == b)
    let draws = try (0..<64).map { try Sampling(seed: $0).token(logits, sequence: 0, number: 0) }
    #expect(Set(draws).count > 2)
    let rows = try (0..<64).map { try first.token(logits, sequence: $0, number: 0) }
    #expect(Set(rows).count > 2)
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    for sampling in [
      Sampling(temperature: -1), Sampling(temperature: .nan), Sampling(temperature: .infinity), Sampling(topK: 0),
      Sampling(topP: 0), Sampling(topP: 1.5), Sampling(topP: .nan),
    ] {
      #expect(throws: TextError.self) { try sampling.probabilities(logits) }
    }
    for damaged in [[], [.nan, 1], [Double.infinity, 1], [-.infinity, -.infinity]] {
      #expect(throws: TextError.self) { try Sampling().probabilities(damaged) }
      #expect(throws: TextError.self) { try Sampling.greedy.probabilities(damaged) }
    }
  }

  @Test func forbiddenTokensAreNeverDrawn() throws {
    #expect(try Sampling(temperature: 100).probabilities([-.infinity, 0, -.infinity]) == [0, 1, 0])
  }
}
