import DescentPlotting
import Foundation

/// Pictures of a study's trials: single ones, and a page with all of them.
///
/// ```swift
/// let pictures = StudyPictures("digits", [.minimizing("error")], trials)
/// try pictures.history().write(to: "history.svg")
/// try pictures.write(to: "digits.html")
/// ```
///
/// A picture for which there is nothing to draw yet is empty axes.
public struct StudyPictures: Sendable {
  /// What stands above all.
  public var title: String
  /// What is looked for.
  public var objectives: [StudyObjective]
  /// The trials, by number.
  public var trials: [TrialRecord]

  /// Pictures of some trials.
  ///
  /// - Parameters:
  ///   - title: What stands above all, such as the study's name.
  ///   - objectives: What is looked for.
  ///   - trials: The trials.
  public init(_ title: String, _ objectives: [StudyObjective], _ trials: [TrialRecord]) {
    self.title = title
    self.objectives = objectives
    self.trials = trials.sorted { $0.number < $1.number }
  }

  // MARK: What is drawn

  /// The trials that completed with a finite result.
  func completed(_ objective: Int) -> [TrialRecord] {
    trials.filter { $0.state == .complete && $0.values.indices.contains(objective) && $0.values[objective].isFinite }
  }

  func name(_ objective: Int) -> String {
    objectives.indices.contains(objective) ? objectives[objective].name : "value"
  }

  func isMinimized(_ objective: Int) -> Bool {
    objectives.indices.contains(objective) ? objectives[objective].isMinimized : true
  }

  /// The domains of all parameters, those of the most trials first.
  var domains: [(name: String, domain: Domain)] {
    var found: [String: (domain: Domain, count: Int)] = [:]
    for trial in trials {
      for (name, domain) in trial.domains { found[name] = (domain, (found[name]?.count ?? 0) + 1) }
    }
    return found.sorted { (-$0.value.count, $0.key) < (-$1.value.count, $1.key) }.map { ($0.key, $0.value.domain) }
  }

  // MARK: One objective

  /// The result of each trial, with the best so far; trials that violate a measured constraint are gray and count for
  /// nothing.
  public func history(objective: Int = 0) -> Chart {
    let whole = completed(objective)
    let (feasible, other) = (whole.filter(\.isFeasible), whole.filter { !$0.isFeasible })
    var best: [Double] = []
    for trial in feasible {
      let value = trial.values[objective]
      best.append(best.last.map { isMinimized(objective) ? min($0, value) : max($0, value) } ?? value)
    }
    func numbers(_ trials: [TrialRecord]) -> [Double] { trials.map { Double($0.number) } }
    var marks: [Chart.Mark] = []
    if !other.isEmpty {
      marks.append(
        .scatter(numbers(other), other.map { $0.values[objective] }, name: "violates a constraint").colored(-1))
    }
    marks.append(.scatter(numbers(feasible), feasible.map { $0.values[objective] }, name: "trial").colored(0))
    if let last = trials.last, let least = best.last {
      marks.append(
        .steps(numbers(feasible) + [Double(last.number)], best + [least], name: "best so far").colored(1))
    }
    return Chart("History", x: "trial", y: .init(name(objective)), marks)
  }

  /// The results over the values of each parameter, in the colors of the trials' numbers.
  public func slices(objective: Int = 0) -> Figure {
    let whole = completed(objective)
    let charts = domains.compactMap { name, domain -> Chart? in
      let shown = whole.filter { $0.settings[name] != nil }
      guard !shown.isEmpty else { return nil }
      return Chart(
        x: axis(name, domain), y: .init(self.name(objective)),
        [
          .scatter(
            shown.map { coordinate($0, name, domain) }, shown.map { $0.values[objective] },
            shades: shown.map { Double($0.number) })
        ], width: 360, height: 300)
    }
    return Figure("Slices, in the colors of the trials' numbers", charts, columns: 2)
  }

