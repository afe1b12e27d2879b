import Foundation

/// A process that runs trials, as others can recognize it.
struct WorkerProcess: Hashable, Sendable {
  /// The machine since it was started, and the container, outside of which the number means something else.
  let place: String
  let identifier: pid_t
  /// When it began, in the system's own measure: numbers of processes come again.
  let start: String

  static let current = WorkerProcess(
    place: "\(machine) \(content("/proc/sys/kernel/random/boot_id")) \(container)",
    identifier: getpid(), start: start(of: getpid()) ?? "")

  /// A line for each part.
  var text: String { "\(place)\n\(identifier)\n\(start)" }

  /// Whether it is known to have ended; what runs elsewhere may live or not.
  var isGone: Bool {
    guard place == Self.current.place, self != Self.current else { return false }
    if kill(identifier, 0) != 0, errno == ESRCH { return true }
    guard let found = Self.start(of: identifier) else { return false }
    return found != start
  }

  /// The field 22 of what the system tells of a process, and whether it has only not been buried yet.
  private static func start(of identifier: pid_t) -> String? {
    let text = content("/proc/\(identifier)/stat")
    // The program's name, in brackets, may hold anything.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19 else { return nil }
    return fields[0] == "Z" || fields[0] == "X" ? "ended" : String(fields[19])
  }

  private static var machine: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "" }
    return withUnsafeBytes(of: &names.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static var container: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
  }

  private static func content(_ path: String) -> String {
    (FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension WorkerProcess {
  /// Reads what `text` gives; `nil` where it is not that.
  init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 3, let identifier = pid_t(lines[1]) else { return nil }
    self.init(place: String(lines[0]), identifier: identifier, start: String(lines[2]))
  }
}
