import Descent
import DescentGraph
import Foundation

/// Writes a line to standard error for each trial of a program that has ended.
final class TrialTeller: Sendable {
  /// The measured constraints.
  let constraints: [String]
  /// The form of the lines without which nothing can be pruned; `nil` where nothing is to be.
  let reports: String?
  private let hasWarned = Guarded(false)

  init(constraints: [String], reports: String?) { (self.constraints, self.reports) = (constraints, reports) }

  func tell(of record: TrialRecord) {
    let settings = record.settings.sorted { $0.key < $1.key }.map {
      "\($0.key) \(StudyExport.text($0.value, record.domains[$0.key]))"
    }
    var result = "\(record.state.rawValue): \(record.message)"
    if record.state == .complete {
      result = record.values.map(StudyTexts.number).joined(separator: ", ")
      let missed = zip(constraints, record.violations).filter { !($0.1 <= 0) }
      if !missed.isEmpty {
        let words = missed.map { "\($0.0) by \(StudyTexts.number($0.1))" }
        result += ", misses " + words.joined(separator: ", ")
      }
    }
    say("trial \(record.number): \(result) (\(settings.joined(separator: ", ")))")
    guard let reports, record.state == .complete, record.reports.isEmpty else { return }
    let isFirst = hasWarned.withLock { warned in
      defer { warned = true }
      return !warned
    }
    if isFirst {
      say(
        "Warning: trial \(record.number) printed no line of the form '\(reports)', without which --prune ends nothing")
    }
  }

  private func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
