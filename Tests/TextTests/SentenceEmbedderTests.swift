import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentText

/// Vectors of sentences against what sentence-transformers gives for the same folder; see pretrained-values.txt.
@Suite struct SentenceEmbedderTests {
  /// As in scripts/pretrained-values.py. The third one is longer than the folder's limit of 14 tokens.
  static let sentences = [
    "A man eats.", "somebody has a lunch", "eat, eat, eat; a man has a man and a lunch has a man!", "", "unheard words",
  ]

  @Test(arguments: ["sentences", "sentences-plain", "sentences-newer"])
  func vectorsAreThoseOfTheLibrary(_ title: String) throws {
    let stored = try PretrainedCase.named(title)
    try withTemporaryFolder { folder in
      try stored.write(to: folder)
      let embedder = try SentenceEmbedder(pretrained: folder)
      #expect(try embedder.tokens(of: Self.sentences[0]) == [2, 5, 6, 7, 8, 14, 3])
      #expect(try embedder.tokens(of: Self.sentences[2]).count == 14)
      #expect(try embedder.tokens(of: "") == [2, 3])
      for batch in [32, 2, 1] {
        let vectors = try embedder.embeddings(of: Self.sentences, batchSize: batch)
        #expect(try distance(vectors, stored.output("vectors")) < 1e-5)
      }
      #expect(embedder.width == (title == "sentences-plain" ? 36 : 12))
      #expect(try embedder.embeddings(of: []).shape == [0, embedder.width])
      #expect(fault { _ = try embedder.embeddings(of: ["a"], batchSize: 0) }.contains("batch size 0"))
    }
  }

  /// Without `modules.json`, the mean of what the encoder gives.
  @Test func anEncoderAloneGivesMeans() throws {
    let stored = try PretrainedCase.named("sentences")
    try withTemporaryFolder { folder in
      try stored.write(to: folder)
      try FileManager.default.removeItem(atPath: folder + "/modules.json")
      let embedder = try SentenceEmbedder(pretrained: folder)
      let vector = try embedder.embeddings(of: [Self.sentences[0]])
      let tokens = Tensor(integers: try embedder.tokens(of: Self.sentences[0]), shape: [1, 7])
      let mean = embedder.encoder.encoder.predict(tokens).mean(axes: [1])
      #expect(try distance(vector, (mean.shape, mean.scalars())) < 1e-6)
      let one = try distance(vector.normalized(axes: -1), ([1, 12], Array(stored.output("vectors").values.prefix(12))))
      #expect(one < 1e-5)
    }
  }

  /// Sentences of one meaning are brought together as any layer is trained: the encoder has gradients.
  @Test func encodersOfSentencesTrain() throws {
    let stored = try PretrainedCase.named("sentences")
    try withTemporaryFolder { folder in
      try stored.write(to: folder)
      let encoder = SentenceEncoder(try BERT(pretrained: folder))
      #expect(encoder.pooling == [.mean] && encoder.isNormalized)
      let tokens = SentenceEncoder.Tokens(
        Tensor(integers: [2, 5, 6, 3, 2, 12, 3, 0], shape: [2, 4]),
        padding: Tensor([true, true, true, true, true, true, true, false]).reshaped([2, 4]))
      func loss(_ encoder: SentenceEncoder) -> Tensor { cosineSimilarity(encoder(tokens)[0], encoder(tokens)[1]) }
      let (before, slope) = try valueAndGradient(at: encoder) { loss($0) }
      let after = loss(zip(encoder, slope) { $0 - 0.01 * $1 })
      #expect(try after.item() < before.item())
    }
  }

  @Test func foldersThatAskForOtherThingsAreRefused() throws {
    let stored = try PretrainedCase.named("sentences")
    func fault(_ change: (String) throws -> Void) throws -> String {
      var text = ""
      try withTemporaryFolder { folder in
        try stored.write(to: folder)
        try change(folder)
        text = TestSupport.fault { _ = try SentenceEmbedder(pretrained: folder) }
          .replacingOccurrences(of: folder, with: "F")
      }
      return text
    }
    func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    let dense = try fault {
      try write(#"[{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]"#, $0 + "/modules.json")
    }
    #expect(dense.hasPrefix("F/modules.json: has a step of the type sentence_transformers.models.Dense"))
    let outside = try fault {
      try write(#"[{"type": "a.Transformer", "path": "../other"}]"#, $0 + "/modules.json")
    }
    #expect(outside.contains("its module 0 lies at ../other, which is not in the folder"))
    let pooling = try fault { try write(#"{"pooling_mode_lasttoken": true}"#, $0 + "/1_Pooling/config.json") }
    #expect(pooling.hasPrefix("F/1_Pooling/config.json: asks for the pooling lasttoken, which is not known here"))
    let none = try fault { try write("{}", $0 + "/1_Pooling/config.json") }
    #expect(none.contains("does not say how a sentence's tokens become one vector"))
    let missing = try fault { try FileManager.default.removeItem(atPath: $0 + "/1_Pooling/config.json") }
    #expect(missing.hasPrefix("F/1_Pooling/config.json: no such file"))
    let tokenizer = try fault {
      try FileManager.default.removeItem(atPath: $0 + "/tokenizer.json")
      try write("[PAD]", $0 + "/vocab.txt")
    }
    #expect(tokenizer.hasPrefix("F: has no tokenizer.json") && tokenizer.contains("writes it from vocab.txt"))
    let short = try fault { try write(#"{"max_seq_length": 2}"#, $0 + "/sentence_bert_config.json") }
    #expect(short.contains("has room for 2 tokens, of which 2 stand before and after each sentence"))
  }

  /// Few lengths, so that few plans are compiled, and little is filled up.
  @Test func lengthsAreRounded() {
    let lengths = [1, 7, 8, 9, 17, 33, 100, 129].map { SentenceEmbedder.rounded($0, to: 8) }
    #expect(lengths == [8, 8, 8, 16, 24, 40, 112, 160])
    #expect([1, 2, 3, 5, 9, 31].map { SentenceEmbedder.rounded($0, to: 1) } == [1, 2, 3, 5, 10, 32])
    for number in 1...500 {
      let rounded = SentenceEmbedder.rounded(number, to: 8)
      #expect(rounded >= number && rounded < max(number + 8, number * 5 / 4 + 1))
    }
  }

  @Test func poolingLeavesOutPadding() throws {
    let hidden = Tensor([1, 2, 3, 4, 5, 60, 7, 8], shape: [2, 2, 2])
    let padding = Tensor([true, true, true, false]).reshaped([2, 2])
    func pooled(_ pooling: SentencePooling) throws -> [Double] { try pooling(hidden, padding: padding).scalars() }
    #expect(try pooled(.mean) == [2, 3, 5, 60])
    #expect(try pooled(.first) == [1, 2, 5, 60])
    #expect(try pooled(.maximum) == [3, 4, 5, 60])
    let root = try pooled(.rootMean)
    #expect(abs(root[0] - 4 / 2.0.squareRoot()) < 1e-6 && root[3] == 60)
    #expect(SentencePooling.mean(hidden.converted(to: .bfloat16), padding: padding).elementType == .bfloat16)
  }
}
