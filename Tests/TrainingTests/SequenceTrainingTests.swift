import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Testing

@testable import DescentTraining

/// Recurrent layers in the compiled steps that models are trained by.
@Suite struct SequenceTrainingTests {
  /// Sentences of some length each, and what is to be said of each word.
  struct Sentences: Codable, Sendable {
    var words: Tensor
    var lengths: Tensor
    var tags: Tensor
  }

  struct Tagger: Layer {
    var words = Embedding(count: 6, size: 8, padding: -1)
    var recurrent = GRU(units: 16, direction: .both, dropout: 0.1, recurrentDropout: 0.05)
    var tags = Dense(units: 6)

    func callAsFunction(_ sentences: Sentences) -> Tensor {
      let sequences = Sequences(words(sentences.words), lengths: sentences.lengths)
      return tags(recurrent(sequences).outputs)
    }
  }

  /// The tag of a word is the next one; the last one's is its own.
  private func sentences(_ number: Int) -> Sentences {
    let (batch, time) = (8, 5)
    let lengths = (0..<batch).map { 1 + ($0 * 3 + number) % time }
    let words = (0..<batch).map { row in (0..<time).map { (row * 7 + $0 * $0 * 5 + number * 11) % 6 } }
    var (kept, tags) = ([Int](), [Int]())
    for (row, length) in lengths.enumerated() {
      for place in 0..<time {
        kept.append(place < length ? words[row][place] : -1)
        tags.append(words[row][min(place + 1, length - 1)])
      }
    }
    return Sentences(
      words: Tensor(integers: kept, shape: [batch, time]), lengths: Tensor(integers: lengths),
      tags: Tensor(integers: tags, shape: [batch, time]))
  }

  private func losses(_ precision: Precision?, seed: UInt64) throws -> [Double] {
    let step = try TrainingStep(Tagger(), optimizer: Adam(learningRate: 0.02), seed: seed, precision: precision) {
      (model: Tagger, batch: Sentences) in
      let mask = try #require(Sequences(batch.words, lengths: batch.lengths).mask)
      return softmaxCrossEntropy(model(batch), batch.tags, weights: mask.converted(to: .float32))
    }
    return try (0..<80).map { try step(sentences($0 % 10)).item() }
  }

  @Test func learnsWhatComesNext() throws {
    let found = try losses(nil, seed: 1)
    #expect(found[79] < 0.3 * found[0], "\(found[0]) became \(found[79])")
    #expect(try losses(nil, seed: 1) == found)
    let narrow = try losses(.bfloat16, seed: 1)
    #expect(narrow[79] < 0.4 * narrow[0], "\(narrow[0]) became \(narrow[79])")
  }
}
