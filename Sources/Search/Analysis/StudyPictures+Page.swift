import DescentFiles
import DescentPlotting
import Foundation

extension StudyPictures {
  /// All pictures on one page in HTML, with the best trials and a table of all: one file, without scripts, that needs
  /// nothing from elsewhere.
  ///
  /// Contours are those of the two numbers that matter most. Pictures that have nothing to show are left out.
  ///
  /// - Throws: What drawing throws.
  /// - Complexity: O(n³) for n trials, of the models that contours are made of.
  public func page() throws -> String {
    var sections: [(title: String, body: String)] = []
    for objective in objectives.indices where !completed(objective).isEmpty {
      let own = objectives.count > 1 ? ": \(name(objective))" : ""
      sections.append(("History" + own, try history(objective: objective).svg()))
      if completed(objective).count >= 4 {
        let found = try Importances(of: trials, objective: objective)
        if !found.shares.isEmpty { sections.append(("Importance" + own, try importances(objective: objective).svg())) }
        let numbers = found.shares.map(\.name).filter { name in
          domains.contains { $0.name == name && $0.domain.isNumeric }
        }
        if numbers.count >= 2 {
          sections.append(("Contours" + own, try contours(numbers[0], numbers[1], objective: objective).svg()))
        }
      }
      sections.append(("Parallel coordinates" + own, try parallelCoordinates(objective: objective).svg()))
      let slices = slices(objective: objective)
      if !slices.charts.isEmpty { sections.append(("Slices" + own, try slices.svg())) }
    }
    for (first, second) in zip(objectives.indices, objectives.indices.dropFirst()) {
      sections.insert(("Front", try front(first, second).svg()), at: 0)
    }
    if trials.contains(where: { !$0.reports.isEmpty }) {
      sections.append(("Intermediate values", try reports().svg()))
    }
    if trials.contains(where: { $0.start != nil }) { sections.append(("Workers", try timeline().svg())) }
    let shown = SVG.escaped(title)
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(shown)</title>
      <style>
      \(Self.styles)
      </style>
      </head>
      <body>
      <h1>\(shown)</h1>
      <p>\(SVG.escaped(summary))</p>

      """
    if !best.isEmpty {
      page += "<h2>\(objectives.count > 1 ? "Front" : "Best")</h2>\n" + table(best)
    }
    page += "<div class=\"pictures\">\n"
    for (title, body) in sections {
      page += "<figure aria-label=\"\(SVG.escaped(title))\">\n\(body)</figure>\n"
    }
    return page + "</div>\n<h2>Trials</h2>\n" + table(trials) + "</body>\n</html>\n"
  }

  /// Writes the page to a file, and nothing else.
  ///
  /// - Throws: What drawing throws; `FileError` where the file cannot be written.
  public func write(to path: String) throws {
    let page = try page()
    try Array(page.utf8).withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }

  private static let styles = """
    :root { color-scheme: light dark; }
    body { font-family: Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif; margin: 16px;
      background: #ffffff; color: #1c2430; }
    h1 { font-size: 24px; } h2 { font-size: 18px; }
    .pictures { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-start; }
    figure { margin: 0; border: 1px solid #9aa3b0; border-radius: 6px; overflow: hidden; max-width: 100%; }
    figure svg { display: block; max-width: 100%; height: auto; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: 13px; }
    th, td { padding: 3px 10px; text-align: left; border-bottom: 1px solid #e4e7ec; white-space: nowrap; }
    @media (prefers-color-scheme: dark) {
      body { background: #14171c; color: #eceff4; }
      th, td { border-color: #2b313b; }
    }
    """

  private var summary: String {
    let counts = TrialRecord.State.allCases.compactMap { state -> String? in
      let count = trials.count { $0.state == state }
      return count > 0 ? "\(count) \(state.rawValue)" : nil
    }
    return objectives.map(\.description).joined(separator: ", ") + ". \(trials.count) trials"
      + (counts.isEmpty ? "." : ": " + counts.joined(separator: ", ") + ".")
  }

  /// The best trial, or those of the front.
  private var best: [TrialRecord] {
    let whole = trials.filter { trial in
      trial.state == .complete && trial.isFeasible && trial.values.count == objectives.count
        && !trial.values.contains(where: \.isNaN)
    }
    let points = whole.map { trial in
      trial.values.indices.map { isMinimized($0) ? trial.values[$0] : -trial.values[$0] }
    }
    let front = (nonDominatedFronts(of: points).first ?? []).map { whole[$0] }
    return objectives.count > 1 ? front : Array(front.prefix(1))
  }

  private func table(_ trials: [TrialRecord]) -> String {
    let domains = domains
    let violations = trials.contains { !$0.violations.isEmpty }
    let names =
      ["trial", "state"] + objectives.map(\.name) + (violations ? ["violation"] : []) + domains.map(\.name)
    var text = "<div class=\"wide\"><table>\n<tr>" + names.map { "<th>\(SVG.escaped($0))</th>" }.joined() + "</tr>\n"
    for trial in trials {
      var cells = ["\(trial.number)", trial.state.rawValue]
      cells += objectives.indices.map {
        trial.values.indices.contains($0) ? NumberText.short(trial.values[$0], digits: 6) : ""
      }
      if violations { cells.append(NumberText.short(trial.totalViolation, digits: 3)) }
      cells += domains.map { name, domain in
        switch trial.settings[name] {
        case .real(let value): NumberText.short(value, digits: 5)
        case .integer(let value): "\(value)"
        case let setting?: domain.text(of: setting)
        case nil: ""
        }
      }
      text += "<tr>" + cells.map { "<td>\(SVG.escaped($0))</td>" }.joined() + "</tr>\n"
    }
    return text + "</table></div>\n"
  }
}
