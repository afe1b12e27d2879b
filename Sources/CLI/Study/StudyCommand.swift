import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Runs studies, and lists, shows, exports and deletes those that a storage keeps.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Searches settings by trials, and shows what came of them.",
    subcommands: [StudyRunCommand.self, List.self, Show.self, Best.self, Export.self, Delete.self])

  /// One line for each study.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "A line for each study: what it looks for, its trials, the best of them.")

    @OptionGroup var place: StudyPlace

    func run() throws {
      let storage = try place.opened()
      let studies = try storage.studies()
      guard !studies.isEmpty else { throw SearchError(storage.name, "holds no study") }
      print(StudyTexts.list(try studies.map { ($0, try storage.trials(of: $0.id, from: 0)) }))
    }
  }

  /// All of one study.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows what a study is, and its trials.")

    @Argument(help: "The study's name; it may be left out where there is one alone.")
    var name: String?

    @OptionGroup var place: StudyPlace

    @Option(help: "How many trials to show, from the last; 0 for all.")
    var last = 50

    @Option(help: "Writes a page with charts of the trials into this file.")
    var html: String?

    func validate() throws {
      guard last >= 0 else { throw ValidationError("--last must be 0 or more") }
    }

    func run() throws {
      if let html { try FileContents.checkWritable(html) }
      let (record, trials) = try place.study(name)
      if let html { try StudyReport(record, trials).pictures.write(to: html) }
      print(StudyTexts.whole(record, trials, last: last == 0 ? trials.count : last))
    }
  }

  /// The best of one study.
  struct Best: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "best", abstract: "Shows the best trial of a study, or the front of one with several objectives.")

    @Argument(help: "The study's name; it may be left out where there is one alone.")
    var name: String?

    @OptionGroup var place: StudyPlace

    @Flag(help: "Prints JSON.")
    var json = false

    func run() throws {
      let (record, trials) = try place.study(name)
      let report = try StudyReport(record, trials)
      if json {
        print(try StudyExport.json(report.chosen), terminator: "")
      } else {
        print(StudyTexts.trials(report.chosen, of: record.description))
      }
    }
  }

  /// All trials of one study, for other programs.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Writes a study's trials as CSV or JSON.")

    @Argument(help: "The study's name; it may be left out where there is one alone.")
    var name: String?

    @OptionGroup var place: StudyPlace

    @Option(help: "The file, as .csv or .json; without one, CSV is printed.")
    var out: String?

    @Flag(help: "Writes JSON, whatever the file is called.")
    var json = false

    func run() throws {
      let (record, trials) = try place.study(name)
      let isJSON = json || out?.lowercased().hasSuffix(".json") == true
      let text = isJSON ? try StudyExport.json(record, trials) : StudyExport.csv(record, trials)
      guard let out else { return print(text, terminator: "") }
      try FileContents.write(Array(text.utf8), to: out)
    }
  }

  /// Deletes studies.
  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Deletes studies with all their trials.")

    @Argument(help: "The studies' names.")
    var names: [String]

    @OptionGroup var place: StudyPlace

    @Flag(help: "Does not ask.")
    var yes = false

    func validate() throws {
      guard !names.isEmpty else { throw ValidationError("give the name of a study") }
    }

    func run() throws {
      let storage = try place.opened()
      // All are looked at before the first one goes.
      let records = try names.map { try StudyPlace.record($0, in: storage) }
      if !yes {
        let words = records.map { "\($0.description.name) (\($0.trialCount) trials)" }.joined(separator: ", ")
        print("Delete \(words) from \(storage.name)? [y/N] ", terminator: "")
        fflush(nil)
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
          print("nothing was deleted")
          return
        }
      }
      for record in records {
        try storage.deleteStudy(record.id)
        print("deleted \(record.description.name)")
      }
    }
  }
}

extension StudyReport {
  /// What came of a study that is kept.
  init(_ record: StudyRecord, _ trials: [TrialRecord]) throws {
    let description = record.description
    try self.init(
      name: description.name, objectives: description.objectives, method: description.method, trials: trials)
  }

  /// The best trial, or the front where there are several objectives.
  var chosen: [TrialRecord] { objectives.count == 1 || front.isEmpty ? [best] : front }
}
