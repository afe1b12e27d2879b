import Descent
import DescentData
import Foundation

/// A program that prints what came of a setting: numbers, one for each objective, on its last line.
struct MeasuredProgram: StudyMeasurement {
  let names: [String]
  private let command: String
  private let space: Space
  private let timeLimit: Double?

  /// How much of what a program printed is kept with a trial that failed.
  private static let keptCharacters = 4_000

  /// - Parameters:
  ///   - command: A command of the shell, with `{NAME}` for the value of a parameter and `{trial}` for the trial's number.
  ///   - count: How many numbers it prints.
  ///   - timeLimit: After how many seconds it is ended.
  /// - Throws: `ExplainError` where it does not use a parameter.
  init(_ command: String, over space: Space, objectives count: Int, timeLimit: Double?) throws {
    for parameter in space.parameters where !command.contains("{\(parameter.name)}") {
      throw ExplainError("--command does not use '\(parameter.name)': say {\(parameter.name)} where its value belongs")
    }
    guard !command.utf8.contains(0) else { throw ExplainError("--command holds a zero byte") }
    self.command = command
    self.space = space
    self.timeLimit = timeLimit
    names = count == 1 ? ["value"] : (1...max(count, 1)).map { "value\($0)" }
  }

  func values(_ trial: Trial) throws -> [Double] {
    var line = command
    for parameter in space.parameters {
      let value = StudyExport.text(trial.setting(parameter.name, parameter.domain), parameter.domain)
      line = line.replacing("{\(parameter.name)}", with: value)
    }
    if space.domains["trial"] == nil { line = line.replacing("{trial}", with: "\(trial.number)") }
    let ended = try run(line, trial)
    do {
      return try numbers(ended)
    } catch {
      let printed = [ended.output, ended.complaint].filter { !$0.isEmpty }.joined(separator: "\n")
      try trial.note(String(printed.suffix(Self.keptCharacters)), as: "output")
      throw error
    }
  }

  private struct Ended {
    var output: String
    var complaint: String
    var status: CInt
    /// Why it was ended, where it did not end by itself.
    var reason: String?
  }

  private func run(_ line: String, _ trial: Trial) throws -> Ended {
    let (started, errorNumber) = ChildProcess.start(["/bin/sh", "-c", line], leadsGroup: true)
    guard let child = started else {
      throw ProgramFailure("/bin/sh cannot be started: \(String(cString: strerror(errorNumber)))")
    }
    let begin = ContinuousClock.now
    var output: [UInt8] = []
    var isOpen = true
    var reason: String?
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      while isOpen || !child.hasEnded() {
        if trial.isCanceled { reason = "the study ended" }
        if let timeLimit, ContinuousClock.now - begin > .seconds(timeLimit) {
          reason = "it did not end within \(short(timeLimit)) s"
        }
        if reason != nil {
          child.end()
          break
        }
        guard isOpen else {
          usleep(5_000)
          continue
        }
        switch child.next(into: buffer, milliseconds: 50) {
        case .output(let count):
          output.append(contentsOf: buffer[..<count])
          // The last line counts, and a program may print for days.
          if output.count > 1 << 20 { output.removeFirst(output.count - 1 << 16) }
        case .silence: break
        case .end: isOpen = false
        }
      }
    }
    let (status, complaint) = child.finish()
    return Ended(
      output: String(decoding: output, as: UTF8.self), complaint: complaint, status: status, reason: reason)
  }

  private func numbers(_ ended: Ended) throws -> [Double] {
    func lastLine(_ text: String) -> String? {
      text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map(NamedValues.trimmed)
    }
    if let reason = ended.reason { throw ProgramFailure(reason) }
    guard ended.status == 0 else {
      let how = ended.status < 0 ? "signal \(-ended.status) ended it" : "it ended with status \(ended.status)"
      let words = lastLine(ended.complaint) ?? lastLine(ended.output)
      throw ProgramFailure(how + (words.map { ": \($0)" } ?? ""))
    }
    let count = names.count == 1 ? "a number" : "\(names.count) numbers"
    guard let line = lastLine(ended.output) else {
      throw ProgramFailure("it printed nothing, where \(count) is needed")
    }
    let numbers = line.split { $0.isWhitespace || $0 == "," || $0 == ";" }.map { Double($0) }
    guard numbers.count == names.count, !numbers.contains(nil) else {
      throw ProgramFailure("its last line is '\(line.prefix(200))', where \(count) is needed")
    }
    return numbers.compactMap { $0 }
  }
}

/// A program that gave no number.
struct ProgramFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
