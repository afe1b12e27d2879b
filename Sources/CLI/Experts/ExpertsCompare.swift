import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Trains the same model with and without losses that keep experts in equal use.
struct ExpertsCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Trains a language model with several weights of balance losses, and prints how experts are used.")

  @Option(help: "moe-lstm or moe-transformer.")
  var model = ExpertModelKind.lstm

  @Option(help: "The number of experts.")
  var experts = 16

  @Option(help: "The number of experts that a token goes to.")
  var choices = 2

  @Option(help: "The width of the model.")
  var width = 32

  @Option(help: "The number of hidden units of an expert.")
  var hidden = 32

  @Option(
    parsing: .upToNextOption,
    help: "The weights of the importance and load losses of each training, such as 0,0 0.1,0.1.")
  var weights = ["0,0", "0.1,0", "0,0.1", "0.1,0.1", "1,1"]

  @Option(help: "The number of steps.")
  var steps = 1_200

  @Option(help: "The number of pieces of text of a batch.")
  var batch = 32

  @Option(help: "The number of bytes of a piece.")
  var length = 32

  @Option(
    help:
      "The learning rate of Adam at its peak, a tenth of the way; it rises to it linearly and falls with the root of the step."
  )
  var learningRate = 1e-2

  @Option(help: "The seed of initial values, noise and pieces.")
  var seed: UInt64 = 1

  @OptionGroup var source: ExpertTextOptions

  @Option(help: "Writes the load of the experts as a drawing, .svg or .txt.")
  var drawing: String?

  @Flag(help: "40 steps of a small model.")
  var short = false

  /// What came of a training.
  private struct Outcome {
    let weights: String
    let perplexity: Double
    let use: [ExpertUse]
  }

  private func balances() throws -> [(String, ExpertBalance)] {
    try weights.map { text in
      let numbers = text.split(separator: ",").map { Double($0) }
      guard numbers.count == 2, let importance = numbers[0], let load = numbers[1], min(importance, load) >= 0 else {
        throw ValidationError("--weights takes pairs such as 0.1,0.1, not '\(text)'")
      }
      return (text, ExpertBalance(importance: importance, load: load))
    }
  }

  func validate() throws {
    for (name, value) in [
      ("experts", experts), ("choices", choices), ("width", width), ("hidden", hidden), ("steps", steps),
      ("batch", batch),
      ("length", length),
    ] where value < 1 || value > 1 << 20 {
      throw ValidationError("--\(name) must be in 1...1048576, found \(value)")
    }
    _ = try balances()
  }

  func run() throws {
    let tokens = try source.tokens()
    // The end of the text is held out.
    let cut = tokens.count - tokens.count / 10
    let learned = try ExpertPieces(Array(tokens[..<cut]), length: length, size: batch, seed: seed)
    let heldOut = try ExpertPieces(Array(tokens[cut...]), length: length, size: batch, seed: seed)
    var outcomes: [Outcome] = []
    for (text, balance) in try balances() {
      let outcome: Outcome
      switch model {
      case .lstm: outcome = try trained(text, learned, heldOut) { try ExpertRecurrentModel(settings(balance)) }
      case .transformer: outcome = try trained(text, learned, heldOut) { try ExpertTransformerModel(settings(balance)) }
      }
      outcomes.append(outcome)
      FileHandle.standardError.write(
        Data("trained with \(text): perplexity \(ExpertText.fixed(outcome.perplexity, 3))\n".utf8))
    }
    var rows = [["weights", "perplexity", "CV importance", "CV load", "largest load / mean"]]
    for outcome in outcomes {
      for (layer, use) in outcome.use.enumerated() {
        rows.append([
          outcome.use.count > 1 ? "\(outcome.weights) block \(layer)" : outcome.weights,
          ExpertText.fixed(outcome.perplexity, 3), ExpertText.fixed(use.importanceVariation, 2),
          ExpertText.fixed(use.loadVariation, 2), ExpertText.fixed(use.largestLoad, 2),
        ])
      }
    }
    print(ExpertText.table(rows))
    if let drawing { try draw(outcomes).write(to: drawing) }
  }

  private func settings(_ balance: ExpertBalance) -> ExpertConfiguration {
    ExpertConfiguration(
      vocabularySize: 256, width: short ? 16 : width, experts: short ? min(experts, 8) : experts, choices: choices,
      units: short ? 16 : hidden, balance: balance, layers: 2, heads: 4, context: length)
  }

  private func trained<Network: LanguageModel>(
    _ text: String, _ learned: ExpertPieces, _ heldOut: ExpertPieces, _ make: () throws -> Network
  ) throws -> Outcome {
    let steps = short ? min(steps, 40) : steps
    let step = try TrainingStep(
      try make(),
      optimizer: Adam(learningRate: .inverseSquareRoot(peak: learningRate, warmup: max(1, steps / 10))).clipping(
        globalNorm: 1),
      seed: seed
    ) { (model: Network, batch: Batch) in softmaxCrossEntropy(try model(batch.input), batch.target) }
    for number in 0..<steps { try step(learned.batch(number)) }
    let network = step.model
    let loss = compiled { (model: Network, batch: Batch) in softmaxCrossEntropy(try model(batch.input), batch.target) }
    let batches = (0..<(short ? 2 : 20)).map { heldOut.batch($0) }
    let losses = try batches.map { try loss(network, $0).item() }
    let uses = try batches.map { batch in try expertUse { try network(batch.input) } }
    let first = uses[0]
    let use = uses.dropFirst().reduce(first) { sum, more in zip(sum, more).map { $0 + $1 } }
    return Outcome(weights: text, perplexity: exp(losses.reduce(0, +) / Double(losses.count)), use: use)
  }

  /// The loads of the first mixture, sorted, one curve for each training.
  private func draw(_ outcomes: [Outcome]) -> Chart {
    let curves = outcomes.map { outcome in
      let load = outcome.use[0].load.sorted(by: >)
      let mean = load.reduce(0, +) / Double(max(1, load.count))
      return Chart.Mark.steps(
        (0...load.count).map(Double.init), (load + load.suffix(1)).map { $0 / mean }, name: outcome.weights)
    }
    return Chart(
      "Rows that go to each expert",
      subtitle: "\(model.rawValue), held-out text; by weights of importance and load losses",
      x: "experts, those with most rows first", y: "load / mean", curves + [.level(y: 1)])
  }
}
