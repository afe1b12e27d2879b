import DescentGraph
import DescentTensors
import Foundation

/// Equalities c(x) = 0 and inequalities d(x) ≥ 0 by an augmented Lagrangian around any method: what is minimized again and
/// again is f + Σ λ c + ρ/2 Σ c² + 1/(2ρ) Σ (max(0, μ − ρ d)² − μ²), with better multipliers λ and μ each time.
///
/// Source: Birgin and Martínez, "Practical Augmented Lagrangian Methods for Constrained Optimization", 2014, algorithm 4.1.
struct AugmentedLagrangian {
  let search: Search
  let region: Region
  let form: PointForm

  /// The user's function and its constraints, as functions of a vector: what the function gives, all equalities end to end,
  /// all inequalities end to end.
  typealias Record = (Tensor) throws -> (value: Tensor, equalities: Tensor, inequalities: Tensor)

  /// The largest violation that counts as none.
  static let tolerance = 1e-8

  struct Outcome {
    var search: Search.Outcome
    var violation: Double
    var equalities: [Double]
    var inequalities: [Double]
  }

  /// Looks for the lowest point that meets the constraints.
  ///
  /// - Throws: `MinimizationError` where a constraint is not a number at the start.
  func run(from start: [Double], _ record: Record) throws -> Outcome {
    let constraints = try plan(record)
    var (c, d) = try constraints(start)
    guard isFinite(c), isFinite(d) else {
      throw MinimizationError(
        search.name, "a constraint is not a number at the start", best: start, value: .nan)
    }
    let function = try objective(equalities: c.count, inequalities: d.count, record)
    var (lambda, mu) = (c.map { _ in 0.0 }, d.map { _ in 0.0 })
    var penalty = 10.0
    var x = start
    var whole: Search.Outcome?
    var violation = Double.infinity
    for round in 0..<60 {
      function.parameters = [penalty] + lambda + mu
      var inner = search
      // The first rounds need not be exact; what is left over for the last is the user's tolerance.
      inner.stopping.gradient = max(search.stopping.gradient, min(1e-2, 1e-2 * pow(0.1, Double(round))))
      inner.stopping.iterations = max(search.stopping.iterations - (whole?.iterations ?? 0), 0)
      inner.stopping.evaluations = search.stopping.evaluations.map { max($0 - (whole?.counts.values ?? 0), 0) }
      inner.stopping.target = nil
      var part = try inner.run(function, from: x, in: region)
      if let whole {
        part.path = whole.path + part.path
        part.iterations += whole.iterations
        part.counts.add(whole.counts)
      }
      x = part.last.point
      (c, d) = try constraints(x)
      let before = violation
      violation = max(
        largestMagnitude(c), largestMagnitude(zip(d, mu).map { min($0, $1 / penalty) }))
      whole = part
      for index in c.indices { lambda[index] = min(max(lambda[index] + penalty * c[index], -1e20), 1e20) }
      for index in d.indices { mu[index] = min(max(mu[index] - penalty * d[index], 0), 1e20) }
      let isExact = inner.stopping.gradient <= search.stopping.gradient || !part.reason.isSettled
      if violation <= Self.tolerance, isExact || part.reason == .precision { break }
      if !part.reason.isSettled { break }
      if violation > 0.25 * before { penalty = min(10 * penalty, 1e12) }
    }
    guard var whole else { throw TensorError(search.name, "there was nothing to search") }
    let worst = max(largestMagnitude(c), d.map { max(-$0, 0) }.max() ?? 0)
    if worst > 1e2 * Self.tolerance, whole.reason.isConverged { whole.reason = .infeasible }
    return Outcome(search: whole, violation: worst, equalities: lambda, inequalities: mu)
  }

  /// The constraints at a point, as one plan.
  private func plan(_ record: Record) throws -> ([Double]) throws -> (equalities: [Double], inequalities: [Double]) {
    let vector = try ArgumentList(Tensor(zeros: [form.count], .float64))
    let recorded = try RecordedFunction(vector, differentiatedBy: search.name) { inside in
      let (_, equalities, inequalities) = try record(try inside.next(Tensor.self))
      return try ArgumentList(equalities, inequalities)
    }
    let plans = VectorPlans<Bool>(recorded.trace) { _, graph throws(OperationError) in graph }
    return { x in
      let results = try plans.run(true, [.vector(x)])
      return (try results[0].doubles(), try results[1].doubles())
    }
  }

  /// The augmented Lagrangian; its parameters are the penalty, the equalities' multipliers and the inequalities'.
  private func objective(
    equalities: Int, inequalities: Int, _ record: Record
  ) throws -> RecordedObjective {
    let count = 1 + equalities + inequalities
    let arguments = try ArgumentList(Tensor(zeros: [form.count], .float64), Tensor(zeros: [count], .float64))
    let recorded = try RecordedFunction(arguments, differentiatedBy: search.name) { inside in
      let (x, parameters) = (try inside.next(Tensor.self), try inside.next(Tensor.self))
      let (value, c, d) = try record(x)
      let penalty = parameters[0]
      var total = value.reshaped([]).converted(to: .float64) * search.sign
      if equalities > 0 {
        let lambda = parameters[1..<1 + equalities]
        total = total + (lambda * c).sum() + 0.5 * penalty * square(c).sum()
      }
      if inequalities > 0 {
        let mu = parameters[(1 + equalities)..<count]
        let active = maximum(mu - penalty * d, Tensor(0, .float64))
        total = total + (square(active) - square(mu)).sum() / (2.0 * penalty)
      }
      return try ArgumentList(total)
    }
    return try RecordedObjective(
      recorded.trace, count: form.count, parameterUnit: form.roundingUnit,
      parameters: [Double](repeating: 0, count: count), named: search.name)
  }
}
