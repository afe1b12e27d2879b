import Descent

extension ZIPReader {
  /// Trains a reader on digits, and chooses its threshold on others.
  ///
  /// - Parameters:
  ///   - digits: The digits to write training and calibration letters with; those of the test set are not touched.
  ///   - origin: What the digits are called.
  ///   - recipe: How to train.
  ///   - seed: The seed of letters, initial values and dropout: the same seed gives the same reader.
  ///   - callbacks: What happens alongside, such as progress and checkpoints.
  /// - Throws: what training throws.
  public static func trained(
    on digits: DigitSplits, origin: String, recipe: ReaderRecipe, seed: UInt64, callbacks: [Callback]
  ) throws -> ZIPReader {
    let generator = LetterGenerator(
      bank: DigitBank(digits.training), style: .exercise, mix: .training, seed: seed)
    let batches = LineBatches(
      generator, count: recipe.lettersPerEpoch, size: recipe.batchSize, uses: recipe.uses)
    let rate = LearningRate.oneCycle(peak: recipe.learningRate, total: recipe.stepCount)
    let trainer = try Trainer(
      ReaderNetwork(filters: recipe.filters),
      loss: { ctcLoss(logits: $0, labels: $1, blank: Symbol.blankClass) },
      optimizer: Muon(
        learningRate: rate, weightDecay: 0.02, others: AdamW(learningRate: rate, beta2: 0.99, weightDecay: 0.02)
      ).clipping(globalNorm: 5), seed: seed)
    try trainer.fit(batches, epochs: recipe.epochs, callbacks: callbacks)
    var reader = ZIPReader(network: trainer.model, rule: ReadingRule(), origin: origin)
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
