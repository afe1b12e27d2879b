import ArgumentParser
import Descent
import Foundation

/// Writes with a language model.
struct TextGenerate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Goes on with a text.")

  @Argument(
    help: "The directory of the model: that of a run, one that was saved, or a pretrained one in Hugging Face's form.")
  var model: String

  @Option(help: "The text to begin with.")
  var prompt = "\n"

  @Option(help: "The number of tokens to add.")
  var count = 500

  @Option(help: "What logits are divided by; at 0 the likeliest token is taken.")
  var temperature = 0.8

  @Option(help: "Draws one of so many likeliest tokens.")
  var topK: Int?

  @Option(help: "Draws one of the fewest likeliest tokens whose probabilities add up to this.")
  var topP: Double?

  @Option(help: "The seed: the same seed gives the same text.")
  var seed: UInt64 = 0

  @Option(help: "How many texts are made at once.")
  var samples = 1

  @Option(help: "Searches for the likeliest text, following so many.")
  var beam: Int?

  @Flag(help: "Prints the text as it is made.")
  var stream = false

  @Flag(help: "Refuses a text that is longer than the model's context, rather than forgetting what lies further back.")
  var refuseLonger = false

  func validate() throws {
    guard TextCommand.counts.contains(count) else { throw ValidationError("--count must lie between 0 and 10,000,000") }
    guard temperature >= 0, temperature.isFinite else { throw ValidationError("--temperature must be 0 or more") }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1") }
    if let topP, !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be more than 0 and at most 1") }
    guard (1...10_000).contains(samples) else { throw ValidationError("--samples must lie between 1 and 10,000") }
    if let beam, !(1...1_000).contains(beam) { throw ValidationError("--beam must lie between 1 and 1,000") }
    if stream, samples > 1 || beam != nil {
      throw ValidationError("--stream prints one text that is drawn token by token")
    }
  }

  func run() throws {
    let model = try TextModel(readingFrom: model)
    let sampling = Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
    let rule = refuseLonger ? ContextRule.refuse : .slide
    if let beam {
      let found = try model.beamSearch(from: prompt, beams: beam, count: count)
      print(prompt + (found.first ?? ""))
    } else if stream {
      var pieces = try model.pieces(from: prompt, count: count, sampling: sampling, context: rule)
      show(prompt)
      while let piece = try pieces.next() { show(piece) }
      show("\n")
    } else {
      let texts = try model.generate(
        from: Array(repeating: prompt, count: samples), count: count, sampling: sampling, context: rule)
      print(texts.map { prompt + $0 }.joined(separator: "\n\n"))
    }
  }

  /// Prints at once, whatever standard output is.
  private func show(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
  }
}
