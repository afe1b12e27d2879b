import DescentData
import DescentFiles
import DescentGraph

/// A text file that grows by lines, each of which begins with the step it is of, so that a run that goes on from a
/// checkpoint takes back what was written after it.
final class LogFile: Sendable {
  private struct State {
    var file: OpenFile?
  }

  let path: String
  /// What a line begins with before the number of its step.
  private let mark: String
  /// What follows it in lines of epochs, before the number of the epoch; `nil` where there are none.
  private let epochMark: String?
  private let state = Guarded(State())

  init(_ path: String, mark: String, epochMark: String?) {
    (self.path, self.mark, self.epochMark) = (path, mark, epochMark)
  }

  /// Opens the file: as a new one before the first step, what was there being moved to `name.earlier-1`; otherwise without
  /// the lines of later steps and of epochs that have not ended, and without one that was not finished.
  ///
  /// - Parameters:
  ///   - step: The number of steps done.
  ///   - epochs: The number of epochs that have ended.
  ///   - hasHeader: Whether the first line is kept in any case.
  /// - Returns: The first line of what is kept, where there is any.
  /// - Throws: `FileError`.
  func begin(after step: Int, epochs: Int, hasHeader: Bool) throws -> String? {
    try FileSystem.makeDirectory(FileSystem.parent(of: path))
    var lines = try lines()[...]
    guard step > 0 else {
      if !lines.isEmpty { try setAside() }
      try rewrite([])
      return nil
    }
    let header = hasHeader ? lines.popFirst() : nil
    let kept = (header.map { [$0] } ?? []) + lines.filter { isOf($0, step, epochs) }
    try rewrite(kept)
    return kept.first
  }

  /// Whether a line was written no later than after a step and a number of epochs.
  private func isOf(_ line: String, _ step: Int, _ epochs: Int) -> Bool {
    func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
    guard line.hasPrefix(mark) else { return false }
    let rest = line.dropFirst(mark.count)
    guard let number = Int(rest.prefix(while: isDigit)), number <= step else { return false }
    // The step that ends an epoch may be in a checkpoint to which the epoch's end is still to come.
    let after = rest.drop(while: isDigit)
    guard let epochMark, after.hasPrefix(epochMark) else { return true }
    return Int(after.dropFirst(epochMark.count).prefix(while: isDigit)).map { $0 <= epochs } ?? true
  }

  private func setAside() throws {
    let free = (1...).lazy.map { "\(self.path).earlier-\($0)" }.first { FileSystem.kind(at: $0) == nil }
    if let free { try FileSystem.move(path, to: free) }
  }

  /// The lines that there are and were finished.
  func lines() throws -> [String] {
    switch FileSystem.kind(at: path) {
    case nil, .regular(byteCount: 0): return []
    default:
      let text = String(decoding: try FileContents.read(path), as: UTF8.self)
      return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
  }

  /// Puts lines in the place of all.
  func rewrite(_ lines: [String]) throws {
    let text = lines.map { $0 + "\n" }.joined()
    try state.withLock { state in
      state.file = nil
      try AtomicFile.write(to: path) { file in try Array(text.utf8).withUnsafeBytes { try file.append($0) } }
      state.file = try OpenFile.appending(path)
    }
  }

  /// Adds a line.
  func append(_ line: String) throws {
    try state.withLock { state in
      if state.file == nil { state.file = try OpenFile.appending(path) }
      try Array((line + "\n").utf8).withUnsafeBytes { try state.file?.append($0) }
    }
  }
}

/// When a log writes a line.
public enum LogInterval: Sendable, Hashable {
  /// After each epoch, with its means and those of validation.
  case epochs
  /// After every so many steps, with the numbers of the step.
  case steps(Int)
}
