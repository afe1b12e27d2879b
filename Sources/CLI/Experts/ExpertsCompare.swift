import ArgumentParser
import Descent
import DescentFiles
import DescentGraph
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

  @Option(help: "The seed of initial values, noise and pieces; the first one of several.")
  var seed: UInt64 = 1

  @Option(help: "The number of seeds that each training is repeated with; each is told, and the median.")
  var seeds = 1

  @OptionGroup var source: TextOptions

  @Option(help: "Writes the load of the experts as a drawing, .svg or .txt.")
  var drawing: String?

  @Flag(help: "40 steps of a small model.")
  var short = false

  /// What came of a training.
  private struct Outcome {
    let weights: String
    let seed: UInt64
    let perplexity: Double
    /// How held-out rows are spread, by the scores alone.
    let use: [ExpertUse]
    /// How they are spread by the scores with noise, as while training.
    let noisyUse: [ExpertUse]

    /// What the table says of a mixture.
    func figures(_ layer: Int) -> [Double] {
      let use = use[layer]
      return [
        perplexity, use.importanceVariation, use.loadVariation, use.largestLoad, noisyUse[layer].largestLoad,
      ]
    }
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
      ("length", length), ("seeds", seeds),
    ] where value < 1 || value > 1 << 20 {
      throw ValidationError("--\(name) must be in 1...1048576, found \(value)")
    }
    _ = try balances()
  }

  func run() throws {
    let tokens = Array(try source.read().utf8)
    // The end of the text is held out.
    let cut = tokens.count - tokens.count / 10
    let (learned, heldOut) = (Array(tokens[..<cut]), Array(tokens[cut...]))
    var outcomes: [Outcome] = []
    for (text, balance) in try balances() {
      for seed in (0..<UInt64(seeds)).map({ seed &+ $0 }) {
        let pieces = (
          try ExpertPieces(learned, length: length, size: batch, seed: seed),
          try ExpertPieces(heldOut, length: length, size: batch, seed: seed)
        )
        let outcome: Outcome
        switch model {
        case .lstm: outcome = try trained(text, seed, pieces) { try ExpertRecurrentModel(settings(balance)) }
        case .transformer: outcome = try trained(text, seed, pieces) { try ExpertTransformerModel(settings(balance)) }
        }
        outcomes.append(outcome)
        let words = "trained with \(text), seed \(seed): perplexity \(ExpertText.fixed(outcome.perplexity, 3))\n"
        FileHandle.standardError.write(Data(words.utf8))
      }
    }
    let rows = outcomes.chunks(of: seeds).flatMap(rows)
    print(
      ExpertText.table(
        [["weights", "perplexity", "CV importance", "CV load", "largest load / mean", "with noise"]] + rows))
    if let drawing { try draw(outcomes.chunks(of: seeds).compactMap(\.first)).write(to: drawing) }
  }

  /// The lines of one pair of weights: of each mixture, each seed, and their median where there are several.
  private func rows(_ outcomes: ArraySlice<Outcome>) -> [[String]] {
    guard let first = outcomes.first else { return [] }
    return first.use.indices.flatMap { layer -> [[String]] in
      let name = first.use.count > 1 ? "\(first.weights) block \(layer)" : first.weights
      func row(_ name: String, _ figures: [Double]) -> [String] {
        [name] + zip(figures, [3, 2, 2, 2, 2]).map { ExpertText.fixed($0, $1) }
      }
      guard outcomes.count > 1 else { return [row(name, first.figures(layer))] }
      let all = outcomes.map { $0.figures(layer) }
      let medians = all[0].indices.map { place in all.map { $0[place] }.median }
      return zip(outcomes, all).map { row("\(name) seed \($0.seed)", $1) } + [row("\(name) median", medians)]
    }
  }

  private func settings(_ balance: ExpertBalance) -> ExpertConfiguration {
    ExpertConfiguration(
      vocabularySize: 256, width: short ? 16 : width, experts: short ? min(experts, 8) : experts, choices: choices,
      units: short ? 16 : hidden, balance: balance, layers: 2, heads: 4, context: length)
  }

  private func trained<Network: LanguageModel>(
    _ text: String, _ seed: UInt64, _ pieces: (learned: ExpertPieces, heldOut: ExpertPieces),
    _ make: () throws -> Network
  ) throws -> Outcome {
    let steps = short ? min(steps, 40) : steps
    let step = try TrainingStep(
      try make(),
      optimizer: Adam(learningRate: .inverseSquareRoot(peak: learningRate, warmup: max(1, steps / 10))).clipping(
        globalNorm: 1),
      seed: seed
    ) { (model: Network, batch: Batch) in softmaxCrossEntropy(try model(batch.input), batch.target) }
    for number in 0..<steps { try step(pieces.learned.batch(number)) }
    let network = step.model
    let loss = compiled { (model: Network, batch: Batch) in softmaxCrossEntropy(try model(batch.input), batch.target) }
    let batches = (0..<(short ? 2 : 20)).map { pieces.heldOut.batch($0) }
    let losses = try batches.map { try loss(network, $0).item() }
    func use(_ pass: (Int, Batch) throws -> Tensor) throws -> [ExpertUse] {
      let uses = try batches.enumerated().map { number, batch in try expertUse { try pass(number, batch) } }
      let first = uses[0]
      return uses.dropFirst().reduce(first) { sum, more in zip(sum, more).map { $0 + $1 } }
    }
    return Outcome(
      weights: text, seed: seed, perplexity: exp(losses.reduce(0, +) / Double(losses.count)),
      use: try use { _, batch in try network(batch.input) },
      noisyUse: try use { number, batch in try training(seed: UInt64(number)) { try network(batch.input) } })
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

extension [Double] {
  /// The middle one, or the mean of the middle two.
  fileprivate var median: Double {
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
