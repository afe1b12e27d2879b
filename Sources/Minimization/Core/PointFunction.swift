/// How often a function was asked for what.
public struct EvaluationCounts: Sendable, Hashable {
  /// How often for its value, alone or with the gradient.
  public internal(set) var values = 0
  /// How often for its gradient.
  public internal(set) var gradients = 0
  /// How often for a product of its Hessian with a vector; a whole Hessian counts as one for each column.
  public internal(set) var hessianProducts = 0

  mutating func add(_ other: EvaluationCounts) {
    values += other.values
    gradients += other.gradients
    hessianProducts += other.hessianProducts
  }
}

/// A function that is minimized, as methods see it: what it is asked is counted, and the lowest point is remembered.
final class PointFunction {
  private let objective: any Objective
  private(set) var counts = EvaluationCounts()
  /// The lowest of all points.
  private(set) var lowest: Evaluation?
  /// Where points have to lie.
  let region: Region
  private let mostEvaluations: Int?

  /// - Parameters:
  ///   - region: Where points have to lie.
  ///   - mostEvaluations: The most that a method may make.
  init(_ objective: any Objective, in region: Region = .everywhere, _ mostEvaluations: Int? = nil) {
    (self.objective, self.region, self.mostEvaluations) = (objective, region, mostEvaluations)
  }

  /// How many numbers it takes.
  var count: Int { objective.count }
  /// The distance from 1 to the next number of the coarsest type among parameters and value.
  var roundingUnit: Double { objective.roundingUnit }
  /// Whether nobody waits for a minimum any more.
  var isCanceled: Bool { objective.isCanceled }
  /// Whether there were as many evaluations as allowed.
  var isExhausted: Bool { mostEvaluations.map { counts.values >= $0 } ?? false }

  /// The function's value.
  func value(at point: [Double]) throws -> Double {
    counts.values += 1
    let value = try objective.value(at: point)
    if value < lowest?.value ?? .infinity { lowest = Evaluation(point: point, value: value) }
    return value
  }

  /// The function's value and its gradient.
  func evaluate(at point: [Double]) throws -> Evaluation { noted(try objective.evaluate(at: point)) }

  /// The function's value and its gradient where a step leads.
  func evaluate(from point: [Double], step: Double, along direction: [Double]) throws -> Evaluation {
    if region.isEverywhere { return noted(try objective.evaluate(from: point, step: step, along: direction)) }
    // Rounding must not lead out of the region.
    var next = try objective.evaluate(at: region.project(sum(point, step, direction)))
    next.slope = dot(next.gradient, direction)
    return noted(next)
  }

  private func noted(_ evaluation: Evaluation) -> Evaluation {
    counts.values += 1
    counts.gradients += 1
    if evaluation.value < lowest?.value ?? .infinity, evaluation.isFinite { lowest = evaluation }
    return evaluation
  }

  /// The Hessian at a point times a vector.
  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    counts.hessianProducts += 1
    return try objective.hessianProduct(at: point, vector)
  }

  /// The Hessian at a point, row by row.
  func hessian(at point: [Double]) throws -> [Double] {
    counts.hessianProducts += count
    return try objective.hessian(at: point)
  }
}
