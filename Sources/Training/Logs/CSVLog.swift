import DescentGraph
import DescentTensors

extension Callback {
  /// Writes the numbers of each epoch, or of steps, as a table of comma-separated values: step, epoch, loss and metrics, and
  /// what callbacks such as `learningRate` recorded last.
  ///
  /// A run that goes on from a checkpoint takes back the lines after it, and writes on. A new one moves what it finds to
  /// `name.earlier-1`.
  ///
  /// - Parameters:
  ///   - path: The file; directories above it are made.
  ///   - interval: When a line is written.
  public static func csv(_ path: String, every interval: LogInterval = .epochs) -> Callback {
    Callback(CSVLog(path, interval))
  }
}

struct CSVLog: TrainingCallback {
  typealias State = StatelessCallback

  private let file: LogFile
  private let interval: LogInterval
  /// The columns so far; the first is the step.
  private let columns = SharedColumns()

  init(_ path: String, _ interval: LogInterval) {
    // A step's line has the number of the epoch that is under way.
    file = LogFile(path, mark: "", epochMark: interval == .epochs ? "," : nil)
    self.interval = interval
  }

  var name: String { "csv \(file.path)" }

  func begin(_ training: TrainingContext, state: inout State) throws {
    let progress = training.progress
    let header = try file.begin(after: progress.stepCount, epochs: progress.epoch, hasHeader: true)
    columns.names = header.map(Self.fields) ?? []
  }

  func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
  ) throws {
    switch (event, interval) {
    case (.step(let progress), .steps(let count)) where progress.stepCount % max(1, count) == 0:
      try write(training, [("epoch", Double(progress.epoch + 1))] + pairs(training.numbers))
    case (.epoch(let epoch, _), .epochs):
      let validation = epoch.validation.map { ("validation \($0.name)", $0.value) }
      let place = [("epoch", Double(epoch.number)), ("seconds", epoch.seconds)]
      try write(training, place + pairs(epoch.training) + validation)
    default: break
    }
  }

  private func pairs(_ means: Means) -> [(String, Double)] { means.map { ($0.name, $0.value) } }

  private func write(_ training: TrainingContext, _ numbers: [(String, Double)]) throws {
    let all = [("step", Double(training.progress.stepCount))] + numbers + pairs(training.recordedNumbers)
    let fresh = all.map(\.0).filter { !columns.names.contains($0) }
    if !fresh.isEmpty {
      let isFirst = columns.names.isEmpty
      columns.names += fresh
      let header = columns.names.map(Self.quoted).joined(separator: ",")
      let filling = String(repeating: ",", count: fresh.count)
      let rows = isFirst ? [] : try file.lines().dropFirst().map { $0 + filling }
      try file.rewrite([header] + rows)
    }
    let values = Dictionary(all) { first, _ in first }
    try file.append(columns.names.map { values[$0].map(Self.text) ?? "" }.joined(separator: ","))
  }

  private static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.replacing("\"", with: "\"\"").replacing("\n", with: " ") + "\""
  }

  /// The fields of a header.
  private static func fields(_ line: String) -> [String] {
    var (fields, field, isQuoted, wasQuoted) = ([String](), "", false, false)
    for character in line {
      switch (character, isQuoted) {
      case ("\"", _):
        // A doubled mark ends and begins again, and stands for one.
        if !isQuoted, wasQuoted { field.append("\"") }
        wasQuoted = isQuoted
        isQuoted.toggle()
      case (",", false):
        fields.append(field)
        (field, wasQuoted) = ("", false)
      default: field.append(character)
      }
    }
    return fields + [field]
  }
}

/// The columns of a table that grows.
private final class SharedColumns: Sendable {
  private let kept = Guarded<[String]>([])
  var names: [String] {
    get { kept.withLock { $0 } }
    set { kept.withLock { $0 = newValue } }
  }
}
