import Descent

extension ZIPReader {
  /// Trains a reader on digits, and chooses its threshold on others.
  ///
  /// Each round begins where the one before ended, on other letters and with the learning rate of a beginning, which leads
  /// to another branch that reads as well: two rounds make a reader that is surer of the right things than one of twice
  /// the length (Huang et al., "Snapshot ensembles", 2017).
  ///
  /// - Parameters:
  ///   - digits: The digits to write training and calibration letters with; those of the test set are not touched.
  ///   - origin: What the digits are called.
  ///   - recipe: How to train.
  ///   - seed: The seed of letters, initial values and dropout: the same seed gives the same reader.
  ///   - callbacks: What happens alongside a round, such as progress and checkpoints.
  /// - Throws: what training throws.
  public static func trained(
    on digits: DigitSplits, origin: String, recipe: ReaderRecipe, seed: UInt64, callbacks: (_ round: Int) -> [Callback]
  ) throws -> ZIPReader {
    let bank = DigitBank(digits.training)
    var branch = ReaderNetwork(branches: 1, filters: recipe.filters)
    var branches: [ReaderBranch] = []
    for round in 0..<recipe.rounds {
      let seed = seed &+ UInt64(round) &* 0x1_0000
      let generator = LetterGenerator(bank: bank, style: .exercise, mix: .training, seed: seed)
      let batches = LineBatches(
        generator, count: recipe.lettersPerEpoch, size: recipe.batchSize, uses: recipe.uses)
      let rate = LearningRate.oneCycle(peak: recipe.learningRate, total: recipe.stepCount)
      let trainer = try Trainer(
        branch, loss: ReaderNetwork.loss,
        optimizer: Muon(
          learningRate: rate, weightDecay: 0.02, others: AdamW(learningRate: rate, beta2: 0.99, weightDecay: 0.02)
        ).clipping(globalNorm: 5), seed: seed)
      try trainer.fit(batches, epochs: recipe.epochs, callbacks: callbacks(round))
      branch = trainer.model
      branches += branch.branches
    }
    var reader = ZIPReader(network: ReaderNetwork(branches), rule: ReadingRule(), origin: origin)
    let calibration = LetterGenerator(bank: DigitBank(digits.calibration), seed: seed &+ 1)
    let letters = try reader.letters(0..<recipe.calibrationLetters, of: calibration)
    let curve = ErrorRejectCurve(letters.map { JudgedReading($0.reading, truth: $0.truth) })
    reader.rule.threshold = ThresholdChoice(targetErrorRate: recipe.targetErrorRate, calibration: curve).threshold
    return reader
  }

  /// Generates letters and reads them, whatever the confidence.
  public func letters(_ range: Range<Int>, of generator: LetterGenerator) throws -> [ReadLetter] {
    var open = self
    open.rule.threshold = 0
    var letters: [ReadLetter] = []
    letters.reserveCapacity(range.count)
    // Image by image memory stays small: only what the caller asks for is kept.
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 500) {
      let generated = (start..<min(range.upperBound, start + 500)).map(generator.letter)
      let readings = try open.read(generated.map(\.image))
      letters += zip(generated, readings).map { ReadLetter(image: $0.image, truth: $0.truth, reading: $1) }
    }
    return letters
  }
}