  /// The results over two parameters as colors and lines of equal height, as a Gaussian process of the two expects them,
  /// with the trials.
  ///
  /// - Throws: `SearchError` where a parameter is not known, or is not a number.
  public func contours(_ first: String, _ second: String, objective: Int = 0) throws -> Chart {
    let known = Dictionary(domains.map { ($0.name, $0.domain) }) { first, _ in first }
    func domain(_ name: String) throws -> Domain {
      guard let domain = known[name] else { throw SearchError(name, "no trial has this parameter") }
      guard domain.isNumeric else { throw SearchError(name, "contours are drawn over numbers, and this is \(domain)") }
      return domain
    }
    let (across, up) = (try domain(first), try domain(second))
    let whole = completed(objective).filter { $0.settings[first] != nil && $0.settings[second] != nil }
    let rows = whole.map { trial in
      [across, up].enumerated().map { index, domain in
        trial.settings[index == 0 ? first : second].map { domain.features(of: $0)[0] } ?? 0.5
      }
    }
    var marks: [Chart.Mark] = []
    let (horizontal, vertical) = (range(across), range(up))
    if whole.count >= 3, horizontal.lowerBound < horizontal.upperBound, vertical.lowerBound < vertical.upperBound {
      let process = try GaussianProcess(
        fitting: whole.map { $0.values[objective] }, at: rows, restarts: 0)
      let steps = 40
      var places: [[Double]] = []
      for row in 0..<steps {
        for column in 0..<steps {
          places.append([Double(column) / Double(steps - 1), Double(row) / Double(steps - 1)])
        }
      }
      let means = try process.prediction(at: places).means
      let grid = (0..<steps).map { Array(means[$0 * steps..<($0 + 1) * steps]) }
      marks.append(.field(grid, x: horizontal, y: vertical, colors: .sequential))
      marks.append(.contours(grid, x: horizontal, y: vertical))
    }
    marks.append(
      .scatter(
        whole.map { place($0, first, across) }, whole.map { place($0, second, up) }, radius: 3.5
      ).colored(1))
    return Chart(
      "\(name(objective)) over \(first) and \(second)", x: .init(axisTitle(first, across), range: horizontal),
      y: .init(axisTitle(second, up), range: vertical), marks)
  }

  /// How much each parameter matters, as bars.
  ///
  /// - Throws: `SearchError` where fewer than two trials have completed.
  public func importances(objective: Int = 0, by method: Importances.Method = .variance) throws -> Chart {
    let found = try Importances(of: trials, objective: objective, by: method)
    let rows = found.shares.indices.map(Double.init)
    return Chart(
      "Importance", subtitle: "share of the variance of \(name(objective)) that comes from a parameter alone",
      x: .init("", format: .percent), y: .init("", labels: found.shares.map(\.name)),
      [.spans(from: rows.map { _ in 0.0 }, to: found.shares.map(\.share), rows: rows)],
      height: max(160, 110 + 34 * Double(found.shares.count)))
  }

  /// Each trial as a line over an axis for each parameter and one for the result.
  public func parallelCoordinates(objective: Int = 0) -> ParallelCoordinates {
    let whole = completed(objective)
    var axes = domains.map { name, domain in
      ParallelCoordinates.Axis(
        name, whole.map { $0.settings[name] == nil ? .nan : coordinate($0, name, domain) },
        domain.scale == .logarithmic ? .logarithmic : .linear, labels: labels(domain))
    }
    axes.append(.init(name(objective), whole.map { $0.values[objective] }))
    return ParallelCoordinates(
      "Parallel coordinates", axes, minimized: isMinimized(objective), width: max(720, 100 * Double(axes.count)))
  }

  /// The intermediate values of each trial; those that were pruned are gray and end where they were.
  public func reports() -> Chart {
    var marks: [Chart.Mark] = []
    for state in [TrialRecord.State.pruned, .complete] {
      for trial in trials where trial.state == state && !trial.reports.isEmpty {
        let steps = trial.reports.keys.sorted()
        let values = steps.map { trial.reports[$0] ?? .nan }
        let isPruned = state == .pruned
        marks.append(
          .line(steps.map(Double.init), values, name: isPruned ? "pruned" : "completed").colored(isPruned ? -1 : 0))
        if isPruned, let last = steps.last, let value = values.last {
          marks.append(.scatter([Double(last)], [value], radius: 2.5).colored(1))
        }
      }
    }
    return Chart("Intermediate values", x: "step", y: .init(name(0)), marks)
  }

  // MARK: Several objectives

