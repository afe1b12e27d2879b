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

/// A search for a minimum.
struct Search<Point: Codable & Sendable> {
  private let name: String
  private let form: PointForm<Point>
  private let function: PointFunction
  private let start: [Double]
  private let method: MinimizationMethod
  private let stopping: Stopping
  private let recordsPath: Bool
  /// −1 where the highest point is looked for.
  private let sign: Double

  init(
    _ function: @escaping (Point) throws -> Tensor, from start: Point, by method: MinimizationMethod,
    stopping: Stopping, recordsPath: Bool, isMaximized: Bool
  ) throws {
    name = isMaximized ? "maximize" : "minimize"
    sign = isMaximized ? -1 : 1
    try method.check()
    guard stopping.iterations >= 0, stopping.gradient >= 0 else {
      throw TensorError(
        name,
        "stopping after \(stopping.iterations) iterations or at a gradient of \(stopping.gradient); neither is below 0")
    }
    let form = try PointForm(start, of: name)
    self.form = form
    self.start = try form.numbers()
    self.function = try PointFunction(
      count: form.count, parameterUnit: form.roundingUnit, isMaximized: isMaximized
    ) { vector in try function(try form.point(vector)) }
    self.function.mostEvaluations = stopping.evaluations
    self.method = method
    self.stopping = stopping
    self.recordsPath = recordsPath
  }

  func run() throws -> Minimum<Point> {
    var state = try method.state(function.count)
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
    var reason = stop(current, after: iterations, from: nil)
    while reason == nil {
      if let limit = stopping.evaluations, function.counts.values >= limit {
        reason = .evaluations
      } else if let seconds = stopping.seconds, (clock.now - begin) >= .seconds(seconds) {
        reason = .time
      } else if iterations >= stopping.iterations {
        reason = .iterations
      } else {
        let before = current
        switch try state.step(from: current, function) {
        case .moved(let next): current = next
        case .finished(let last, let why):
          current = last.value <= current.value ? last : current
          reason = why
        }
        iterations += 1
        if recordsPath { path.append(step(current)) }
        reason = stop(current, after: iterations, from: before) ?? reason
      }
    }
    return Minimum(
      point: try form.point(current.point), value: sign * current.value,
      gradient: current.gradient.isEmpty ? .nan : largestMagnitude(current.gradient), iterations: iterations,
      evaluations: function.counts, reason: reason ?? .iterations, method: method.description, path: path,
      numbers: current.point)
  }

  private func step(_ evaluation: Evaluation) -> Minimum<Point>.Step {
    Minimum<Point>.Step(point: evaluation.point, value: sign * evaluation.value)
  }

  /// Why a search ends at a point, where it does.
  private func stop(_ current: Evaluation, after iterations: Int, from before: Evaluation?) -> StopReason? {
    if !current.gradient.isEmpty, largestMagnitude(current.gradient) <= stopping.gradient { return .gradient }
    if let target = stopping.target, current.value <= sign * target { return .target }
    if let condition = stopping.condition {
      let progress = MinimizationProgress(
        iteration: iterations, value: sign * current.value,
        gradient: current.gradient.isEmpty ? .nan : largestMagnitude(current.gradient), point: current.point)
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
