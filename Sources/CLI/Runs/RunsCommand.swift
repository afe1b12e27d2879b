import ArgumentParser
import Descent
import Foundation

/// Lists, shows, compares and deletes the directories that trainings keep.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists, shows, compares and deletes runs: directories of trainings.",
    subcommands: [List.self, Show.self, Compare.self, Delete.self])

  /// One line for each run.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "A line for each run: how it stands, what it is made of, what came of it.")

    @Argument(help: "The directory in which to look for runs.")
    var directory = "runs"

    func run() throws {
      let runs = try RunDirectory.all(in: directory)
      guard !runs.isEmpty else {
        throw FileError(directory, RunTexts.isDirectory(directory) ? "holds no run" : "no such directory")
      }
      print(RunTexts.list(runs))
    }
  }

  /// All of one run.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows what a run is made of, and its epochs.")

    @Argument(help: "The directory of the run.")
    var directory: String

    @Flag(help: "The table of the model's parameters, too.")
    var model = false

    func run() throws { print(try RunTexts.whole(RunDirectory(directory), withModel: model)) }
  }

  /// Several runs side by side.
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare", abstract: "Shows in what runs differ, and what came of each.")

    @Argument(help: "The directories of two runs or more.")
    var runs: [String]

    @Option(help: "A number to compare by, such as loss or accuracy.")
    var by = "loss"

    @Option(help: "Writes its curves to a file, as .svg or .txt.")
    var curves: String?

    func validate() throws {
      guard runs.count >= 2 else { throw ValidationError("give the directories of two runs or more") }
    }

    func run() throws {
      let directories = runs.map { RunDirectory($0) }
      print(try RunTexts.comparison(directories, by: by))
      if let curves { try RunCurves.write(directories, by: by, to: curves) }
    }
  }

  /// Deletes runs.
  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Deletes runs with all that is in their directories.")

    @Argument(help: "The directories of the runs.")
    var runs: [String]

    @Flag(help: "Does not ask.")
    var yes = false

    func validate() throws {
      guard !runs.isEmpty else { throw ValidationError("give the directory of a run") }
    }

    func run() throws {
      // All are looked at before the first one goes.
      for run in runs { try RunDirectory(run).checkDeletable() }
      if !yes {
        print("Delete \(runs.joined(separator: ", ")) with all that is in there? [y/N] ", terminator: "")
        fflush(nil)
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
          print("nothing was deleted")
          return
        }
      }
      for run in runs {
        try RunDirectory(run).delete()
        print("deleted \(run)")
      }
    }
  }
}
