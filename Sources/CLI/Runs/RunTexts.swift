import Descent
import Foundation

/// Runs as tables.
enum RunTexts {
  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  // MARK: A list

  static func list(_ runs: [RunDirectory]) -> String {
    var rows = [["run", "status", "model", "optimizer", "epochs", "loss", "validation", "best", "time"]]
    for run in runs {
      do {
        let (configuration, summary) = (try run.configuration(), try run.summary())
        let report = summary.report
        let best = summary.best(.validation()).map { "\(number($0.value)) (\($0.epoch))" } ?? "–"
        rows.append([
          run.path, status(run, summary), configuration.training.modelType,
          shortened(configuration.training.optimizer, to: 32),
          "\(report.epochs.count)/\(epochs(configuration.training.epochs))",
          number(report.epochs.last?.training["loss"]),
          number(report.epochs.last?.validation["loss"]), best, time(summary.seconds),
        ])
      } catch { rows.append([run.path, "damaged: \(error)"] + [String](repeating: "", count: 7)) }
    }
    return table(rows)
  }

  private static func status(_ run: RunDirectory, _ summary: RunSummary) -> String {
    // Only a process that ends properly says so; one that trains holds the directory.
    summary.status == .running && !run.isInUse ? "interrupted" : summary.status.rawValue
  }

  // MARK: One run

  static func whole(_ run: RunDirectory, withModel: Bool) throws -> String {
    let (configuration, summary) = (try run.configuration(), try run.summary())
    var parts = [table(settings(configuration, summary, status(run, summary)), hasHeader: false)]
    if withModel { parts.append(configuration.modelSummary) }
    if !summary.report.epochs.isEmpty { parts.append(epochs(summary.report)) }
    if let chart = try RunCurves.text(run) { parts.append(chart) }
    return parts.joined(separator: "\n\n")
  }

  private static func settings(
    _ configuration: RunConfiguration, _ summary: RunSummary, _ status: String
  ) -> [[String]] {
    let (training, report) = (configuration.training, summary.report)
    var rows = [
      ["status", status], ["began", configuration.began.formatted(.iso8601)],
      ["command", configuration.command.joined(separator: " ")], ["in", configuration.workingDirectory],
      ["model", training.modelType], ["optimizer", training.optimizer], ["loss", training.loss],
      ["metrics", training.metrics.isEmpty ? "–" : training.metrics.joined(separator: ", ")],
      ["seed", "\(training.seed)"], ["examples", "\(training.examples) in \(training.batches) batches"],
      ["steps", "\(report.stepCount)"], ["time", time(summary.seconds)],
    ]
    if summary.optimizer != training.optimizer, !summary.optimizer.isEmpty {
      rows.append(["optimizer now", summary.optimizer])
    }
    if let precision = training.precision { rows.append(["precision", precision]) }
    if let commit = configuration.commit { rows.append(["commit", commit]) }
    rows += [("versions", configuration.versions), ("machine", configuration.machine), ("notes", configuration.notes)]
      .filter { !$0.1.isEmpty }
      .map { [$0.0, $0.1.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")] }
    if let reason = report.stopReason { rows.append(["stopped", reason]) }
    if let error = summary.error { rows.append(["error", error]) }
    return rows
  }

  private static func epochs(_ report: TrainingReport) -> String {
    let training = report.epochs.last?.training.names ?? []
    let validation = report.epochs.last?.validation.names ?? []
    var rows = [["epoch"] + training + validation.map { "validation \($0)" } + ["time"]]
    for epoch in report.epochs {
      rows.append(
        ["\(epoch.number)"] + training.map { number(epoch.training[$0]) }
          + validation.map { number(epoch.validation[$0]) } + [time(epoch.seconds)])
    }
    return table(rows)
  }

  // MARK: Several runs

  static func comparison(_ runs: [RunDirectory], by name: String) throws -> String {
    let all = try runs.map { (try $0.configuration(), try $0.summary()) }
    let settings: [(String, (RunConfiguration) -> String)] = [
      ("model", { $0.training.modelType }), ("optimizer", { $0.training.optimizer }), ("loss", { $0.training.loss }),
      ("metrics", { $0.training.metrics.joined(separator: ", ") }), ("seed", { "\($0.training.seed)" }),
      ("precision", { $0.training.precision ?? "–" }), ("epochs", { epochs($0.training.epochs) }),
      ("batches", { "\($0.training.batches)" }), ("examples", { "\($0.training.examples)" }),
      ("commit", { $0.commit ?? "–" }), ("command", { $0.command.joined(separator: " ") }),
    ]
    var rows = [[""] + runs.map(\.path)]
    for (title, value) in settings {
      let values = all.map { value($0.0) }
      // What all have in common does not tell them apart.
      if Set(values).count > 1 { rows.append([title] + values.map { shortened($0, to: 40) }) }
    }
    let notes = Set(all.flatMap { $0.0.notes.keys }).sorted()
    for note in notes { rows.append([note] + all.map { shortened($0.0.notes[note] ?? "–", to: 40) }) }
    rows.append(["epochs done"] + all.map { "\($0.1.report.epochs.count)" })
    rows.append([name] + all.map { number($0.1.report.epochs.last?.training[name]) })
    rows.append(["validation \(name)"] + all.map { number($0.1.report.epochs.last?.validation[name]) })
    for (title, goal) in [("smallest", MonitoredNumber.Goal.smallest), ("largest", .largest)] {
      let best = all.map { $0.1.best(.validation(name, goal)) }
      guard best.contains(where: { $0 != nil }) else { continue }
      rows.append(
        ["\(title) validation \(name)"] + best.map { $0.map { "\(number($0.value)) in epoch \($0.epoch)" } ?? "–" })
    }
    rows.append(["time"] + all.map { time($0.1.seconds) })
    guard all.contains(where: { $0.1.report.epochs.contains { $0.training[name] != nil } }) else {
      let known = Set(all.flatMap { $0.1.report.epochs.last?.training.names ?? [] }).sorted().joined(separator: ", ")
      throw TensorError("compare", "no run reports \(name)\(known.isEmpty ? "" : "; there are \(known)")")
    }
    return table(rows)
  }

  // MARK: Words

  private static func number(_ value: Double?) -> String {
    guard let value else { return "–" }
    return value == 0 || (1e-3..<1e6).contains(abs(value))
      ? String(format: "%.4f", value) : String(format: "%.3g", value)
  }

  private static func epochs(_ count: Int) -> String { count > 1_000_000_000 ? "∞" : "\(count)" }

  private static func time(_ seconds: Double) -> String {
    if seconds.isNaN { return "–" }
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(min(seconds, 1e12).rounded())
    return whole < 3600
      ? String(format: "%d:%02d", whole / 60, whole % 60)
      : String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }

  private static func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }

  /// Rows of cells as lines, each column as wide as its widest cell.
  static func table(_ rows: [[String]], hasHeader: Bool = true) -> String {
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
