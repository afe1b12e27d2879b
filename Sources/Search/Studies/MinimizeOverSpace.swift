import DescentGraph
import DescentPlotting
import DescentTensors

/// Looks for the lowest point of a function of a tensor in a space, without its derivatives.
///
/// ```swift
/// let found = try minimize(branin, over: ["x": .real(-5...10), "y": .real(0...15)], by: .bayesian(seed: 1), trials: 40)
/// print(found.point, found.value)
/// ```
///
/// The function is given the parameters' numbers as a tensor of one axis, in the order of the space: reals and integers as
/// they are, a toggle as 0 or 1, a choice as its position, a subset as 0 or 1 for each option, a permutation as positions.
/// As many points as the method asks for at a time are evaluated side by side by one compiled plan; a function that cannot
/// be recorded, because it reads tensors, is called for one point after the other.
///
/// - Parameters:
///   - function: Gives one number from a tensor of one axis. What is not a number counts as failed.
///   - space: The parameters, which are always there.
///   - sampler: The method that chooses points.
///   - trials: How many points are tried.
///   - stops: When the search ends earlier.
///   - elementType: The floating-point type of the tensor.
/// - Returns: The lowest point that was found. Where the surrounding task is canceled, the lowest until then.
/// - Throws: `SearchError` where the space or the method makes no sense, or no value is a number; what the function throws.
public func minimize(
  _ function: @escaping @Sendable (Tensor) throws -> Tensor, over space: Space, by sampler: some Sampler,
  trials: Int = 1_000, until stops: [StudyStop] = [], elementType: ElementType = .float64
) throws -> SpaceMinimum {
  let study = try Study("minimize", over: space, minimizing: "value", by: sampler)
  return try SpaceSearch(study, space, function, elementType).run(trials: trials, until: stops)
}

/// Looks for the highest point of a function of a tensor in a space, without its derivatives; all else is as in
/// `minimize(_:over:by:trials:until:elementType:)`.
public func maximize(
  _ function: @escaping @Sendable (Tensor) throws -> Tensor, over space: Space, by sampler: some Sampler,
  trials: Int = 1_000, until stops: [StudyStop] = [], elementType: ElementType = .float64
) throws -> SpaceMinimum {
  let study = try Study("maximize", over: space, maximizing: "value", by: sampler)
  return try SpaceSearch(study, space, function, elementType).run(trials: trials, until: stops)
}

/// The best point of a space that a search without derivatives has found.
public struct SpaceMinimum: Sendable {
  /// The point's numbers, of one axis, in the order of the space.
  public let point: Tensor
  /// The function's value there.
  public let value: Double
  /// The point's parameters, by name.
  public let settings: Settings
  /// All points that were tried.
  public let report: StudyReport
  /// Whether the function was recorded, and points were evaluated side by side.
  public let isVectorized: Bool
}

extension SpaceMinimum: CustomStringConvertible {
  /// One line: the value, the settings, and how many points were tried.
  public var description: String {
    let parts = settings.sorted { $0.key < $1.key }.map { name, setting -> String in
      if case .real(let value) = setting { return "\(name) \(NumberText.short(value, digits: 6))" }
      return "\(name) \(report.best.domains[name]?.text(of: setting) ?? "\(setting)")"
    }
    let tried = "after \(report.trials.count) points; \(report.end)"
    return "\(NumberText.short(value, digits: 8)) at \(parts.joined(separator: ", ")), \(tried)"
  }
}

/// The loop that tries points side by side.
private final class SpaceSearch {
  /// How many points are evaluated at once where the method does not say.
  private static let usual = 256
  private static let most = 65_536

  private let study: Study
  private let space: Space
  private let function: @Sendable (Tensor) throws -> Tensor
  private let elementType: ElementType
  private let batch: Int
  private let plan: Compiled<Tensor, Tensor>
  /// Whether the function can be recorded; `nil` before it was tried.
  private var isRecorded: Bool?

  init(
    _ study: Study, _ space: Space, _ function: @escaping @Sendable (Tensor) throws -> Tensor,
    _ elementType: ElementType
  ) throws {
    for parameter in space.parameters {
      guard let condition = parameter.condition else { continue }
      throw SearchError(
        study.name, "\(parameter.name) is there only when \(condition), and a tensor has all of its numbers")
    }
    guard elementType.isFloatingPoint else {
      throw SearchError(study.name, "points of \(elementType), where a floating-point type is needed")
    }
    (self.study, self.space, self.function, self.elementType) = (study, space, function, elementType)
    batch = min(max(study.sampler.width ?? Self.usual, 1), Self.most)
    plan = compiled { (points: Tensor) in
      let many = vectorized(over: 0, of: function)
      return try many(points)
    }
  }

  func run(trials: Int, until stops: [StudyStop]) throws -> SpaceMinimum {
    guard trials >= 1 else { throw SearchError(study.name, "\(trials) trials, where 1 or more are needed") }
    for stop in stops { try stop.check() }
    let most = study.sampler.trialCount(in: space) ?? .max
    let (clock, begin) = (ContinuousClock(), ContinuousClock.now)
    var (watch, end) = (StudyWatch(stops), nil as StudyEnd?)
    while end == nil {
      var asked: [Trial] = []
      while asked.count < batch, let trial = try study.begin(below: min(trials, most), by: "\(study.worker).0") {
        asked.append(trial)
      }
      guard !asked.isEmpty else {
        end = trials <= most ? .trials : .exhausted
        break
      }
      let points = asked.map { numbers($0.settings) }
      for (trial, value) in zip(asked, try values(points)) { try study.tell(trial, value) }
      let seconds = (clock.now - begin) / .seconds(1)
      end = Task.isCancelled ? .canceled : seconds >= watch.seconds ? .time : try watch.end(of: study)
    }
    let report = try study.report(end ?? .trials)
    let best = report.best
    return SpaceMinimum(
      point: Tensor(numbers(best.settings), elementType), value: best.values[0], settings: best.settings,
      report: report, isVectorized: isRecorded ?? false)
  }

  private func numbers(_ settings: Settings) -> [Double] {
    space.parameters.flatMap { parameter -> [Double] in
      switch (parameter.domain, settings[parameter.name]) {
      case (_, .real(let value)?): return [value]
      case (_, .integer(let value)?): return [Double(value)]
      case (_, .choice(let place)?): return [Double(place)]
      case (_, .toggle(let isOn)?): return [isOn ? 1 : 0]
      case (.subset(let options), .subset(let places)?): return options.indices.map { places.contains($0) ? 1 : 0 }
      case (_, .permutation(let places)?): return places.map(Double.init)
      default: return [.nan]
      }
    }
  }

  private func values(_ points: [[Double]]) throws -> [Double] {
    if isRecorded ?? true {
      // A last batch is filled up, so that the plan is used again.
      let rows = points + (points.count..<max(batch, points.count)).map { _ in points[0] }
      do {
        let values = try checked(try plan(Tensor(rows, elementType)).scalars(), rows.count)
        isRecorded = true
        return Array(values.prefix(points.count))
      } catch {
        if isRecorded == true { throw error }
        // What is wrong with the function itself, not with its recording, is thrown by a call.
        _ = try value(points[0])
        isRecorded = false
      }
    }
    return try points.map(value)
  }

  private func value(_ point: [Double]) throws -> Double {
    try checked(try function(Tensor(point, elementType)).scalars(), 1)[0]
  }

  private func checked(_ values: [Double], _ count: Int) throws -> [Double] {
    guard values.count == count else {
      throw TensorError(study.name, "the function gives \(values.count / max(count, 1)) numbers, where one is needed")
    }
    return values
  }
}
