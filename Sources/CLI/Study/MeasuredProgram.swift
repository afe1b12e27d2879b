import Descent
import DescentData
import Foundation

/// A program that prints what came of a setting: numbers, one for each objective, on its last line; and before it, on lines
/// of their own, intermediate values and those that constraints speak of.
struct MeasuredProgram: StudyMeasurement {
  /// What is asked of a program.
  struct Request {
    /// A command of the shell, with `{NAME}` for the value of a parameter and `{trial}` for the trial's number.
    var command: String
    /// How many numbers its last line has.
    var objectives = 1
    /// After how many seconds it is ended.
    var timeLimit: Double?
    /// The form of the lines that report intermediate values; `nil` for none.
    var report: ReportPattern?
    /// What has to hold of what it prints.
    var constraints: [StudyConstraints.Measured] = []
  }

  let names: [String]
  private let request: Request
  private let space: Space

  /// How much of what a program printed is kept with a trial that failed or was pruned.
  private static let keptCharacters = 4_000

  /// - Throws: `ExplainError` where the command does not use a parameter.
  init(_ request: Request, over space: Space) throws {
    for parameter in space.parameters where !request.command.contains("{\(parameter.name)}") {
      throw ExplainError("--command does not use '\(parameter.name)': say {\(parameter.name)} where its value belongs")
    }
    guard !request.command.utf8.contains(0) else { throw ExplainError("--command holds a zero byte") }
    self.request = request
    self.space = space
    let count = request.objectives
    names = count == 1 ? ["value"] : (1...max(count, 1)).map { "value\($0)" }
  }

  func values(_ trial: Trial) throws -> [Double] {
    var line = request.command
    var numbers: [String: Double] = [:]
    for parameter in space.parameters {
      let setting = trial.setting(parameter.name, parameter.domain)
      line = line.replacing("{\(parameter.name)}", with: StudyExport.text(setting, parameter.domain))
      numbers[parameter.name] = parameter.domain.number(of: setting)
    }
    if space.domains["trial"] == nil { line = line.replacing("{trial}", with: "\(trial.number)") }
    let ended = try run(line, trial)
    do {
      if let error = ended.error { throw error }
      let values = try values(ended)
      trial.report(violations: try violations(ended.output, numbers))
      return values
    } catch {
      let printed = [ended.output.text, ended.complaint].filter { !$0.isEmpty }.joined(separator: "\n")
      try trial.note(String(printed.suffix(Self.keptCharacters)), as: "output")
      throw error
    }
  }

  private struct Ended {
    var output: ProgramOutput
    var complaint: String
    var status: CInt
    /// Why it was ended, where it did not end by itself.
    var error: (any Error)?
  }

  private func run(_ line: String, _ trial: Trial) throws -> Ended {
    let (started, errorNumber) = ChildProcess.start(["/bin/sh", "-c", line], leadsGroup: true)
    guard let child = started else {
      throw ProgramFailure("/bin/sh cannot be started: \(String(cString: strerror(errorNumber)))")
    }
    let begin = ContinuousClock.now
    var output = ProgramOutput(
      request.report, names: request.constraints.reduce(into: []) { $0.formUnion($1.names) })
    var isOpen = true
    var reason: (any Error)?
    do {
      try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
        while isOpen || !child.hasEnded() {
          if trial.isCanceled { throw ProgramFailure("the study ended") }
          if let limit = request.timeLimit, ContinuousClock.now - begin > .seconds(limit) {
            throw ProgramFailure("it did not end within \(short(limit)) s")
          }
          guard isOpen else {
            usleep(5_000)
            continue
          }
          switch child.next(into: buffer, milliseconds: 50) {
          case .output(let count): try report(output.add(UnsafeRawBufferPointer(rebasing: buffer[..<count])), to: trial)
          case .silence: break
          case .end: isOpen = false
          }
        }
      }
      try report(output.end(), to: trial)
    } catch {
      child.end()
      reason = error
    }
    let (status, complaint) = child.finish()
    return Ended(output: output, complaint: complaint, status: status, error: reason)
  }

  private func report(_ reports: [ProgramOutput.Report], to trial: Trial) throws {
    for report in reports { try trial.report(report.value, at: report.step) }
  }

  private func values(_ ended: Ended) throws -> [Double] {
    guard ended.status == 0 else {
      let how = ended.status < 0 ? "signal \(-ended.status) ended it" : "it ended with status \(ended.status)"
      let complaint = ended.complaint.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
      let words = complaint.map(NamedValues.trimmed) ?? ended.output.result
      throw ProgramFailure(how + (words.map { ": \($0)" } ?? ""))
    }
    let count = names.count == 1 ? "a number" : "\(names.count) numbers"
    guard let line = ended.output.result else {
      throw ProgramFailure(
        ended.output.text.allSatisfy(\.isWhitespace)
          ? "it printed nothing, where \(count) is needed"
          : "it printed intermediate values alone; its last line has to be its result, \(count)")
    }
    let numbers = line.split { $0.isWhitespace || $0 == "," || $0 == ";" }.map { Double($0) }
    guard numbers.count == names.count, !numbers.contains(nil) else {
      throw ProgramFailure("its last line is '\(line.prefix(200))', where \(count) is needed")
    }
    return numbers.compactMap { $0 }
  }

  /// How far what was printed is from meeting each constraint.
  private func violations(_ output: ProgramOutput, _ settings: [String: Double]) throws -> [Double] {
    try request.constraints.map { constraint in
      var numbers = settings
      for name in constraint.names.sorted() {
        guard let text = output.values[name] else {
          throw ProgramFailure("it printed no line '\(name): NUMBER', which --constraint '\(constraint.text)' needs")
        }
        guard let number = Double(text) else {
          throw ProgramFailure("it printed '\(name): \(text.prefix(200))', where a number is needed")
        }
        numbers[name] = number
      }
      return constraint.violation.value { numbers[$0] } ?? .nan
    }
  }
}

/// A program that gave no number.
struct ProgramFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
