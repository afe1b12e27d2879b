import DescentTensors

/// A search for the least sum of squares.
struct LeastSquaresSearch {
  /// What came of it.
  struct Outcome {
    let last: LinearizedResiduals
    let offset: Double
    let iterations: Int
    let reason: StopReason
    let path: [MinimizationPath.Step]
    let box: Box
    /// Whether the start lay outside of the bounds.
    let isStartMoved: Bool
  }

  private let function: ResidualFunction
  private let method: LeastSquaresMethod
  private let box: Box
  private let stopping: Stopping
  private let recordsPath: Bool

  init(
    _ function: ResidualFunction, method: LeastSquaresMethod, box: Box, stopping: Stopping, recordsPath: Bool
  ) {
    (self.function, self.method, self.box) = (function, method, box)
    (self.stopping, self.recordsPath) = (stopping, recordsPath)
    function.mostEvaluations = stopping.evaluations
  }

  func run(from given: [Double]) throws -> Outcome {
    let start = box.clamped(given)
    var current = try linearizedStart(start)
    let (clock, begin) = (ContinuousClock(), ContinuousClock().now)
    var steps = TrustedSteps(
      method.kind, box: box, factor: method.factor, roundingUnit: function.roundingUnit)
    var path = recordsPath ? [MinimizationPath.Step(point: start, value: current.value)] : []
    var iterations = 0
    var offset = self.offset(current)
    var reason = ending(current, offset, after: 0, from: nil)
    while reason == nil {
      if iterations >= stopping.iterations {
        reason = .iterations
      } else if function.isExhausted {
        reason = .evaluations
      } else if let seconds = stopping.seconds, clock.now - begin >= .seconds(seconds) {
        reason = .time
      } else if Task.isCancelled {
        reason = .canceled
      } else {
        let before = current
        do {
          switch try steps.step(from: current, function) {
          case .moved(let next): current = next
          case .exhausted: reason = .precision
          case .interrupted: reason = .evaluations
          }
        } catch {
          throw MinimizationError(
            "leastSquares", "the residuals failed: \(error)", best: before.point, value: before.value,
            underlying: error)
        }
        guard reason == nil else { break }
        iterations += 1
        offset = self.offset(current)
        if recordsPath { path.append(MinimizationPath.Step(point: current.point, value: current.value)) }
        reason = ending(current, offset, after: iterations, from: before)
      }
    }
    return Outcome(
      last: current, offset: offset, iterations: iterations, reason: reason ?? .iterations, path: path, box: box,
      isStartMoved: start != given)
  }

  private func linearizedStart(_ start: [Double]) throws -> LinearizedResiduals {
    let value = try function.value(at: start)
    let current = try function.linearized(at: start)
    func refused(_ words: String) -> MinimizationError {
      MinimizationError("leastSquares", words, best: start, value: value)
    }
    guard value.isFinite else { throw refused("the sum of squares is \(value) at the start") }
    guard current.isFinite else { throw refused("the Jacobian holds a number that is not finite at the start") }
    guard current.columnNorms.contains(where: { $0 > 0 }) || value == 0 else {
      throw refused("the residuals do not depend on the parameters at the start")
    }
    return current
  }

  private func offset(_ current: LinearizedResiduals) -> Double {
    current.offset(of: box.free(current.point, current.slopes))
  }

  /// Why the search ends at a point, where it does.
  private func ending(
    _ current: LinearizedResiduals, _ offset: Double, after iterations: Int, from before: LinearizedResiduals?
  ) -> StopReason? {
    if offset <= stopping.gradient { return .gradient }
    if let target = stopping.target, current.value <= target { return .target }
    if let condition = stopping.condition {
      let progress = MinimizationProgress(
        iteration: iterations, value: current.value, gradientNorm: offset, point: current.point)
      if condition(progress) { return .condition }
    }
    guard let before else { return nil }
    if let share = stopping.valueChange, abs(before.value - current.value) <= share * before.value {
      return .valueChange
    }
    if let share = stopping.pointChange {
      let change = norm(difference(current.point, before.point))
      if change <= share * norm(current.point) { return .pointChange }
    }
    return nil
  }
}
