import DescentPlotting
import DescentTensors
import DescentTypes

/// The minima, or the maxima, that searches from many starts found.
public struct Minima<Point: Sendable>: Sendable {
  /// A minimum, with the searches that led to it.
  public struct Member: Sendable {
    /// The best of what these searches found.
    public let minimum: Minimum<Point>
    /// Which starts led here, by their place.
    public let starts: [Int]
  }

  /// All minima, the lowest first, or all maxima, the highest first; those that lie as close together as rounding explains
  /// are one.
  public let all: [Member]
  /// The searches that came to no rest, with the best point that each saw.
  public let unfinished: [(start: Int, result: Minimum<Point>)]
  /// The starts that could not be searched from, such as those where the function is not a number.
  public let failures: [(start: Int, error: any Error)]

  /// The lowest of all minima, or the highest of all maxima; `nil` where no search came to rest.
  public var best: Minimum<Point>? { all.first?.minimum }
}

extension Minima: CustomStringConvertible {
  /// A line for each minimum.
  public var description: String {
    var lines = all.map { member in
      let minimum = member.minimum
      return "\(NumberText.short(minimum.value, digits: 10)) at \(NumberText.point(minimum.numbers, digits: 8)), from"
        + " \(member.starts.count) of the starts"
    }
    if !unfinished.isEmpty { lines.append("\(unfinished.count) searches came to no rest") }
    if !failures.isEmpty { lines.append("\(failures.count) starts could not be searched from") }
    return lines.joined(separator: "\n")
  }
}

/// Looks for the minima of a function from many starts, and puts those together that are the same.
///
/// All searches go on side by side: what they ask for at a time is one run of a vectorized plan, whatever the method is.
///
/// - Parameters:
///   - function: Gives one floating-point number from a point.
///   - starts: Where the searches begin; all are of one form.
///   - method: The method.
///   - set: Where points have to lie.
///   - stopping: When each search ends.
///   - distance: How far apart, relative to their size, points may lie that count as one minimum.
/// - Throws: `TensorError` of a mistake in the function, the starts or the settings; the first start's error where none of
///   the starts can be searched from.
public func minimize<Point: Codable & Sendable>(
  _ function: (Point) throws -> Tensor, fromEach starts: [Point], by method: MinimizationMethod = .lbfgs(),
  within set: FeasibleSet = .everywhere, stopping: Stopping = Stopping(), mergingWithin distance: Double = 1e-4
) throws -> Minima<Point> {
  try minima(
    of: function, fromEach: starts, in: set, mergingWithin: distance,
    by: try Search("minimize", by: method, stopping: stopping))
}

/// Looks for the maxima of a function from many starts; all else is as in
/// `minimize(_:fromEach:by:within:stopping:mergingWithin:)`.
public func maximize<Point: Codable & Sendable>(
  _ function: (Point) throws -> Tensor, fromEach starts: [Point], by method: MinimizationMethod = .lbfgs(),
  within set: FeasibleSet = .everywhere, stopping: Stopping = Stopping(), mergingWithin distance: Double = 1e-4
) throws -> Minima<Point> {
  let search = try Search("maximize", by: method, stopping: stopping, isMaximized: true)
  return try minima(of: function, fromEach: starts, in: set, mergingWithin: distance, by: search)
}

private func minima<Point: Codable & Sendable>(
  of function: (Point) throws -> Tensor, fromEach starts: [Point], in set: FeasibleSet,
  mergingWithin distance: Double, by search: Search
) throws -> Minima<Point> {
  let name = search.name
  guard let first = starts.first else { throw TensorError(name, "there are no starts") }
  let form = try PointForm(try ArgumentList(first), of: name)
  let recorded = try FlatFunction(name, of: form) { inside in
    try ArgumentList(try function(try inside.next(Point.self)))
  }
  let region = try Region(set, count: form.count, places: form.places, names: form.names, of: name)
  let numbers = try starts.enumerated().map { index, start in
    let other = try PointForm(try ArgumentList(start), of: name)
    guard other.isLike(form) else {
      throw TensorError(name, "start \(index) has another form than the first")
    }
    return region.project(try other.numbers())
  }
  // One that is alone says what is wrong with the function's type.
  let alone = try RecordedObjective(
    recorded.trace, count: form.count, parameterUnit: form.roundingUnit, named: name)
  let found = try numbers.chunks(of: 256).flatMap { part in
    try SideBySide.run(Array(part), of: recorded.trace, isMaximized: search.sign < 0, roundingUnit: alone.roundingUnit)
    {
      objective, start in try search.run(objective, from: start, in: region)
    }
  }
  var failures: [(start: Int, error: any Error)] = []
  var outcomes: [(start: Int, outcome: Search.Outcome)] = []
  for (index, result) in found.enumerated() {
    switch result {
    case .success(let outcome): outcomes.append((index, outcome))
    case .failure(let error): failures.append((index, error))
    }
  }
  if outcomes.isEmpty, let failure = failures.first { throw failure.error }
  func minimum(_ outcome: Search.Outcome) throws -> Minimum<Point> {
    let (x, gradient) = (outcome.last.point, outcome.last.gradient)
    let finding = Finding(
      outcome: outcome, value: search.sign * outcome.last.value,
      gradientNorm: gradient.isEmpty ? .nan : region.stationarity(at: x, gradient))
    return finding.minimum(at: try form.cursor(x).next(Point.self), by: search.method)
  }
  let settled = outcomes.filter { $0.outcome.reason.isConverged }
  var groups: [(lowest: Search.Outcome, starts: [Int])] = []
  for (start, outcome) in settled.sorted(by: { $0.outcome.last.value < $1.outcome.last.value }) {
    let place = groups.firstIndex { group in
      let x = group.lowest.last.point
      let near = distance * max(1, largestMagnitude(x))
      return largestMagnitude(difference(x, outcome.last.point)) <= near
    }
    if let place { groups[place].starts.append(start) } else { groups.append((outcome, [start])) }
  }
  return Minima(
    all: try groups.map { .init(minimum: try minimum($0.lowest), starts: $0.starts.sorted()) },
    unfinished: try outcomes.filter { !$0.outcome.reason.isConverged }.map { ($0.start, try minimum($0.outcome)) },
    failures: failures)
}
