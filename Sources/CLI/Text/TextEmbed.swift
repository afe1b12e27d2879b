import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Makes vectors of sentences.
struct TextEmbed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Makes vectors of sentences, and says how alike they are.",
    discussion: """
      MODEL is a folder in the form of sentence-transformers, such as that of all-MiniLM-L6-v2: config.json, \
      model.safetensors, tokenizer.json, and modules.json where there is one.
      """)

  @Argument(help: "The folder of the model.")
  var model: String

  @Argument(help: "The sentences.")
  var sentences: [String] = []

  @Option(help: "A file with a sentence in each line, in UTF-8, plain or gzip; empty lines are left out.")
  var file: String?

  @Flag(help: "Prints a JSON object for each sentence, with the whole vector.")
  var json = false

  @Option(help: "How many sentences are computed at once.")
  var batch = 32

  /// How many sentences a table of similarities has at most.
  private static let tableLimit = 12

  func validate() throws {
    guard !sentences.isEmpty || file != nil else { throw ValidationError("give sentences, or --file FILE with some") }
    guard (1...10_000).contains(batch) else { throw ValidationError("--batch must lie between 1 and 10,000") }
  }

  func run() throws {
    var all = sentences
    if let file {
      all += try TextSource.file(file).split(whereSeparator: \.isNewline).map(String.init).filter {
        !$0.allSatisfy(\.isWhitespace)
      }
    }
    guard !all.isEmpty else { throw FileError(file ?? "", "has no sentences") }
    let embedder = try SentenceEmbedder(pretrained: model)
    let vectors = try embedder.embeddings(of: all, batchSize: batch)
    let (values, width) = (try vectors.scalars(), embedder.width)
    func vector(_ row: Int) -> ArraySlice<Double> { values[row * width..<(row + 1) * width] }
    if json {
      for (row, sentence) in all.enumerated() {
        let numbers = vector(row).map { "\(Float($0))" }.joined(separator: ",")
        print("{\"sentence\":\(try Self.quoted(sentence)),\"embedding\":[\(numbers)]}")
      }
      return
    }
    for (row, sentence) in all.enumerated() {
      let first = vector(row).prefix(4).map { String(format: "%7.4f", $0) }.joined(separator: " ")
      let dots = width > 4 ? " …" : ""
      print("\(row + 1)\t\(first)\(dots)  (\(width) numbers)  \(sentence)")
    }
    guard (2...Self.tableLimit).contains(all.count) else { return }
    let unit = vectors.normalized(axes: -1)
    let cosines = try matmul(unit, unit.transposed()).scalars()
    print("\ncosine of the angle between vectors")
    print("\t" + all.indices.map { String(format: "%6d", $0 + 1) }.joined())
    for row in all.indices {
      let line = cosines[row * all.count..<(row + 1) * all.count].map { String(format: "%6.2f", $0) }.joined()
      print("\(row + 1)\t\(line)")
    }
  }

  private static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}
