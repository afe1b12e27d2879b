import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Times steps of models that differ in their number of experts alone.
struct ExpertsSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed",
    abstract: "Times training steps with more and more experts, of which each token goes to as many.")

  @Option(parsing: .upToNextOption, help: "The numbers of experts.")
  var experts = [8, 16, 32, 64]

  @Option(help: "The number of experts that a token goes to.")
  var choices = 2

  @Option(help: "The width of the model.")
  var width = 128

  @Option(help: "The number of hidden units of an expert.")
  var hidden = 256

  @Option(help: "The number of pieces of text of a batch.")
  var batch = 64

  @Option(help: "The number of bytes of a piece.")
  var length = 64

  @Option(help: "adam, adafactor, momentum or sgd.")
  var optimizer = ExpertOptimizer.adam

  @Option(help: "How often each is timed, in turns; medians are printed.")
  var rounds = 15

  @OptionGroup var source: TextOptions

  func validate() throws {
    for (name, value) in [
      ("choices", choices), ("width", width), ("hidden", hidden), ("batch", batch), ("length", length),
      ("rounds", rounds),
    ] + experts.map({ ("experts", $0) }) where value < 1 || value > 1 << 20 {
      throw ValidationError("--\(name) must be in 1...1048576, found \(value)")
    }
    guard !experts.isEmpty else { throw ValidationError("--experts takes a number or more") }
  }

  func run() throws {
    let pieces = try ExpertPieces(Array(try source.read().utf8), length: length, size: batch, seed: 1)
    let steps = try experts.map { try step($0) }
    for step in steps { for number in 0..<2 { _ = try step(pieces.batch(number)).item() } }
    var times = [[Double]](repeating: [], count: steps.count)
    for round in 0..<rounds {
      let batch = pieces.batch(round)
      for (place, step) in steps.enumerated() {
        let begin = ContinuousClock.now
        _ = try step(batch).item()
        times[place].append((ContinuousClock.now - begin) / .milliseconds(1))
      }
    }
    let medians = times.map { $0.sorted()[$0.count / 2] }
    var rows = [["experts", "ms a step", "against \(experts[0])"]]
    for (count, median) in zip(experts, medians) {
      rows.append(["\(count)", ExpertText.fixed(median, 1), ExpertText.fixed(median / medians[0], 2)])
    }
    print(ExpertText.table(rows))
  }

  private func step(_ experts: Int) throws -> TrainingStep<ExpertRecurrentModel, Batch> {
    let settings = ExpertConfiguration(
      vocabularySize: 256, width: width, experts: experts, choices: choices, units: hidden)
    return try TrainingStep(ExpertRecurrentModel(settings), optimizer: optimizer.made) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
}
