import DescentData
import DescentFiles
import Foundation

/// Shows how far training is: one line that is drawn anew on a terminal, a plain line now and then elsewhere.
struct ProgressBar {
  private let isTerminal: Bool
  private let columns: () -> Int?
  private let output: (String) -> Void
  private var lastShown = Date.distantPast

  /// Shows progress on standard error, or where `output` brings it.
  ///
  /// - Parameter columns: The width of the terminal, asked for at each drawing, since it may change.
  init(
    isTerminal: Bool = isatty(STDERR_FILENO) == 1,
    columns: @escaping () -> Int? = { Terminal.columns(of: STDERR_FILENO) },
    output: @escaping (String) -> Void = Self.standardError
  ) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.output = output
  }

  /// Writes for as long as somebody reads: a closed or full file is no reason to end training.
  private static func standardError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// The time between two drawings, in seconds.
  private var interval: Double { isTerminal ? 0.1 : 10 }

  mutating func show(_ progress: TrainingProgress) {
    let now = Date()
    guard now.timeIntervalSince(lastShown) >= interval else { return }
    // The first step includes compilation: nothing can be said of the rate yet.
    if !isTerminal && progress.seconds == 0 { return }
    lastShown = now
    let done = Double(progress.batch) / Double(max(1, progress.batchCount))
    var parts = ["epoch \(progress.epoch + 1)/\(progress.epochCount)"]
    parts.append(Self.percent(done))
    parts += zip(progress.names, progress.means).map { "\($0) \(Self.number($1, $0))" }
    if progress.seconds > 0 {
      parts.append("\(Self.grouped(progress.examplesPerSecond)) examples/s")
      parts += Self.clock(Self.remaining(progress)).map { ["\($0) left"] } ?? []
    }
    write(isTerminal ? fitted(parts, done) : parts.joined(separator: "  "), isFinal: false)
  }

  /// A line with a bar in it, no longer than the terminal is wide: what wraps cannot be drawn anew in place.
  private func fitted(_ parts: [String], _ done: Double) -> String {
    let room = (columns() ?? .max) - 1
    let rest = parts.joined(separator: "  ")
    let width = min(24, room - rest.count - 2)
    guard width >= 4 else { return String(rest.prefix(max(room, 0))) }
    return ([parts[0], Self.bar(done, width: width)] + parts.dropFirst()).joined(separator: "  ")
  }

  mutating func show(_ epoch: TrainingReport.Epoch, _ progress: TrainingProgress) {
    var parts = ["epoch \(epoch.number)/\(progress.epochCount)"]
    parts += progress.names.map { "\($0) \(Self.number(epoch.training[$0] ?? .nan, $0))" }
    parts += progress.names.compactMap { name in
      epoch.validation[name].map { "validation \(name) \(Self.number($0, name))" }
    }
    parts.append(String(format: "%.1f s", epoch.seconds))
    if epoch.seconds > 0 { parts.append("\(Self.grouped(Double(epoch.examples) / epoch.seconds)) examples/s") }
    write(parts.joined(separator: "  "), isFinal: true)
    lastShown = isTerminal ? .distantPast : Date()
  }

  private func write(_ line: String, isFinal: Bool) {
    // Carriage return and erase-to-end draw the line anew in place.
    output(isTerminal ? "\r\(line)\u{1B}[K" + (isFinal ? "\n" : "") : line + "\n")
  }

  private static func remaining(_ progress: TrainingProgress) -> Double {
    // In real numbers: whoever trains until a callback ends it asks for more epochs than whole numbers can count.
    let epochs = Double(progress.epochCount) - Double(progress.epoch)
    let steps = max(0, epochs * Double(progress.batchCount) - Double(progress.batch))
    return steps * progress.seconds / Double(max(1, progress.stepsTimed))
  }

  private static func bar(_ share: Double, width: Int) -> String {
    let full = min(width, max(0, Int((share * Double(width)).rounded(.down))))
    return String(repeating: "━", count: full) + String(repeating: "─", count: width - full)
  }

  private static func percent(_ share: Double) -> String { String(format: "%3.0f %%", share * 100) }

  private static func number(_ value: Double, _ name: String) -> String {
    name == "accuracy" ? String(format: "%.2f %%", value * 100) : String(format: "%.4f", value)
  }

  private static func grouped(_ value: Double) -> String {
    value < 1e15 ? Int(value.rounded()).grouped : String(format: "%.1g", value)
  }

  /// Hours, minutes and seconds; nothing where nobody would wait for the end.
  private static func clock(_ seconds: Double) -> String? {
    guard seconds < 1000 * 3600 else { return nil }
    let whole = Int(seconds.rounded())
    return whole >= 3600
      ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
      : String(format: "%d:%02d", whole / 60, whole % 60)
  }
}
