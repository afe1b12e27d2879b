import Descent
import DescentFiles

extension Captioner {
  /// Trains a captioner and keeps it, with all of its training, in a directory.
  ///
  /// - Parameters:
  ///   - subject: What to learn from.
  ///   - recipe: How.
  ///   - directory: The directory; see `CaptionRun`.
  ///   - isResuming: Whether a training that is there goes on.
  ///   - callbacks: What happens alongside, such as progress.
  /// - Throws: `FileError` of the data or the directory, and what training throws.
  @discardableResult
  public static func train(
    on subject: CaptionSubject, recipe: CaptionRecipe, keepingIn directory: String, resuming isResuming: Bool = false,
    callbacks: [Callback] = []
  ) throws -> Captioner {
    if let fault = recipe.fault { throw TensorError("Captioner", "cannot be trained with \(fault)") }
    switch subject {
    case .scenes:
      let generator = SceneGenerator(.seen, seed: recipe.seed)
      let vocabulary = CaptionVocabulary(sentences: (0..<sampleSize).map { generator.example($0).sentence })
      let encoder = encoder(vocabulary, length: SceneGenerator.longest, recipe)
      let batches = SceneBatches(
        generator, encoder: encoder, side: recipe.side, count: recipe.scenesPerEpoch, size: recipe.batchSize)
      return try train(batches, encoder, subject, recipe, directory, isResuming, callbacks)
    case .pictures(let folder, let field, let word):
      let (training, _) = try CaptionSubject.split(folder: folder, field: field, word: word, side: recipe.side)
      let vocabulary = CaptionVocabulary(sentences: training.entries.flatMap(\.sentences))
      let longest = training.entries.flatMap(\.sentences).map { CaptionVocabulary.split($0).count }.max() ?? 0
      let encoder = encoder(vocabulary, length: min(longest, 64) + 1, recipe)
      let batches = PictureBatches(
        training, encoder: encoder, augmentation: PictureBatches.usualChanges, size: recipe.batchSize, seed: recipe.seed
      )
      return try train(batches, encoder, subject, recipe, directory, isResuming, callbacks)
    }
  }

  /// How many scenes the vocabulary is taken from: enough that no word is missing.
  private static var sampleSize: Int { 4_000 }

  private static func encoder(
    _ vocabulary: CaptionVocabulary, length: Int, _ recipe: CaptionRecipe
  ) -> CaptionEncoder {
    var encoder = CaptionEncoder(vocabulary, length: length)
    (encoder.wordDropout, encoder.seed) = (recipe.wordDropout, recipe.seed)
    return encoder
  }

  private static func train(
    _ batches: some BatchSource<CaptionBatch>, _ encoder: CaptionEncoder, _ subject: CaptionSubject,
    _ recipe: CaptionRecipe, _ directory: String, _ isResuming: Bool, _ callbacks: [Callback]
  ) throws -> Captioner {
    let settings = recipe.settings(words: encoder.vocabulary.count, length: encoder.length)
    let rate = LearningRate.oneCycle(peak: recipe.learningRate, total: recipe.epochs * max(1, batches.batchCount))
    let optimizer = AdamW(learningRate: rate, beta2: 0.99, weightDecay: recipe.weightDecay).clipping(globalNorm: 1)
    let trainer = try Trainer(CaptionNetwork(settings), optimizer: optimizer, metrics: [.accuracy], seed: recipe.seed) {
      (network: CaptionNetwork, batch: CaptionBatch) in network.loss(batch)
    }
    let keeper = CaptionKeeper(
      run: CaptionRun(directory),
      description: CaptionRun.Description(subject: subject, recipe: recipe, settings: settings),
      vocabulary: encoder.vocabulary)
    try trainer.fit(
      batches, epochs: recipe.epochs,
      callbacks: [.run(directory, resuming: isResuming, notes: ["subject": subject.title]), Callback(keeper)]
        + callbacks)
    return try Captioner(network: trainer.model, vocabulary: encoder.vocabulary)
  }
}
