/// Powell's method: line searches along directions that become conjugate ("An efficient method for finding the minimum of a
/// function of several variables without calculating derivatives", 1964).
struct Powell: MethodState {
  static let needsGradient = false
  private var directions: [[Double]] = []

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    if directions.isEmpty { directions = Self.axes(function.count) }
    var here = current
    var largest = (drop: 0.0, index: 0)
    for (index, direction) in directions.enumerated() {
      guard let next = try minimum(from: here, along: direction, function) else { return .finished(here, .unbounded) }
      if here.value - next.value > largest.drop { largest = (here.value - next.value, index) }
      here = next
    }
    let whole = difference(here.point, current.point)
    let drop = current.value - here.value
    if drop <= 2 * function.roundingUnit * max(abs(here.value), 1e-300) || norm(whole) == 0 {
      return .finished(here, .valueChange)
    }
    // The direction of the whole step takes the place of the one that it is most like, unless it leads no further.
    let beyond = try function.value(at: function.region.project(sum(here.point, 1, whole)))
    if beyond < current.value {
      let a = current.value - 2 * here.value + beyond
      let b = current.value - here.value - largest.drop
      let c = current.value - beyond
      if 2 * a * b * b < largest.drop * c * c {
        guard let next = try minimum(from: here, along: whole, function) else { return .finished(here, .unbounded) }
        here = next
        directions[largest.index] = directions[directions.count - 1]
        directions[directions.count - 1] = scaled(whole, by: 1 / norm(whole))
      }
    }
    return .moved(here)
  }

  private static func axes(_ count: Int) -> [[Double]] {
    (0..<count).map { index in (0..<count).map { $0 == index ? 1 : 0 } }
  }

  /// The lowest place along a line; `nil` where the value falls without end.
  private func minimum(
    from start: Evaluation, along direction: [Double], _ function: PointFunction
  ) throws -> Evaluation? {
    func point(_ step: Double) -> [Double] { function.region.project(sum(start.point, step, direction)) }
    func value(_ step: Double) throws -> Double { try function.value(at: point(step)) }
    let origin = ScalarSearch.Place(x: 0, value: start.value)
    var reach = 0.1 * max(largestMagnitude(start.point), 1) / max(largestMagnitude(direction), 1e-300)
    // At a bound the way may be open to the other side only.
    if point(reach) == start.point { reach = -reach }
    guard let bracket = try ScalarSearch.bracket(from: origin, step: reach, value) else { return nil }
    let found = try ScalarSearch.brent(bracket, tolerance: 1e-4, value)
    guard found.value < start.value else { return start }
    return Evaluation(point: point(found.x), value: found.value)
  }
}
