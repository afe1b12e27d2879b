import DescentTensors
import Foundation

/// A method on its way: one iteration after the other.
protocol MethodState {
  /// Whether the method needs gradients.
  static var needsGradient: Bool { get }

  /// Goes one iteration further.
  ///
  /// - Returns: Where it led; a reason where the method cannot go on.
  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep
}

extension MethodState {
  static var needsGradient: Bool { true }
}

/// What becomes of an iteration.
enum MethodStep {
  case moved(Evaluation)
  /// The point is the last one.
  case finished(Evaluation, StopReason)
}

/// A search for a minimum, in numbers.
struct Search {
  /// What was asked, such as `minimize`.
  let name: String
  let method: MinimizationMethod
  var stopping: Stopping
  let recordsPath: Bool
  /// −1 where the highest point is looked for, so that the function is the negative of the user's.
  let sign: Double

  /// What was found.
  struct Outcome {
    var last: Evaluation
    var iterations: Int
    var reason: StopReason
    var path: [MinimizationPath.Step]
    var counts = EvaluationCounts()
  }

  init(
    _ name: String, by method: MinimizationMethod, stopping: Stopping, recordsPath: Bool = false,
    isMaximized: Bool = false
  ) throws {
    try method.check()
    try stopping.check(name)
    (self.name, self.method, self.stopping, self.recordsPath) = (name, method, stopping, recordsPath)
    sign = isMaximized ? -1 : 1
  }

  /// Looks for the lowest point within a region.
  ///
  /// - Throws: `MinimizationError` with the lowest point so far, where the function is not a number at the start or throws.
  func run(_ objective: any Objective, from start: [Double], in region: Region = .everywhere) throws -> Outcome {
    switch (region.isEverywhere, method.bounds, region.box) {
    case (true, _, _), (false, .anySet, _), (false, .box, .some):
      return try run(PointFunction(objective, in: region, stopping.evaluations), from: start, judgedIn: region)
    case (false, .variables, .some(let box)):
      return try run(BoxVariables(objective, in: box), from: start, in: box)
    default:
      throw TensorError(
        name, "\(method) keeps to boxes only; within other sets use .gradientDescent() or .nelderMead()")
    }
  }

  /// Looks for the lowest point in variables of which a box is an image. Where a number is at a bound, its variable has no
  /// slope; one that should leave it is moved inside, and the search begins again.
  private func run(_ objective: BoxVariables, from start: [Double], in box: Box) throws -> Outcome {
    let region = Region.box(box)
    let function = PointFunction(objective, in: .everywhere, stopping.evaluations)
    var whole: Outcome?
    var x = start
    var insets = x.map { _ in 1e-3 }
    for _ in 0..<10 {
      var search = self
      search.stopping.iterations -= whole?.iterations ?? 0
      var part = try search.run(function, from: objective.variables(of: x, insets: insets), judgedIn: region)
      part.last = part.last.outsideVariables
      if let before = whole {
        part.path = before.path + part.path
        part.iterations += before.iterations
        if before.last.value <= part.last.value { part.last = before.last }
      }
      whole = part
      let gradient = part.last.gradient
      x = part.last.point
      let isStuck = x.indices.map { index in
        let (low, high, g) = (box.lower[index], box.upper[index], gradient[index])
        guard low < high, abs(g) > stopping.gradient else { return false }
        let nearness = 1e-7 * max(1, abs(x[index]))
        return x[index] - low <= nearness && g < 0 || high - x[index] <= nearness && g > 0
      }
      guard part.reason.isSettled, isStuck.contains(true) else { break }
      insets = isStuck.map { $0 ? 0.01 : 0 }
    }
    guard let whole else { throw TensorError(name, "there was nothing to search") }
    return whole
  }

  /// Looks for the lowest point of a function that keeps to its region by itself.
  private func run(_ function: PointFunction, from start: [Double], judgedIn region: Region) throws -> Outcome {
    var state = try method.state(MethodSetting(count: function.count, region: function.region))
    do {
      return try run(function, from: start, judgedIn: region, &state)
    } catch let error as MinimizationError {
      throw error
    } catch {
      let lowest = function.lowest?.outsideVariables
      throw MinimizationError(
        name, "\(error)", best: lowest?.point ?? start, value: sign * (lowest?.value ?? .nan), underlying: error)
    }
  }

  private func run(
    _ function: PointFunction, from start: [Double], judgedIn region: Region, _ state: inout any MethodState
  ) throws -> Outcome {
    var current: Evaluation
    if Swift.type(of: state).needsGradient {
      current = try function.evaluate(at: start)
    } else {
      current = Evaluation(point: start, value: try function.value(at: start))
    }
    guard current.isFinite else {
      let what =
        current.value.isFinite ? "the gradient holds a number that is not finite" : "the value is \(current.value)"
      throw MinimizationError(
        name, "\(what) at the start", best: current.outsideVariables.point, value: sign * current.value)
    }
    let clock = ContinuousClock()
    let begin = clock.now
    var path = recordsPath ? [step(current)] : []
    var iterations = 0
    var reason = held(by: current, after: iterations, since: nil, region)
    while reason == nil {
      if function.isExhausted {
        reason = .evaluations
      } else if let seconds = stopping.seconds, clock.now - begin >= .seconds(seconds) {
        reason = .time
      } else if iterations >= stopping.iterations {
        reason = .iterations
      } else if function.isCanceled {
        reason = .canceled
      } else {
        let before = current
        var end: StopReason?
        switch try state.step(from: current, function) {
        case .moved(let next): current = next
        case .finished(let last, let why):
          current = last.value <= current.value ? last : current
          end = why
        }
        iterations += 1
        if recordsPath { path.append(step(current)) }
        reason = held(by: current, after: iterations, since: before, region) ?? end
      }
    }
    let why = reason ?? .iterations
    // A method that lets the value rise on the way may have seen a lower point.
    if !why.isConverged, let lowest = function.lowest, lowest.value < current.value { current = lowest }
    return Outcome(last: current, iterations: iterations, reason: why, path: path, counts: function.counts)
  }

  private func step(_ evaluation: Evaluation) -> MinimizationPath.Step {
    MinimizationPath.Step(point: evaluation.outsideVariables.point, value: sign * evaluation.value)
  }

  /// The condition for stopping that holds at a point.
  private func held(
    by current: Evaluation, after iterations: Int, since before: Evaluation?, _ region: Region
  ) -> StopReason? {
    let there = current.outsideVariables
    let gradient = there.gradient.isEmpty ? .nan : region.stationarity(at: there.point, there.gradient)
    if let target = stopping.target, current.value <= sign * target { return .target }
    if gradient <= stopping.gradient { return .gradient }
    if let condition = stopping.condition {
      let progress = MinimizationProgress(
        iteration: iterations, value: sign * current.value, gradientNorm: gradient, point: there.point)
      if condition(progress) { return .condition }
    }
    guard let before else { return nil }
    if current.value < -1e300 { return .unbounded }
    if let share = stopping.valueChange {
      let scale = max(abs(before.value), abs(current.value), .leastNormalMagnitude)
      if abs(before.value - current.value) <= share * scale { return .valueChange }
    }
    if let share = stopping.pointChange {
      let change = norm(difference(there.point, before.outsideVariables.point))
      if change <= share * max(norm(there.point), .leastNormalMagnitude) { return .pointChange }
    }
    return nil
  }
}
