import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentTraining
import Foundation

/// How a language model learns from a text: the settings, and the trainer, batches and optimizer that follow from them.
///
/// ```swift
/// var training = TextTraining()
/// training.steps = 5_000
/// let trainer = try training.trainer(for: model)
/// let (learned, heldOut) = try training.batches(of: tokens)
/// try trainer.fit(learned, validation: heldOut, epochs: training.epochs, callbacks: [.progress, .run("runs/words")])
/// ```
///
/// AdamW with a learning rate that rises, then falls along a cosine to a tenth; gradients are clipped. The end of the text is held out.
public struct TextTraining: Codable, Sendable, Hashable {
  /// The number of steps. They make epochs of one size, for which a few more may be taken.
  public var steps = 2_000
  /// The largest number of steps after which the model is judged.
  public var stepsPerEpoch = 250
  /// The number of pieces of a batch.
  public var batchSize = 12
  /// The number of tokens of a piece.
  public var length = 64
  /// The largest learning rate.
  public var learningRate = 1e-3
  /// The number of steps in which it is reached.
  public var warmup = 100
  /// The weight decay of matrices.
  public var weightDecay = 0.1
  /// The exponential decay rate of the second moment.
  public var beta2 = 0.99
  /// The largest norm of the gradient of all parameters.
  public var gradientNorm = 1.0
  /// The part of the text, its end, that is held out to judge the model by.
  public var heldOut = 0.1
  /// The seed of initial values, of the places of pieces and of dropout.
  public var seed: UInt64 = 1

  /// Settings for a small model of characters: nanoGPT's.
  public init() {}

  /// The number of epochs.
  public var epochs: Int { stepsPerEpoch >= 1 && steps >= 1 ? (steps - 1) / stepsPerEpoch + 1 : 0 }

  /// The number of steps of each epoch.
  private var stepsOfEpoch: Int { (steps - 1) / max(1, epochs) + 1 }

  /// The text to learn from in pieces, and the part of it that is held out.
  ///
  /// - Throws: `TextError` of a text that is too short, or of settings that make no sense.
  public func batches(of tokens: [Int]) throws -> (training: TextBatches, heldOut: TextPieces) {
    try check()
    let cut = tokens.count - Int((Double(tokens.count) * heldOut).rounded())
    guard tokens.count - cut > length, cut > length else {
      throw TextError(
        "TextTraining",
        tokens.isEmpty
          ? "the text is empty"
          : "of \(tokens.count) tokens \(cut) are to learn from and \(tokens.count - cut) to judge by; both parts need more"
            + " than the \(length) tokens of a piece. Take a longer text or shorter pieces")
    }
    return (
      try TextBatches(
        Array(tokens[..<cut]), length: length, size: batchSize, batchCount: stepsOfEpoch, seed: seed),
      try TextPieces(Array(tokens[cut...]), length: length, size: max(1, 2_048 / length))
    )
  }

  /// A trainer of a model.
  ///
  /// - Throws: `TextError` of settings that make no sense; what walking the model throws.
  public func trainer<Network: LanguageModel>(for model: Network, precision: Precision? = nil) throws
    -> Trainer<Network, Batch>
  {
    try check()
    if let context = model.context, length > context {
      throw TextError(
        "TextTraining", "pieces of \(length) tokens are longer than the \(context) positions that the model sees")
    }
    let optimizer = AdamW(
      learningRate: .warmupCosine(
        peak: learningRate, warmup: min(warmup, max(0, steps - 1)), total: epochs * stepsOfEpoch,
        floor: learningRate / 10),
      beta2: beta2, weightDecay: weightDecay
    ).clipping(globalNorm: gradientNorm)
    return try Trainer(
      model, loss: .softmaxCrossEntropy(), optimizer: optimizer, metrics: [.perplexity()], seed: seed,
      precision: precision)
  }

  private func check() throws {
    func refuse(_ message: String) -> TextError { TextError("TextTraining", message) }
    let counts = 1...1 << 40
    for (name, value) in [
      ("steps", steps), ("stepsPerEpoch", stepsPerEpoch), ("batchSize", batchSize), ("length", length),
    ] where !counts.contains(value) {
      throw refuse("its \(name) must be at least 1, found \(value)")
    }
    guard (0...1 << 40).contains(warmup) else { throw refuse("its warmup must be 0 steps or more, found \(warmup)") }
    guard heldOut > 0, heldOut < 1 else {
      throw refuse("the part that is held out must be more than 0 and less than 1, found \(heldOut)")
    }
  }
}

/// How well a language model foretells a text.
public struct TextScore: Codable, Sendable, Hashable {
  /// The mean of −log p of each token that follows, in nats.
  public var loss: Double
  /// How many tokens were foretold.
  public var tokens: Int
  /// How many characters they have: Unicode scalars.
  public var characters: Int

  /// e to the power of the loss: among how many equally likely tokens the model chooses as badly.
  public var perplexity: Double { exp(loss) }
  /// The information of a character in bits, by which models of different tokens are compared.
  public var bitsPerCharacter: Double { loss / log(2.0) * Double(tokens) / Double(characters) }
}
