import DescentGraph
import DescentLayers
import DescentTensors
import Foundation

/// A sequence that a search has found.
public struct Beam: Codable, Sendable, Hashable {
  /// The tokens after the prompt, with the one that ends the sequence where there is such.
  public var tokens: [Int]
  /// The logarithm of their probability.
  public var logProbability: Double
  /// What sequences are ordered by: the logarithm divided by a power of the number of tokens.
  public var score: Double

  /// A sequence.
  public init(tokens: [Int], logProbability: Double, score: Double) {
    (self.tokens, self.logProbability, self.score) = (tokens, logProbability, score)
  }
}

extension TokenGenerator {
  /// The likeliest sequences after a prompt that a search finds which follows so many at a time.
  ///
  /// With as many beams as there are sequences it finds the likeliest of all; with 1 it is greedy. It ends when no sequence can
  /// become better than those that are found.
  ///
  /// - Parameters:
  ///   - prompt: The tokens to begin with, at least one.
  ///   - beams: How many sequences are followed.
  ///   - count: How many tokens are added at most.
  ///   - ends: The tokens that end a sequence.
  ///   - lengthPenalty: The power of a sequence's number of tokens that its log-probability is divided by: at 0 the
  ///     probability alone counts, which favors short sequences; at 1 its mean for a token.
  ///   - state: The state to begin from, of one sequence, such as that of a picture; the model's own where none is given.
  /// - Returns: At most `beams` sequences, the best one first.
  /// - Throws: `TextError` of a prompt and settings that make no sense; `TensorError` of the model.
  public func beamSearch(
    from prompt: [Int], beams: Int, count: Int, endingAt ends: Set<Int> = [], lengthPenalty: Double = 0,
    from state: Network.State? = nil
  ) throws -> [Beam] {
    guard beams >= 1, beams <= 1 << 16 else { throw TextError("beamSearch", "needs 1...65536 beams, found \(beams)") }
    guard lengthPenalty.isFinite, lengthPenalty >= 0 else {
      throw TextError("beamSearch", "the length penalty must be 0 or more, found \(lengthPenalty)")
    }
    // What is common to all: checks of the prompt, and how it is read.
    var generation = try begin([prompt], count: count, from: state)
    guard count > 0 else { return [Beam(tokens: [], logProbability: 0, score: 0)] }
    let (first, state) = try generation.afterPrompt()
    var (logits, held) = (first, try Self.choosing(Tensor(integers: [Int](repeating: 0, count: beams)), of: state))
    func scored(_ tokens: [Int], _ logProbability: Double) -> Beam {
      Beam(
        tokens: tokens, logProbability: logProbability,
        score: logProbability / pow(Double(tokens.count), lengthPenalty))
    }
    var live = [Beam(tokens: [], logProbability: 0, score: 0)]
    var finished: [Beam] = []
    for length in 1...count {
      var candidates: [(beam: Int, token: Int, logProbability: Double)] = []
      for (row, beam) in live.enumerated() {
        for (token, value) in try Self.logProbabilities(logits[row]).enumerated() where value > -.infinity {
          candidates.append((row, token, beam.logProbability + value))
        }
      }
      candidates.sort { a, b in
        if a.logProbability != b.logProbability { return a.logProbability > b.logProbability }
        return (a.beam, a.token) < (b.beam, b.token)
      }
      var (next, origins) = ([Beam](), [Int]())
      for candidate in candidates {
        let found = scored(live[candidate.beam].tokens + [candidate.token], candidate.logProbability)
        if ends.contains(candidate.token) || length == count {
          finished.append(found)
        } else if next.count < beams {
          next.append(found)
          origins.append(candidate.beam)
        }
      }
      finished.sort { a, b in
        a.score != b.score ? a.score > b.score : a.tokens.lexicographicallyPrecedes(b.tokens)
      }
      finished = Array(finished.prefix(beams))
      guard let best = next.first else { break }
      // A sequence's log-probability only falls; at most it is divided by the power of the largest number of tokens.
      let bound = best.logProbability / pow(Double(count), lengthPenalty)
      if finished.count == beams, finished[beams - 1].score >= bound { break }
      live = next
      // The number of sequences stays the same, so that one plan serves: those that are missing repeat the first.
      let padding = beams - next.count
      let tokens = next.map { $0.tokens[length - 1] } + Array(repeating: next[0].tokens[length - 1], count: padding)
      logits = try self.logits(
        after: tokens, from: origins + Array(repeating: origins[0], count: padding), &held)
    }
    return finished
  }

  private static func logProbabilities(_ logits: [Double]) throws -> [Double] {
    guard let top = logits.max(), top.isFinite, !logits.contains(where: \.isNaN) else {
      throw TextError("beamSearch", "logits are NaN or infinite: the model's numbers are damaged")
    }
    var sum = 0.0
    for logit in logits { sum += exp(logit - top) }
    let total = top + log(sum)
    return logits.map { $0 - total }
  }
}

extension LanguageModel {
  /// The likeliest sequences after a prompt that a search finds; see `TokenGenerator.beamSearch`.
  public func beamSearch(
    from prompt: [Int], beams: Int, count: Int, endingAt ends: Set<Int> = [], lengthPenalty: Double = 0
  ) throws -> [Beam] {
    try TokenGenerator(self).beamSearch(
      from: prompt, beams: beams, count: count, endingAt: ends, lengthPenalty: lengthPenalty)
  }
}
