import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Judges a captioner by what it has not learned from.
struct CaptionEvaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Judges a captioner by scenes or pictures that it has not learned from.")

  @Argument(
    help: ArgumentHelp("The directory of a captioner that 'descent caption train' wrote.", valueName: "run"))
  var directory = CaptionCommand.defaultRun

  @Option(help: "The folder of pictures with captions, where it is not where training found it.")
  var data: String?

  @Option(help: "How many beginnings of a sentence are followed at a time; with 1 each word is the likeliest.")
  var beam = 1

  @Option(help: "The number of scenes of each kind, or the most pictures.")
  var count = 2_000

  @Option(
    help:
      "Writes pictures with their sentences and where the captioner looked to a file, as .png or .html; may be given twice."
  )
  var sheet: [String] = []

  @Option(help: "The number of pictures on the sheet.")
  var show = 12

  func validate() throws {
    try CaptionCommand.check(beam: beam)
    try CaptionCommand.check(count: count)
    guard (1...200).contains(show) else { throw ValidationError("--show must lie between 1 and 200") }
  }

  func run() throws {
    for path in sheet { try SentenceSheet.checkName(path) }
    let run = CaptionRun(directory)
    let captioner = try run.captioner()
    let views =
      switch try run.recipe().subject {
      case .scenes: try SceneReport(captioner, scenes: count, beam: beam).printed(showing: sheet.isEmpty ? 0 : show)
      case .pictures(let folder, let field, let word):
        try PictureScores(
          captioner,
          CaptionSubject.split(folder: data ?? folder, field: field, word: word, side: captioner.network.settings.side),
          most: count, beam: beam
        ).printed(showing: sheet.isEmpty ? 0 : show)
      }
    for path in sheet {
      try SentenceSheet("Sentences about pictures, and where the captioner looked", views).write(to: path)
    }
  }
}

/// How a captioner does on generated scenes.
struct SceneReport {
  private let captioner: Captioner
  private let beam: Int
  private let scores: [(kind: SceneCombinations, accuracy: SlotAccuracy)]
  /// Other scenes than those of any training, whose seeds are small.
  private static let seed: UInt64 = 0x5EED_0FAE_0000_0001

  init(_ captioner: Captioner, scenes: Int, beam: Int) throws {
    (self.captioner, self.beam) = (captioner, beam)
    scores = try SceneCombinations.allCases.map { kind in
      (kind, try captioner.slotAccuracy(on: SceneGenerator(kind, seed: Self.seed), scenes: 0..<scenes, beam: beam))
    }
  }

  /// Prints the table, and gives views of some scenes, of both kinds by turns.
  func printed(showing count: Int) throws -> [SentenceView] {
    let slots = SlotAccuracy.Slot.allCases
    func cell(_ share: Double?) -> String { share.map { String(format: "%9.2f%%", 100 * $0) } ?? "         –" }
    func padded(_ text: String) -> String { String(repeating: " ", count: max(0, 10 - text.count)) + text }
    print("combinations" + (["all slots"] + slots.map(\.rawValue) + ["flawless"]).map(padded).joined())
    for (kind, accuracy) in scores {
      let whole = accuracy.sentences > 0 ? Double(accuracy.flawless) / Double(accuracy.sentences) : nil
      let name = kind.rawValue + String(repeating: " ", count: 12 - kind.rawValue.count)
      print(name + ([accuracy.share()] + slots.map { accuracy.share($0) } + [whole]).map(cell).joined())
    }
    var views: [SentenceView] = []
    for number in 0..<count {
      let kind = SceneCombinations.allCases[number % 2]
      let (scene, sentence) = SceneGenerator(kind, seed: Self.seed).example(number)
      let picture = try Scene.pictures(of: [scene], side: captioner.network.settings.side)
      views += try captioner.views(picture, names: [kind.rawValue], references: [[sentence]], beam: beam)
    }
    return views
  }
}

/// How a captioner does on pictures, compared with what can be said without a network.
struct PictureScores {
  private let captioner: Captioner
  private let test: CaptionedPictures
  private let beam: Int
  private let rows: [(name: String, scores: CaptionScores)]

  init(
    _ captioner: Captioner, _ data: (training: CaptionedPictures, test: CaptionedPictures), most: Int, beam: Int
  ) throws {
    (self.captioner, self.beam) = (captioner, beam)
    // Taken evenly, since neighbors in a folder are alike.
    let count = min(most, data.test.count)
    let test = try data.test.selecting((0..<count).map { $0 * data.test.count / count })
    self.test = test
    let references = test.entries.map(\.sentences)
    let constant = CaptionBaselines.blind(from: data.training)
    let said = try captioner.describe(test.numbers(0..<count), beam: beam)
    let nearest = try CaptionBaselines.nearest(of: test, in: data.training)
    rows = [
      ("the network", said), ("nearest pixels", nearest),
      ("without a picture", [String](repeating: constant, count: count)),
    ].map { ($0.0, CaptionScores($0.1, references: references)) }
  }

  /// Prints the table, and gives views of some pictures.
  func printed(showing count: Int) throws -> [SentenceView] {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let heads = ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "CIDEr", "exact"].map { "  " + padded($0, 6) }.joined()
    print(padded("\(test.count) pictures", 18) + heads)
    for (name, scores) in rows {
      let bleu = scores.bleu.map { String(format: "  %6.2f", 100 * $0) }.joined()
      print(padded(name, 18) + bleu + String(format: "  %6.3f  %5.1f%%", scores.cider, 100 * scores.exact))
    }
    let places = (0..<min(count, test.count)).map { $0 * test.count / max(1, min(count, test.count)) }
    return try places.flatMap { place in
      try captioner.views(
        test.numbers(place..<place + 1), names: [test.entries[place].name], references: [test.entries[place].sentences],
        beam: beam)
    }
  }
}
