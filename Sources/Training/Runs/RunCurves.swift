import DescentFiles
import DescentPlotting
import DescentTensors

/// The curves of runs over their epochs: a chart for each number, of training and of validation.
package enum RunCurves {
  /// Writes a run's curves, a file `loss.svg` for each number.
  static func write(_ report: TrainingReport, to folder: String) throws {
    guard !report.epochs.isEmpty else { return }
    try FileSystem.makeDirectory(folder)
    for name in names(of: report) {
      let file = String(name.map { $0.isLetter || $0.isNumber || "-_ ".contains($0) ? $0 : "_" })
      try chart(name, [("", report)]).write(to: "\(folder)/\(file).svg")
    }
  }

  /// Writes a number of several runs over their epochs, as `.svg` or `.txt`.
  ///
  /// - Throws: `FileError` of a run that cannot be read, or of the file.
  package static func write(_ runs: [RunDirectory], by name: String, to path: String) throws {
    let titles = titles(of: runs.map(\.path))
    try chart(name, zip(titles, runs).map { ($0, try $1.summary().report) }).write(to: path)
  }

  /// Paths without the folders in which all of them lie: what tells them apart is what a narrow chart has room for.
  static func titles(of paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: "/") }
    guard let first = parts.first, let fewest = parts.map(\.count).min(), fewest > 0 else { return paths }
    let shared = (0..<(fewest - 1)).prefix { place in parts.allSatisfy { $0[place] == first[place] } }.count
    return shared == 0 ? paths : parts.map { $0.dropFirst(shared).joined(separator: "/") }
  }

  /// A run's loss over its epochs, for a terminal; `nil` where there are fewer than two.
  package static func text(_ run: RunDirectory) throws -> String? {
    let report = try run.summary().report
    return report.epochs.count < 2 ? nil : "\(chart("loss", [("", report)]))"
  }

  private static func names(of report: TrainingReport) -> [String] {
    var names: [String] = []
    for epoch in report.epochs {
      names += (epoch.training.names + epoch.validation.names).filter { !names.contains($0) }
    }
    return names
  }

  /// A number of some reports over the epochs: full lines are of validation where there is one, dashed ones of training.
  static func chart(_ name: String, _ reports: [(title: String, report: TrainingReport)]) -> Chart {
    var marks: [Chart.Mark] = []
    for (place, (title, report)) in reports.enumerated() {
      func line(_ kind: String, _ value: (TrainingReport.Epoch) -> Double?) -> Chart.Mark? {
        let points = report.epochs.compactMap { epoch in value(epoch).map { (Double(epoch.number), $0) } }
        guard !points.isEmpty else { return nil }
        let label = title.isEmpty ? kind : "\(title), \(kind)"
        return .line(points.map(\.0), points.map(\.1), name: label).colored(
          title.isEmpty && kind == "training" ? 1 : place)
      }
      let validation = line("validation") { $0.validation[name] }
      let training = line("training") { $0.training[name] }
      marks += [validation == nil ? training : training?.dashed(), validation].compactMap { $0 }
    }
    return Chart(name, x: "epoch", y: Chart.Axis(name), marks)
  }
}
