import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Trains a language model.
struct TextTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a language model on a text.",
    discussion: """
      The run's directory keeps model, tokenizer, log, curves and checkpoints; 'descent text generate' and 'descent runs' take it. A run
      that was interrupted goes on with --resume and the same arguments.
      """)

  /// The nets that there are.
  enum Net: String, ExpressibleByArgument, CaseIterable {
    case lstm, gru, transformer
    case expertLSTM = "moe-lstm"
    case expertTransformer = "moe-transformer"

    /// Whether it sees a number of tokens at once.
    var isTransformer: Bool { self == .transformer || self == .expertTransformer }
  }

  /// How large they are.
  enum Size: String, ExpressibleByArgument, CaseIterable { case tiny, small, medium, large }

  /// How a transformer knows where a token stands.
  enum Places: String, ExpressibleByArgument, CaseIterable { case rotary, learned, alibi }

  @OptionGroup var source: TextOptions

  @Option(help: "The kind of net: \(Net.allCases.map(\.rawValue).joined(separator: ", ")).")
  var model = Net.transformer

  @Option(help: "Its size: \(Size.allCases.map(\.rawValue).joined(separator: ", ")).")
  var size = Size.small

  @Option(help: "How a transformer tells positions apart: \(Places.allCases.map(\.rawValue).joined(separator: ", ")).")
  var positions = Places.rotary

  @Option(help: "The number of experts of moe-lstm and moe-transformer, of which each token goes to two.")
  var experts = 16

  @Option(help: "The tokens: characters, bytes, bpe:SIZE, or the tokenizer.json of another model.")
  var tokens = "characters"

  @Option(help: "The directory of the run.")
  var output: String

  @Option(help: "The number of steps.")
  var steps: Int?

  @Option(help: "The number of tokens that a piece has, and that a transformer sees.")
  var context: Int?

  @Option(help: "The number of pieces in a batch.")
  var batch: Int?

  @Option(help: "The largest learning rate.")
  var rate: Double?

  @Option(help: "The fraction of numbers that are dropped while training.")
  var dropout = 0.0

  @Option(help: "The seed: the same seed gives the same model.")
  var seed: UInt64 = 1

  @Flag(help: "Goes on with the run in the directory.")
  var resume = false

  @Flag(help: "Trains briefly, only to show that everything works.")
  var short = false

  func validate() throws {
    for (name, value) in [("steps", steps), ("context", context), ("batch", batch)] {
      if let value, !(1...100_000_000).contains(value) {
        throw ValidationError("--\(name) must lie between 1 and 100,000,000")
      }
    }
    if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate must be a positive number") }
    guard dropout >= 0, dropout < 1 else { throw ValidationError("--dropout must be at least 0 and less than 1") }
    if let size = bytePairs, !(257...1_000_000).contains(size) {
      throw ValidationError("--tokens bpe:SIZE takes a size from 257 to 1000000")
    }
  }

  /// The size of the vocabulary where tokens are pairs of bytes.
  private var bytePairs: Int? { tokens.hasPrefix("bpe:") ? Int(tokens.dropFirst(4)) ?? 0 : nil }

  func run() throws {
    if !resume, RunDirectory(output).isRun {
      throw FileError(output, "holds a run; go on with it by --resume, or give another directory")
    }
    let text = try source.read()
    guard !text.isEmpty else { throw FileError(source.name, "the text is empty") }
    let tokenizer = try tokenizer(for: text)
    let numbers = try tokenizer.encode(text)
    print(
      "\(source.name): \(text.unicodeScalars.count.grouped) characters, \(numbers.count.grouped) tokens of"
        + " \(tokenizer.vocabularySize.grouped)")
    let shape = TextShape(model, short ? .tiny : size, context: context)
    var training = shape.training
    if short { (training.steps, training.stepsPerEpoch, training.warmup) = (60, 30, 10) }
    if let steps { training.steps = steps }
    if let batch { training.batchSize = batch }
    if let rate { training.learningRate = rate }
    training.seed = seed
    switch model {
    case .transformer:
      let configuration = shape.transformer(tokenizer.vocabularySize, positions, dropout: dropout)
      try train(TransformerModel(configuration), tokenizer, numbers, training)
    case .lstm:
      try train(
        RecurrentModel<LSTMCell>(shape.recurrent(tokenizer.vocabularySize, dropout: dropout)), tokenizer, numbers,
        training)
    case .expertLSTM:
      try train(
        ExpertRecurrentModel(shape.mixture(tokenizer.vocabularySize, experts, dropout: dropout)), tokenizer, numbers,
        training)
    case .expertTransformer:
      try train(
        ExpertTransformerModel(shape.mixture(tokenizer.vocabularySize, experts, dropout: dropout)), tokenizer, numbers,
        training)
    case .gru:
      try train(
        RecurrentModel<GRUCell>(shape.recurrent(tokenizer.vocabularySize, dropout: dropout)), tokenizer, numbers,
        training)
    }
  }

  private func tokenizer(for text: String) throws -> any Tokenizer {
    switch tokens {
    case "characters": return CharacterTokenizer(alphabetOf: text)
    case "bytes": return ByteTokenizer()
    default:
      if let bytePairs { return try SubwordTokenizer(learnedFrom: text, vocabularySize: bytePairs) }
      return try TokenizerFile.read(tokens)
    }
  }

  private func train<Network: ConfiguredLanguageModel>(
    _ network: Network, _ tokenizer: any Tokenizer, _ tokens: [Int], _ training: TextTraining
  ) throws {
    let (learned, heldOut) = try training.batches(of: tokens)
    let trainer = try training.trainer(for: network)
    let description = Callback(TextDescription(model: try TextModel(network, tokenizer), directory: output))
    let begin = ContinuousClock.now
    let report = try trainer.fit(
      learned, validation: heldOut, epochs: training.epochs,
      callbacks: [
        .progress, .interruptible,
        .run(output, resuming: resume, best: .validation(), notes: ["text": source.name, "tokens": self.tokens]),
        description,
      ])
    let best = report.epochs.compactMap { $0.validation["loss"] }.min() ?? .nan
    print(
      String(
        format:
          "trained %d steps in %.0f s; held out: loss %.4f, perplexity %.2f, %.3f bits for each token; kept in %@",
        report.stepCount, begin.duration(to: .now).seconds, best, exp(best), best / log(2), output))
  }
}

