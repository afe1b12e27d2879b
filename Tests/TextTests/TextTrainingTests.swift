import DescentData
import DescentLayers
import DescentTensors
import DescentTraining
import TestSupport
import Testing

@testable import DescentText

@Suite struct TextTrainingTests {
  @Test func targetsAreWhatFollows() throws {
    let tokens = (0..<100).map { $0 * $0 % 17 }
    let batches = try TextBatches(tokens, length: 7, size: 5, batchCount: 3, seed: 2)
    #expect(batches.exampleCount == 15)
    var seen: Set<[Int]> = []
    for epoch in 0..<3 {
      for index in 0..<3 {
        let batch = try batches.batch(index, epoch: epoch)
        let (inputs, targets) = (try batch.input.integers(), try batch.target.integers())
        #expect(batch.input.shape == [5, 7] && batch.target.shape == [5, 7])
        for row in 0..<5 {
          let piece = Array(inputs[row * 7..<row * 7 + 7]) + [targets[row * 7 + 6]]
          #expect(Array(targets[row * 7..<row * 7 + 6]) == Array(piece[1..<7]))
          #expect((0...92).contains { Array(tokens[$0..<$0 + 8]) == piece })
        }
        seen.insert(inputs)
        #expect(try batches.batch(index, epoch: epoch).input.integers() == inputs)
      }
    }
    #expect(seen.count == 9)
    #expect(throws: TensorError.self) { try batches.batch(3, epoch: 0) }
  }

  @Test func piecesCoverTheText() throws {
    let pieces = try TextPieces(Array(0..<23), length: 4, size: 2)
    #expect(pieces.exampleCount == 5 && pieces.batchCount == 3)
    let targets = try (0..<3).flatMap { try pieces.batch($0, epoch: 0).target.integers() }
    #expect(targets == Array(1...20))
    #expect(throws: TensorError.self) { try pieces.batch(3, epoch: 0) }
  }

  @Test func textsThatAreTooShortAreTold() throws {
    #expect(throws: TextError.self) { try TextBatches([], length: 2, size: 1, batchCount: 1) }
    #expect(throws: TextError.self) { try TextBatches([1, 2], length: 2, size: 1, batchCount: 1) }
    #expect(throws: TextError.self) { try TextBatches([1, 2, 3], length: 0, size: 1, batchCount: 1) }
    #expect(throws: TextError.self) { try TextBatches([1, 2, 3], length: 1, size: .max, batchCount: 2) }
    let error = #expect(throws: TextError.self) { try TextTraining().batches(of: Array(repeating: 1, count: 200)) }
    #expect(
      error?.message
        == "of 200 tokens 180 are to learn from and 20 to judge by; both parts need more than the 64 tokens of a piece. Take a"
        + " longer text or shorter pieces")
    let empty = #expect(throws: TextError.self) { try TextTraining().batches(of: []) }
    #expect(empty?.message == "the text is empty")
    var training = TextTraining()
    training.steps = 300
    #expect(training.epochs == 2)
    #expect(try training.batches(of: Array(repeating: 1, count: 2_000)).training.batchCount == 150)
    training.steps = 0
    #expect(throws: TextError.self) { try training.batches(of: Array(repeating: 1, count: 2_000)) }
    training = TextTraining()
    training.length = 200
    let model = try TransformerModel(TransformerConfiguration(vocabularySize: 5))
    #expect(throws: TextError.self) { try training.trainer(for: model) }
  }

  /// Each letter follows from the one before; a run that was interrupted goes on with the same bits.
  @Test(.leftOutOnReference(.millions)) func aModelLearnsATextAndGoesOn() throws {
    let text = String(repeating: "abcdefgh", count: 60)
    let tokenizer = CharacterTokenizer(alphabetOf: text)
    var training = TextTraining()
    (training.steps, training.stepsPerEpoch, training.batchSize, training.length) = (80, 40, 4, 8)
    (training.learningRate, training.warmup) = (0.02, 5)
    #expect(training.epochs == 2)
    let model = try TransformerModel(
      TransformerConfiguration(vocabularySize: 8, context: 8, layers: 1, heads: 2, width: 16, positions: .rotary()))
    let (learned, heldOut) = try training.batches(of: tokenizer.encode(text))
    let whole = try training.trainer(for: model)
    let report = try whole.fit(learned, validation: heldOut, epochs: training.epochs)
    #expect((report.epochs.last?.validation["loss"] ?? .nan) < 0.1)
    let writer = try TextModel(whole.model, tokenizer)
    #expect(try writer.generate(from: "ab", count: 20, sampling: .greedy) == "cdefghabcdefghabcdef")
    #expect(try writer.score(text).bitsPerCharacter < 0.2)
    try withTemporaryFolder { folder in
      let first = try training.trainer(for: model)
      try first.fit(learned, validation: heldOut, epochs: 1, callbacks: [.checkpoint(folder)])
      let second = try training.trainer(for: model)
      try second.fit(learned, validation: heldOut, epochs: 2, callbacks: [.checkpoint(folder, resuming: true)])
      let tokens = Tensor(integers: [0, 1, 2], shape: [1, 3])
      #expect(try second.model(tokens).scalars() == whole.model(tokens).scalars())
    }
  }
}
