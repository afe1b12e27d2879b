import Descent
import Foundation

/// Trials for other programs.
enum StudyExport {
  /// The names of the parameters of trials, in the order in which they first occur.
  static func parameterNames(_ trials: [TrialRecord]) -> [String] {
    var names: [String] = []
    var known: Set<String> = []
    for trial in trials {
      for name in trial.settings.keys.sorted() where known.insert(name).inserted { names.append(name) }
    }
    return names
  }

  // MARK: CSV

  /// A row for each trial. Columns are called as Optuna calls them: `values_error`, `params_rate`, `user_attrs_log`.
  static func csv(_ record: StudyRecord, _ trials: [TrialRecord]) -> String {
    let objectives = record.description.objectives
    let names = parameterNames(trials)
    let notes = Set(trials.flatMap(\.notes.keys)).sorted()
    let constraints = trials.map(\.violations.count).max() ?? 0
    var rows = [
      ["number", "state"] + objectives.map { "values_\($0.name)" } + names.map { "params_\($0)" }
        + (0..<constraints).map { "constraints_\($0)" } + notes.map { "user_attrs_\($0)" }
        + ["datetime_start", "datetime_complete", "worker", "attempts", "message"]
    ]
    for trial in trials {
      var row = ["\(trial.number)", trial.state.rawValue]
      row += objectives.indices.map { trial.values.indices.contains($0) ? number(trial.values[$0]) : "" }
      row += names.map { name in trial.settings[name].map { text($0, trial.domains[name]) } ?? "" }
      row += (0..<constraints).map { trial.violations.indices.contains($0) ? number(trial.violations[$0]) : "" }
      row += notes.map { trial.notes[$0] ?? "" }
      row += [date(trial.start), date(trial.end), trial.worker, "\(trial.attempts)", trial.message]
      rows.append(row)
    }
    return rows.map { $0.map(field).joined(separator: ",") + "\n" }.joined()
  }

  /// A field in quotes where it holds what would end it.
  private static func field(_ text: String) -> String {
    let ends: Set<Character> = [",", "\"", "\n", "\r", "\r\n"]
    guard text.contains(where: ends.contains) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
  }

  /// A parameter's value as a program would be given it.
  static func text(_ setting: Setting, _ domain: Domain?) -> String {
    switch (setting, domain) {
    case (.real(let value), _): return number(value)
    case (.integer(let value), _): return "\(value)"
    case (.toggle(let isOn), _): return isOn ? "true" : "false"
    case (.choice(let place), .choice(let options)) where options.indices.contains(place): return options[place]
    case (.choice(let place), _): return "\(place)"
    case (.subset(let places), .subset(let options)), (.permutation(let places), .permutation(let options)):
      return places.map { options.indices.contains($0) ? options[$0] : "\($0)" }.joined(separator: " ")
    case (.subset(let places), _), (.permutation(let places), _):
      return places.map { "\($0)" }.joined(separator: " ")
    }
  }

  private static func date(_ date: Date?) -> String {
    date?.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) ?? ""
  }

  // MARK: JSON

  private struct StudyEntry: Encodable {
    var name: String
    var objectives: [ObjectiveEntry]
    var method: String
    var began: String
    var space: Space?
    var trials: [TrialEntry]
  }

  private struct ObjectiveEntry: Encodable {
    var name: String
    var direction: String
  }

  private struct TrialEntry: Encodable {
    var number: Int
    var state: TrialRecord.State
    var values: [Double]
    var parameters: [String: Value]
    var constraints: [Double]?
    var reports: [String: Double]?
    var notes: [String: String]?
    var message: String?
    var worker: String
    var attempts: Int
    var began: String?
    var ended: String?

    init(_ trial: TrialRecord) {
      number = trial.number
      state = trial.state
      values = trial.values
      parameters = Dictionary(
        uniqueKeysWithValues: trial.settings.map { ($0.key, Value(setting: $0.value, domain: trial.domains[$0.key])) })
      constraints = trial.violations.isEmpty ? nil : trial.violations
      reports =
        trial.reports.isEmpty
        ? nil : Dictionary(uniqueKeysWithValues: trial.reports.map { ("\($0.key)", $0.value) })
      notes = trial.notes.isEmpty ? nil : trial.notes
      message = trial.message.isEmpty ? nil : trial.message
      worker = trial.worker
      attempts = trial.attempts
      began = trial.start == nil ? nil : date(trial.start)
      ended = trial.end == nil ? nil : date(trial.end)
    }
  }

  /// A parameter's value as JSON has it: a number, a text, true or false, a list of texts.
  private struct Value: Encodable {
    var setting: Setting
    var domain: Domain?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch (setting, domain) {
      case (.real(let value), _): try container.encode(value)
      case (.integer(let value), _): try container.encode(value)
      case (.toggle(let isOn), _): try container.encode(isOn)
      case (.subset(let places), .subset(let options)), (.permutation(let places), .permutation(let options)):
        try container.encode(places.map { options.indices.contains($0) ? options[$0] : "\($0)" })
      default: try container.encode(text(setting, domain))
      }
    }
  }

  static func json(_ record: StudyRecord, _ trials: [TrialRecord]) throws -> String {
    let description = record.description
    return try json(
      StudyEntry(
        name: description.name,
        objectives: description.objectives.map {
          ObjectiveEntry(name: $0.name, direction: $0.isMinimized ? "minimize" : "maximize")
        },
        method: description.method, began: date(record.start), space: description.space,
        trials: trials.map(TrialEntry.init)))
  }

  /// One trial is an object, several are a list.
  static func json(_ trials: [TrialRecord]) throws -> String {
    let entries = trials.map(TrialEntry.init)
    return entries.count == 1 ? try json(entries[0]) : try json(entries)
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