/// Writes down what a run's model and tokenizer are, once it is sure that the directory is this run's.
private struct TextDescription: TrainingCallback {
  let model: TextModel
  let directory: String
  let name = "text"

  func begin(_ training: TrainingContext, state: inout StatelessCallback) throws {
    try model.writeDescription(to: directory)
  }
}

/// The sizes of nets, and how they are trained by default.
struct TextShape {
  private let net: TextTrain.Net
  private let size: TextTrain.Size
  private let context: Int

  init(_ net: TextTrain.Net, _ size: TextTrain.Size, context: Int?) {
    (self.net, self.size) = (net, size)
    self.context = context ?? (net.isTransformer ? [32, 64, 256, 512] : [32, 128, 128, 128])[size.place]
  }

  /// Layers, heads and width of nanoGPT's models.
  func transformer(_ vocabulary: Int, _ places: TextTrain.Places, dropout: Double) -> TransformerConfiguration {
    let (layers, heads, width) = [(2, 2, 64), (4, 4, 128), (6, 6, 384), (12, 12, 768)][size.place]
    var configuration = TransformerConfiguration(
      vocabularySize: vocabulary, context: context, layers: layers, heads: heads, width: width, dropout: dropout)
    switch places {
    case .rotary: configuration.positions = .rotary()
    case .learned: configuration.positions = .learned
    case .alibi: configuration.positions = .alibi
    }
    return configuration
  }

  func recurrent(_ vocabulary: Int, dropout: Double) -> RecurrentConfiguration {
    let (units, layers) = [(64, 1), (256, 1), (512, 2), (1_024, 2)][size.place]
    return RecurrentConfiguration(
      vocabularySize: vocabulary, embeddingSize: min(units, 256), units: units, layers: layers, dropout: dropout)
  }

  func mixture(_ vocabulary: Int, _ experts: Int, dropout: Double) -> ExpertConfiguration {
    let (layers, heads, width) = [(1, 2, 64), (2, 4, 128), (4, 6, 384), (8, 12, 768)][size.place]
    return ExpertConfiguration(
      vocabularySize: vocabulary, width: width, experts: experts, choices: min(2, experts), units: 2 * width,
      layers: layers,
      heads: heads, context: context, dropout: dropout)
  }

  var training: TextTraining {
    var training = TextTraining()
    training.length = context
    if !net.isTransformer {
      // A net that forgets learns from longer pieces, and bears larger steps.
      (training.learningRate, training.batchSize, training.weightDecay) = (4e-3, 32, 0)
    }
    return training
  }
}

extension TextTrain.Size {
  var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
