import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Trains a model far larger than memory, whose experts lie in a file.
struct ExpertsDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Trains a language model whose experts lie in a file, of which a step reads those it uses.")

  @Option(help: "The number of the experts' parameters, such as 1e9.")
  var parameters = 1e9

  @Option(help: "The width of the model.")
  var width = 256

  @Option(help: "The number of hidden units of an expert.")
  var hidden = 256

  @Option(help: "The number of experts that a token goes to.")
  var choices = 2

  @Option(help: "The file; one that exists is gone on with.")
  var file = "experts.paged"

  @Option(help: "The number of steps, those that the file has taken included.")
  var steps = 10

  @Option(help: "The number of pieces of text of a batch.")
  var batch = 4

  @Option(help: "The number of bytes of a piece.")
  var length = 16

  @Option(help: "The learning rate of Adam.")
  var learningRate = 1e-3

  @Option(help: "The seed of initial values, noise and pieces.")
  var seed: UInt64 = 1

  @Flag(
    help:
      "Does not wait until the disk holds a step: a loss of power may cost the file, an end of the process does not.")
  var unsynchronized = false

  @OptionGroup var source: TextOptions

  @Flag(help: "A model of 2 million parameters.")
  var short = false

  func validate() throws {
    for (name, value) in [
      ("width", width), ("hidden", hidden), ("choices", choices), ("steps", steps), ("batch", batch),
      ("length", length),
    ] where value < 1 || value > 1 << 24 {
      throw ValidationError("--\(name) must be in 1...16777216, found \(value)")
    }
    guard parameters >= 1, parameters <= 1e13 else {
      throw ValidationError("--parameters must be from 1 to 1e13, found \(parameters)")
    }
  }

  func run() throws {
    let tokens = Array(try source.read().utf8)
    let (width, hidden) = short ? (32, 32) : (width, hidden)
    let count = Int(((short ? 2e6 : parameters) / Double(2 * width * hidden)).rounded(.up))
    let settings = ExpertConfiguration(
      vocabularySize: 256, width: width, experts: count, choices: choices, units: hidden)
    let training = try PagedTraining(
      ExpertRecurrentModel(settings), optimizer: Adam(learningRate: .constant(learningRate)), file: file, seed: seed,
      synchronizes: !unsynchronized
    ) { (model: ExpertRecurrentModel, batch: Batch) in softmaxCrossEntropy(model(batch.input), batch.target) }
    let pieces = try ExpertPieces(tokens, length: length, size: batch, seed: seed)
    if training.stepCount > 0 { print("\(file) holds step \(training.stepCount); going on") }
    var isDescribed = false
    for number in training.stepCount..<max(training.stepCount, steps) {
      let begin = ContinuousClock.now
      let loss = try training.step(pieces.batch(number)).loss.item()
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      if !isDescribed { printModel(training, count) }
      isDescribed = true
      let traffic = training.lastTraffic
      print(
        "step \(number + 1)  loss \(ExpertText.fixed(loss, 4))  \(training.lastExperts.count) experts"
          + "  read \(traffic.expertBytesRead.grouped)  wrote \(traffic.expertBytesWritten.grouped) bytes of experts"
          + "  \(ExpertText.fixed(seconds, 2)) s")
      // Whoever follows the lines, or ends the process, sees each step as it is done.
      fflush(nil)
    }
    try printEnd(training)
  }

  private func printModel(_ training: PagedTraining<ExpertRecurrentModel, Batch, Adam>, _ count: Int) {
    print(
      "\(training.parameterCount.grouped) parameters: \(count.grouped) experts of"
        + " \(training.expertBytes.grouped) bytes with Adam's memory, \(training.sharedBytes.grouped) bytes that they share"
    )
  }

  private func printEnd(_ training: PagedTraining<ExpertRecurrentModel, Batch, Adam>) throws {
    var status = stat()
    guard stat(file, &status) == 0 else { throw FileError(file, "is not there any more") }
    print(
      "\(file): \(ExpertText.bytes(Int(status.st_size))), on the disk \(ExpertText.bytes(Int(status.st_blocks) * 512));"
        + " \(training.heldExperts.grouped) experts have been used")
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    #if canImport(Darwin)
      let peak = Int(usage.ru_maxrss)
    #else
      let peak = Int(usage.ru_maxrss) * 1_024
    #endif
    print("most memory of the process: \(ExpertText.bytes(peak))")
  }
}
