import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentTraining
import Foundation
import TestSupport
import Testing

@testable import DescentText

@Suite struct TextModelTests {
  private let text = "the cat sat on the mat and the dog sat on the log\n"

  private func model() throws -> TextModel {
    let tokenizer = CharacterTokenizer(alphabetOf: text)
    let network = try TransformerModel(
      .modern(vocabularySize: tokenizer.vocabularySize, context: 16, layers: 1, heads: 2, width: 16))
    let bound = try network.initialized(for: Tensor(integers: [0, 1], shape: [1, 2]), seed: 4)
    return try TextModel(SmallModels.sharpened(bound, 20), tokenizer)
  }

  @Test func piecesOfAStreamAreTheText() async throws {
    let model = try model()
    let sampling = Sampling(temperature: 0.7, seed: 2)
    let whole = try model.generate(from: "the ", count: 30, sampling: sampling)
    #expect(whole.unicodeScalars.count == 30)
    var pieces = ""
    for try await piece in model.stream(from: "the ", count: 30, sampling: sampling) { pieces += piece }
    #expect(pieces == whole)
    #expect(try model.generate(from: ["the ", "a", "dog "], count: 30, sampling: sampling)[0] == whole)
    #expect(try model.beamSearch(from: "the ", beams: 3, count: 5).count == 3)
    #expect(throws: TextError.self) { try model.generate(from: "the ", count: 30, context: .refuse) }
    #expect(throws: TextError.self) { try model.generate(from: "THE", count: 3) }
    #expect(throws: TextError.self) { try model.generate(from: "", count: 3) }
  }

  /// The mean over all tokens but the first, those of a last shorter piece included.
  @Test func scoresAreMeansOverAllThatFollows() throws {
    let model = try model()
    let tokens = try model.tokenizer.encode(text)
    func terms(_ range: Range<Int>) throws -> Double {
      let input = Tensor(integers: Array(tokens[range]), shape: [1, range.count])
      let target = Tensor(integers: Array(tokens[range.lowerBound + 1...range.upperBound]), shape: [1, range.count])
      let network = try #require(model.network as? TransformerModel)
      return try softmaxCrossEntropy(network(input), target, reduction: .sum).item()
    }
    let score = try model.score(text)
    let sum = try terms(0..<16) + terms(16..<32) + terms(32..<48) + terms(48..<49)
    #expect(score.tokens == 49 && score.characters == 49)
    #expect(abs(score.loss - sum / 49) < 1e-5)
    #expect(abs(score.bitsPerCharacter - score.loss / log(2)) < 1e-9)
    #expect(throws: TextError.self) { try model.score("") }
    #expect(throws: TextError.self) { try model.score("t") }
    #expect(try model.score("th").tokens == 1)
  }

  @Test func modelsAreKeptInADirectory() throws {
    try withTemporaryFolder { folder in
      let model = try model()
      try model.save(to: "\(folder)/words")
      let again = try TextModel(readingFrom: "\(folder)/words")
      #expect(try again.generate(from: "the ", count: 20) == model.generate(from: "the ", count: 20))
      let cells = try TextModel(
        RecurrentModel<GRUCell>(RecurrentConfiguration(vocabularySize: 256, units: 8))
          .initialized(for: Tensor(integers: [0, 1], shape: [1, 2])), ByteTokenizer())
      try cells.save(to: "\(folder)/cells")
      let read = try TextModel(readingFrom: "\(folder)/cells")
      #expect(read.network is RecurrentModel<GRUCell> && read.tokenizer is ByteTokenizer)
      let pairs = try TextModel(
        RecurrentModel<LSTMCell>(RecurrentConfiguration(vocabularySize: 260, units: 8))
          .initialized(for: Tensor(integers: [0, 1], shape: [1, 2])),
        SubwordTokenizer(learnedFrom: text, vocabularySize: 260))
      try pairs.save(to: "\(folder)/pairs")
      let tokens = try TextModel(readingFrom: "\(folder)/pairs").tokenizer.encode(text)
      #expect(try tokens == pairs.tokenizer.encode(text))
    }
  }

  @Test func directoriesWithoutAModelAreTold() throws {
    try withTemporaryFolder { folder in
      func message() -> String {
        do {
          _ = try TextModel(readingFrom: "\(folder)/words")
          return ""
        } catch { return "\(error)".replacing(folder, with: "DIR") }
      }
      #expect(message() == "DIR/words: no such directory")
      try model().save(to: "\(folder)/words")
      let (language, tokenizer, values) = ("words/language.json", "words/tokenizer.json", "words/model.safetensors")
      func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let description = try String(contentsOfFile: "\(folder)/\(language)", encoding: .utf8)
      try write(description.replacing("transformer", with: "hopfield"), language)
      #expect(
        message()
          == "DIR/words/language.json: names a model of the kind 'hopfield'; known are transformer, lstm, gru, moe-transformer, moe-lstm"
      )
      try write(description.replacing("\"context\"", with: "\"contest\""), language)
      #expect(
        message() == "DIR/words/language.json: is not what a language model writes there: 'context' is missing")
      try write(description.replacing("\"layers\" : 1", with: "\"layers\" : 0"), language)
      #expect(message() == "TransformerConfiguration: needs 1...65536 layers, found 0")
      try write(description.replacing("\"layers\" : 1", with: "\"layers\" : 2"), language)
      #expect(message().hasPrefix("DIR/words/model.safetensors: lacks the tensors blocks.1."))
      try write(description, language)
      try write("{\"kind\":\"runes\"}", tokenizer)
      #expect(message() == "DIR/words/tokenizer.json: holds a tokenizer of the kind 'runes', which is not known")
      try FileManager.default.removeItem(atPath: "\(folder)/\(tokenizer)")
      #expect(message() == "DIR/words/tokenizer.json: no such file; a language model needs its tokenizer")
      try FileManager.default.removeItem(atPath: "\(folder)/\(values)")
      #expect(
        message() == "DIR/words: holds no values of a model: no model.safetensors, best.safetensors or checkpoint")
      try FileManager.default.removeItem(atPath: "\(folder)/\(language)")
      #expect(message() == "DIR/words: holds no language model: there is no language.json")
    }
  }

  @Test func aVocabularyThatIsTooSmallIsRefused() throws {
    let network = try RecurrentModel<LSTMCell>(RecurrentConfiguration(vocabularySize: 3))
    #expect(throws: TextError.self) { try TextModel(network, ByteTokenizer()) }
  }
}
