import DescentTensors

/// Newton's method with the equation for the step solved by conjugate gradients, which need the Hessian's products with
/// vectors only: each costs about two gradients.
///
/// Solves `(H + damping · 1) d = −g` until the residual is `tolerance` of the gradient, for at most `iterations` rounds, or
/// until a direction of negative curvature is met; then goes along d by a line search. Sources: Nash, "Newton-type
/// minimization via the Lanczos method", 1984; Nocedal and Wright, "Numerical Optimization", algorithm 7.1.
public struct NewtonCG: Optimizer {
  /// What is added to the Hessian's diagonal.
  public var damping: Hyperparameter
  /// The part of the gradient's norm that the residual may have.
  public var tolerance: Hyperparameter
  /// The largest number of rounds.
  public var iterations: Int
  /// How the length of a step is found.
  public var lineSearch: LineSearch

  /// Newton's method with customary settings.
  public init(
    damping: Double = 0, tolerance: Double = 1e-2, iterations: Int = 50,
    lineSearch: LineSearch = LineSearch()
  ) {
    self.damping = Hyperparameter(damping)
    self.tolerance = Hyperparameter(tolerance)
    self.iterations = iterations
    self.lineSearch = lineSearch
  }

  /// Nothing is remembered.
  public func initialState(for parameters: [OptimizedParameter]) throws -> [Tensor] { [] }

  public func movements(
    of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext
  ) throws -> [Tensor] {
    let (point, gradients) = (parameters.map(\.value), parameters.map(\.gradient))
    let direction = try solution(point, gradients, step)
    let length = try lineSearch.length(
      from: point, along: direction, slope: dot(gradients, direction), at: step)
    return direction.map { $0 * length.converted(to: $0.elementType) }
  }

  private struct Round: Codable {
    var direction: [Tensor]
    var residual: [Tensor]
    var search: [Tensor]
    var squared: Tensor
    var count: Tensor
    var isDone: Tensor
  }

  /// The direction d.
  private func solution(_ point: [Tensor], _ gradients: [Tensor], _ step: StepContext) throws -> [Tensor] {
    let start = dot(gradients, gradients)
    let enough = square(tolerance.tensor) * start
    let down = gradients.map { -$0 }
    let first = Round(
      direction: gradients.map { Tensor(zerosLike: $0) }, residual: gradients, search: down, squared: start,
      count: Tensor(0, .float64), isDone: start .<= 0)
    let limit = Double(iterations)
    let last = try whileLoop(
      from: first, while: { (now: Round) in .!now.isDone .& (now.count .< limit) },
      do: { (now: Round) in
        var product = try step.objective.hessianVectorProduct(at: point, along: now.search)
        if !damping.isZero {
          product = zip(product, now.search).map { $0 + $1 * damping.in($1.elementType) }
        }
        let curvature = dot(now.search, product)
        let isConvex = curvature .> 0
        let length = now.squared / `where`(isConvex, curvature, Tensor(1, .float64))
        func moved(_ from: [Tensor], _ along: [Tensor]) -> [Tensor] {
          zip(from, along).map { $0 + $1 * length.converted(to: $1.elementType) }
        }
        let residual = moved(now.residual, product)
        let squared = dot(residual, residual)
        let ratio = squared / now.squared
        let search = zip(residual, now.search).map { $1 * ratio.converted(to: $1.elementType) - $0 }
        // The first direction is the gradient's own, which goes down whatever the curvature is.
        let fallback = zip(now.direction, down).map { `where`(now.count .> 0, $0, $1) }
        let direction = zip(moved(now.direction, now.search), fallback).map { `where`(isConvex, $0, $1) }
        return Round(
          direction: direction, residual: residual, search: search, squared: squared, count: now.count + 1.0,
          isDone: .!isConvex .| (squared .<= enough))
      })
    return last.direction
  }

  public func validate() throws {
    try check("NewtonCG", [("damping", damping, .notNegative), ("tolerance", tolerance, 0..<1)])
    guard iterations >= 1 else {
      throw TensorError("NewtonCG", "\(iterations) rounds give no direction; give at least 1")
    }
    try lineSearch.validate()
  }
}
