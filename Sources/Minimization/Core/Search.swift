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

/// What became of an iteration.
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
  let stopping: Stopping
  let recordsPath: Bool
  /// −1 where the highest point is looked for, so that the function is the negative of the user's.
  let sign: Double

  /// What was found.
  struct Outcome {
    var last: Evaluation
    var iterations: Int
    var reason: StopReason
    var path: [MinimizationPath.Step]
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

  /// Looks for the lowest point.
  ///
  /// - Throws: `MinimizationError` with the lowest point so far, where the function is not a number at the start or throws.
  func run(_ function: PointFunction, from start: [Double]) throws -> Outcome {
    var state = try method.state(function.count)
    do {
      return try run(function, from: start, &state)
    } catch let error as MinimizationError {
      throw error
    } catch {
      let lowest = function.lowest
      throw MinimizationError(
        name, "\(error)", best: lowest?.point ?? start, value: sign * (lowest?.value ?? .nan), underlying: error)
    }
  }

  private func run(
    _ function: PointFunction, from start: [Double], _ state: inout any MethodState
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
      throw MinimizationError(name, "\(what) at the start", best: start, value: sign * current.value)
    }
    let clock = ContinuousClock()
    let begin = clock.now
    var path = recordsPath ? [step(current)] : []
    var iterations = 0
    var reason = held(by: current, after: iterations, since: nil)
    while reason == nil {
      if function.isExhausted {
        reason = .evaluations
      } else if let seconds = stopping.seconds, clock.now - begin >= .seconds(seconds) {
        reason = .time
      } else if iterations >= stopping.iterations {
        reason = .iterations
      } else if Task.isCancelled {
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
        reason = held(by: current, after: iterations, since: before) ?? end
      }
    }
    let why = reason ?? .iterations
    // A method that lets the value rise on the way may have seen a lower point.
    if !why.isConverged, let lowest = function.lowest, lowest.value < current.value { current = lowest }
    return Outcome(last: current, iterations: iterations, reason: why, path: path)
  }

  private func step(_ evaluation: Evaluation) -> MinimizationPath.Step {
    MinimizationPath.Step(point: evaluation.point, value: sign * evaluation.value)
  }

  /// The condition for stopping that holds at a point.
  private func held(by current: Evaluation, after iterations: Int, since before: Evaluation?) -> StopReason? {
    let gradient = current.gradient.isEmpty ? .nan : largestMagnitude(current.gradient)
    if let target = stopping.target, current.value <= sign * target { return .target }
    if gradient <= stopping.gradient { return .gradient }
    if let condition = stopping.condition {
      let progress = MinimizationProgress(
        iteration: iterations, value: sign * current.value, gradientNorm: gradient, point: current.point)
      if condition(progress) { return .condition }
    }
    guard let before else { return nil }
    if current.value < -1e300 { return .unbounded }
    if let share = stopping.valueChange {
      let scale = max(abs(before.value), abs(current.value), .leastNormalMagnitude)
      if abs(before.value - current.value) <= share * scale { return .valueChange }
    }
    if let share = stopping.pointChange {
      let change = norm(difference(current.point, before.point))
      if change <= share * max(norm(current.point), .leastNormalMagnitude) { return .pointChange }
    }
    return nil
  }
}