  /// Two objectives of each trial, with the trials that no other is better than in both.
  public func front(_ first: Int = 0, _ second: Int = 1) -> Chart {
    let whole = completed(first).filter { $0.values.indices.contains(second) && $0.values[second].isFinite }
    let feasible = whole.filter(\.isFeasible)
    let points = feasible.map { trial in
      [first, second].map { isMinimized($0) ? trial.values[$0] : -trial.values[$0] }
    }
    let best = (nonDominatedFronts(of: points).first ?? []).map { feasible[$0] }
      .sorted { ($0.values[first], $0.number) < ($1.values[first], $1.number) }
    func mark(_ trials: [TrialRecord], _ name: String, _ color: Int, _ radius: Double) -> Chart.Mark {
      .scatter(trials.map { $0.values[first] }, trials.map { $0.values[second] }, name: name, radius: radius)
        .colored(color)
    }
    var marks = [mark(feasible, "trial", 0, 3)]
    let other = whole.filter { !$0.isFeasible }
    if !other.isEmpty { marks.insert(mark(other, "violates a constraint", -1, 3), at: 0) }
    marks.append(mark(best, "front", 1, 4.5))
    return Chart("Front", x: .init(name(first)), y: .init(name(second)), marks)
  }

  // MARK: Workers

  /// When each worker ran which trial.
  public func timeline() -> Chart {
    let timed = trials.filter { $0.start != nil }
    let begin = timed.compactMap(\.start).min()
    let latest = timed.map { $0.end ?? $0.start }.compactMap { $0 }.max()
    let workers = Array(Set(timed.map(\.worker))).sorted()
    var marks: [Chart.Mark] = []
    let looks: [(state: TrialRecord.State, name: String, color: Int)] = [
      (.complete, "completed", 0), (.pruned, "pruned", 4), (.failed, "failed", 1), (.running, "running", 2),
    ]
    for look in looks {
      let shown = timed.filter { $0.state == look.state }
      guard !shown.isEmpty, let begin else { continue }
      func seconds(_ date: Date?) -> Double { date.map { $0.timeIntervalSince(begin) } ?? .nan }
      marks.append(
        .spans(
          from: shown.map { seconds($0.start) }, to: shown.map { seconds($0.end ?? latest) },
          rows: shown.map { Double(workers.firstIndex(of: $0.worker) ?? 0) }, name: look.name
        ).colored(look.color))
    }
    return Chart(
      "Workers", x: "seconds since the first trial began",
      y: .init("", labels: workers.map { $0.isEmpty ? "worker" : $0 }), marks,
      height: max(200, 130 + 34 * Double(workers.count)))
  }

  // MARK: Values on axes

  private func axisTitle(_ name: String, _ domain: Domain) -> String {
    domain.scale == .logarithmic ? "log₁₀ \(name)" : name
  }

  private func axis(_ name: String, _ domain: Domain) -> Chart.Axis {
    .init(name, domain.scale == .logarithmic ? .logarithmic : .linear, labels: labels(domain))
  }

  /// What stands for 0, 1, 2 and so on; nothing for numbers.
  private func labels(_ domain: Domain) -> [String] {
    switch domain {
    case .real, .integer: []
    case .choice(let options): options
    case .toggle: ["off", "on"]
    case .subset, .permutation: texts(domain)
    }
  }

  /// The values of a domain of many that trials have had.
  private func texts(_ domain: Domain) -> [String] {
    var seen: Set<String> = []
    for trial in trials {
      for (name, own) in trial.domains where own == domain {
        if let setting = trial.settings[name] { seen.insert(domain.text(of: setting)) }
      }
    }
    return seen.sorted()
  }

  /// A value as an axis shows it.
  private func coordinate(_ trial: TrialRecord, _ name: String, _ domain: Domain) -> Double {
    switch trial.settings[name] {
    case .real(let value): value
    case .integer(let value): Double(value)
    case .choice(let place): Double(place)
    case .toggle(let isOn): isOn ? 1 : 0
    case .subset?, .permutation?:
      trial.settings[name].flatMap { texts(domain).firstIndex(of: domain.text(of: $0)) }.map(Double.init) ?? .nan
    case nil: .nan
    }
  }

  /// A number on an even scale.
  private func place(_ trial: TrialRecord, _ name: String, _ domain: Domain) -> Double {
    let value = coordinate(trial, name, domain)
    return domain.scale == .logarithmic ? log10(value) : value
  }

  private func range(_ domain: Domain) -> ClosedRange<Double> {
    func even(_ value: Double) -> Double { domain.scale == .logarithmic ? log10(value) : value }
    switch domain {
    case .real(let range, _, _): return even(range.lowerBound)...even(range.upperBound)
    case .integer(let range, _, _): return even(Double(range.lowerBound))...even(Double(range.upperBound))
    default: return 0...1
    }
  }
}

extension Domain {
  /// How its numbers are spread; evenly where it has none.
  fileprivate var scale: Scale {
    switch self {
    case .real(_, let scale, _), .integer(_, let scale, _): scale
    default: .linear
    }
  }
}
