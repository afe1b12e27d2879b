import Descent
import Foundation

/// Studies and trials as tables.
enum StudyTexts {
  // MARK: A list

  static func list(_ studies: [(record: StudyRecord, trials: [TrialRecord])]) -> String {
    var rows = [["study", "looks for", "method", "trials", "best", "began"]]
    for (record, trials) in studies {
      let description = record.description
      let report = try? StudyReport(record, trials)
      let best = report.map { $0.chosen.count == 1 ? values($0.best) : "a front of \($0.chosen.count)" }
      rows.append([
        description.name, shortened(description.objectives.map(\.description).joined(separator: ", "), to: 48),
        shortened(description.method, to: 40), counts(trials), best ?? "–", record.start.formatted(.iso8601),
      ])
    }
    return table(rows)
  }

  // MARK: One study

  static func whole(_ record: StudyRecord, _ trials: [TrialRecord], last: Int) -> String {
    let description = record.description
    var rows = [
      ["study", description.name],
      ["looks for", description.objectives.map(\.description).joined(separator: ", ")],
      ["method", description.method], ["began", record.start.formatted(.iso8601)],
      ["trials", trials.isEmpty ? "none" : counts(trials)],
    ]
    let workers = Set(trials.map(\.worker).filter { !$0.isEmpty }).count
    if workers > 1 { rows.append(["workers", "\(workers)"]) }
    if let best = (try? StudyReport(record, trials))?.best {
      rows.append(["best", "trial \(best.number): \(values(best))"])
    }
    for parameter in description.space?.parameters ?? [] {
      rows.append([parameter.name, "\(parameter.domain)\(parameter.condition.map { ", when \($0)" } ?? "")"])
    }
    var parts = [table(rows, hasHeader: false)]
    if !trials.isEmpty { parts.append(self.trials(Array(trials.suffix(last)), of: description)) }
    if trials.count > last { parts.append("\(trials.count - last) earlier trials are not shown: --last 0 shows all") }
    return parts.joined(separator: "\n\n")
  }

  /// A line for each trial.
  static func trials(_ trials: [TrialRecord], of study: StudyDescription) -> String {
    let names = StudyExport.parameterNames(trials)
    let isEach = Set(trials.map(\.state)) != [.complete]
    let hasMessages = trials.contains { !$0.message.isEmpty }
    var titles = ["trial"]
    if isEach { titles.append("state") }
    titles += study.objectives.map { shortened($0.name, to: 32) } + names
    titles.append("time")
    if hasMessages { titles.append("why") }
    var rows = [titles]
    for trial in trials {
      var row = ["\(trial.number)"]
      if isEach { row.append(trial.state.rawValue) }
      for place in study.objectives.indices {
        row.append(trial.values.indices.contains(place) ? number(trial.values[place]) : "–")
      }
      for name in names { row.append(setting(name, of: trial)) }
      row.append(time(trial))
      if hasMessages { row.append(shortened(trial.message, to: 80)) }
      rows.append(row)
    }
    return table(rows)
  }

  private static func setting(_ name: String, of trial: TrialRecord) -> String {
    guard let setting = trial.settings[name] else { return "–" }
    if case .real(let value) = setting { return number(value) }
    return trial.domains[name]?.text(of: setting) ?? "\(setting)"
  }

  // MARK: Words

  static func counts(_ trials: [TrialRecord]) -> String {
    let counts = TrialRecord.State.allCases.compactMap { state -> String? in
      let count = trials.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }
    return counts.isEmpty ? "none" : counts.joined(separator: ", ")
  }

  private static func values(_ trial: TrialRecord) -> String { trial.values.map(number).joined(separator: ", ") }

  static func number(_ value: Double) -> String { short(value) }

  private static func time(_ trial: TrialRecord) -> String {
    guard let start = trial.start, let end = trial.end else { return "–" }
    let seconds = max(end.timeIntervalSince(start), 0)
    return seconds < 100 ? String(format: "%.2f s", seconds) : String(format: "%.0f s", min(seconds, 1e12))
  }

  private static func shortened(_ text: String, to length: Int) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count <= length ? line : line.prefix(length - 1) + "…"
  }

  /// Rows of cells as lines, each column as wide as its widest cell.
  private static func table(_ rows: [[String]], hasHeader: Bool = true) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    if hasHeader { lines.insert(String(repeating: "─", count: lines.map(\.count).max() ?? 0), at: 1) }
    return lines.joined(separator: "\n")
  }
}
