import Foundation

/// What a program has printed: its lines told apart as they come, of which the end is kept.
struct ProgramOutput {
  typealias Report = (step: Int, value: Double)

  /// The last line that is neither a report nor a named value.
  private(set) var result: String?
  /// What it printed last of each value that is asked for, by name.
  private(set) var values: [String: String] = [:]
  private let pattern: ReportPattern?
  private let names: Set<String>
  private var kept: [UInt8] = []
  /// A line that has not ended.
  private var rest: [UInt8] = []

  /// How much of what was printed, and of one line, is kept.
  private static let longest = 1 << 16

  /// - Parameters:
  ///   - pattern: The form of reports, `nil` where there are none.
  ///   - names: The values that lines such as `memory: 6.5` give.
  init(_ pattern: ReportPattern?, names: Set<String>) { (self.pattern, self.names) = (pattern, names) }

  /// The end of what was printed.
  var text: String { String(decoding: kept, as: UTF8.self) }

  /// Adds what came, and gives what lines that have ended with it report.
  mutating func add(_ bytes: UnsafeRawBufferPointer) -> [Report] {
    kept.append(contentsOf: bytes)
    // A program may print for days.
    if kept.count > 16 * Self.longest { kept.removeFirst(kept.count - Self.longest) }
    var reports: [Report] = []
    for part in bytes.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 10 || $0 == 13 }).enumerated() {
      if part.offset > 0, let report = line() { reports.append(report) }
      rest.append(contentsOf: part.element)
      if rest.count > 2 * Self.longest { rest.removeFirst(rest.count - Self.longest) }
    }
    return reports
  }

  /// What a last line without an end reports.
  mutating func end() -> [Report] { line().map { [$0] } ?? [] }

  private mutating func line() -> Report? {
    defer { rest.removeAll(keepingCapacity: true) }
    let text = NamedValues.trimmed(String(decoding: rest, as: UTF8.self)[...])
    guard !text.isEmpty else { return nil }
    if let report = pattern?.report(text) { return report }
    if let colon = text.firstIndex(of: ":") {
      let name = NamedValues.trimmed(text[..<colon])
      if names.contains(name) {
        values[name] = NamedValues.trimmed(text[text.index(after: colon)...])
        return nil
      }
    }
    result = text
    return nil
  }
}
