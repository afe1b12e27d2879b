import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Trains on generated scenes and shows what came of it.
struct CaptionDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Trains a captioner on generated scenes, judges it and shows where it looks.")

  @Flag(help: "Trains a small network briefly, only to show that everything works.")
  var short = false

  @Option(help: "The directory of the run; the one that an earlier demo wrote there is replaced where none is given.")
  var out = defaultRun

  private static let defaultRun = "runs/caption-demo"

  func run() throws {
    if out == Self.defaultRun, RunDirectory(out).isRun { try RunDirectory(out).delete() }
    let begin = ContinuousClock.now
    let recipe = short ? CaptionRecipe.scenes.shortened : .scenes
    let steps = recipe.scenesPerEpoch / recipe.batchSize * recipe.epochs
    print("Training a captioner on generated scenes: \(steps) steps of \(recipe.batchSize).")
    let captioner = try Captioner.train(
      on: .scenes, recipe: recipe, keepingIn: out, callbacks: [.progress, .interruptible])
    print(
      "\nDescribing scenes that it has never seen, of combinations that it has seen and of such that were held out.")
    let views = try SceneReport(captioner, scenes: short ? 100 : 2_000, beam: 1).printed(showing: 8)
    for kind in ["attention.png", "attention.html"] {
      try SentenceSheet("Scenes, sentences about them, and where the captioner looked", views).write(
        to: "\(out)/\(kind)")
    }
    for view in views.prefix(4) { print("  \(view.references.first ?? "")\n    → \(view.sentence)") }
    print(String(format: "\ntrained and judged in %.0f s", begin.duration(to: .now).seconds))
    print("where it looked: \(out)/attention.png and \(out)/attention.html")
    print("describe a picture:  descent caption scenes scenes && descent caption describe \(out) scenes/1.png")
  }
}
