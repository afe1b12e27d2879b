import DescentLayers
import DescentTensors
import Foundation
import Testing

@testable import DescentText

@Suite struct BeamSearchTests {
  private func model() throws -> TransformerModel {
    SmallModels.sharpened(
      try SmallModels.transformer(
        TransformerConfiguration(vocabularySize: 3, context: 16, layers: 1, heads: 2, width: 8)), 8)
  }

  /// All sequences of up to so many tokens with their log-probabilities, by the model's logits of each whole.
  private func exhaustive(
    _ model: TransformerModel, _ prompt: [Int], count: Int, ends: Set<Int>, lengthPenalty: Double
  ) throws -> [Beam] {
    var (open, found): ([(tokens: [Int], value: Double)], [Beam]) = ([([], 0)], [])
    for length in 1...count {
      var next: [(tokens: [Int], value: Double)] = []
      for (tokens, value) in open {
        let all = prompt + tokens
        let shares = try logSoftmax(model(Tensor(integers: all, shape: [1, all.count]))[0, -1]).scalars()
        for token in 0..<3 {
          let (longer, sum) = (tokens + [token], value + shares[token])
          if ends.contains(token) || length == count {
            found.append(
              Beam(tokens: longer, logProbability: sum, score: sum / pow(Double(length), lengthPenalty)))
          } else {
            next.append((longer, sum))
          }
        }
      }
      open = next
    }
    return found.sorted { $0.score > $1.score }
  }

  @Test(arguments: [0, 0.7, 1.0]) func enoughBeamsFindTheLikeliestOfAll(lengthPenalty: Double) throws {
    let model = try model()
    for ends in [Set<Int>(), [2], [0, 1]] {
      let all = try exhaustive(model, [1, 0], count: 4, ends: ends, lengthPenalty: lengthPenalty)
      let found = try model.beamSearch(
        from: [1, 0], beams: 27, count: 4, endingAt: ends, lengthPenalty: lengthPenalty)
      #expect(found.count == min(27, all.count))
      for (beam, expected) in zip(found, all) {
        #expect(abs(beam.score - expected.score) < 1e-10)
        #expect(beam.tokens == expected.tokens)
      }
    }
  }

  @Test func oneBeamIsGreedy() throws {
    let model = try model()
    let found = try model.beamSearch(from: [2], beams: 1, count: 8)
    #expect(found.count == 1)
    #expect(found[0].tokens == (try model.generate(from: [2], count: 8)))
  }

  @Test func moreBeamsFindNothingWorse() throws {
    let model = try model()
    let best = try [1, 2, 4, 8].map { try model.beamSearch(from: [0, 2, 1], beams: $0, count: 5)[0].logProbability }
    let all = try exhaustive(model, [0, 2, 1], count: 5, ends: [], lengthPenalty: 0)
    #expect(best.allSatisfy { $0 <= all[0].logProbability + 1e-10 })
    #expect(best[3] >= best[0])
  }

  /// The state is copied from beam to beam in recurrent nets as well.
  @Test func aRecurrentModelIsSearchedAlike() throws {
    let model = SmallModels.sharpened(try SmallModels.recurrent(LSTMCell.self), 3)
    let generator = try TokenGenerator(model)
    let found = try generator.beamSearch(from: [1, 2], beams: 5, count: 6)
    #expect(generator.compilationCount <= 3)
    for beam in found {
      let tokens = [1, 2] + beam.tokens
      let shares = try logSoftmax(model(Tensor(integers: tokens, shape: [1, tokens.count]))[0]).scalars()
      let sum = beam.tokens.enumerated().reduce(0.0) { $0 + shares[($1.offset + 1) * 11 + $1.element] }
      #expect(abs(sum - beam.logProbability) < 1e-10)
    }
  }

  @Test func mistakesAreTold() throws {
    let model = try model()
    #expect(throws: TextError.self) { try model.beamSearch(from: [1], beams: 0, count: 3) }
    #expect(throws: TextError.self) { try model.beamSearch(from: [], beams: 2, count: 3) }
    #expect(throws: TextError.self) { try model.beamSearch(from: [1], beams: 2, count: 3, lengthPenalty: -1) }
    #expect(throws: TextError.self) { try model.beamSearch(from: [1], beams: 2, count: 17) }
    #expect(try model.beamSearch(from: [1], beams: 2, count: 0) == [Beam(tokens: [], logProbability: 0, score: 0)])
  }
}
