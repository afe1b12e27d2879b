import DescentGraph
import DescentTensors
import Foundation

/// Hessian-free optimization: a step of Newton's method with the Gauss–Newton matrix in place of the Hessian, solved by conjugate
/// gradients, which need the matrix' products with vectors only.
///
/// Each step solves `(B + λ + λ μ S) d = −g`, beginning with a part of the last step's solution, until the quadratic falls by less than
/// `progress` for a round in the mean over the last ten, then goes along d by a line search. The damping λ goes by the ratio of how much
/// the loss falls to how much the quadratic says. S is what damps changes of what layers give out, hidden states of recurrent layers
/// included, at each step of time: structural damping, for recurrent networks. Large batches, or all data, are its field. Sources:
/// Martens, "Deep learning via Hessian-free optimization", 2010; Martens and Sutskever, "Learning Recurrent Neural Networks with
/// Hessian-Free Optimization", 2011.
///
/// - Complexity: that of `iterations` products, each about two gradients.
public struct HessianFree: Optimizer {
  /// What is remembered.
  public struct State: Codable, Sendable {
    /// The last solutions, by the parameters' paths.
    public var last: [String: Tensor]
    /// The damping, a Float64 scalar.
    public var damping: Tensor
  }

  /// The damping of the first step.
  public var damping: Hyperparameter
  /// μ, what structural damping counts besides; 0 for none.
  public var structuralDamping: Hyperparameter
  /// The part of the last solution that the next one begins with.
  public var decay: Hyperparameter
  /// The part of the quadratic that a round has to gain.
  public var progress: Hyperparameter
  /// The largest number of rounds.
  public var iterations: Int
  /// How the length of a step is found.
  public var lineSearch: LineSearch

  /// Hessian-free optimization with customary settings.
  public init(
    damping: Double = 1, structuralDamping: Double = 0, decay: Double = 0.95, progress: Double = 5e-4,
    iterations: Int = 100, lineSearch: LineSearch = LineSearch()
  ) {
    self.damping = Hyperparameter(damping)
    self.structuralDamping = Hyperparameter(structuralDamping)
    self.decay = Hyperparameter(decay)
    self.progress = Hyperparameter(progress)
    self.iterations = iterations
    self.lineSearch = lineSearch
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var last: [String: Tensor] = [:]
    for parameter in parameters { last[parameter.path] = Tensor(zerosLike: parameter.value) }
    return State(last: last, damping: damping.tensor)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let (point, gradient) = (parameters.map(\.value), parameters.map(\.gradient))
    let last = try parameters.map { parameter in
      guard let found = state.last[parameter.path] else {
        throw TensorError(
          "HessianFree", "remembers nothing of \(parameter.path), which was not there before the first step")
      }
      return found * decay.in(found.elementType)
    }
    let watched = !structuralDamping.isZero
    let map = try GaussNewtonMap(step.objective, at: point, watchingActivities: watched)
    let damping = state.damping
    let structure = watched ? damping * structuralDamping.tensor : nil
    func damped(_ direction: [Tensor]) throws -> [Tensor] {
      let product =
        try map?.product(along: direction, structure: structure)
        ?? step.objective.hessianVectorProduct(at: point, along: direction)
      return zip(product, direction).map {
        $0.converted(to: $1.elementType) + $1 * damping.converted(to: $1.elementType)
      }
    }
    let solution = try solved(gradient, from: last, damped)
    // A quadratic that opens downward, as a Hessian's may, leaves the gradient's own direction.
    let isDown = dot(gradient, solution) .< 0
    let direction = zip(solution, gradient).map { `where`(isDown, $0, -$1) }
    let length = try lineSearch.length(
      from: point, along: direction, slope: dot(gradient, direction), at: step)
    let movements = direction.map { $0 * length.converted(to: $0.elementType) }
    let curve = dot(movements, try damped(movements)) - damping * dot(movements, movements)
    let expected = dot(gradient, movements) + curve * 0.5
    let target = zip(point, movements).map { $0 + $1 }
    let change = try step.objective.value(at: target).converted(to: .float64) - step.loss.converted(to: .float64)
    state.damping = AdaptiveDamping.next(damping, change: change, expected: expected, factor: 2.0 / 3)
    for (parameter, part) in zip(parameters, direction) { state.last[parameter.path] = part }
    return movements
  }

  private struct Round: Codable {
    var solution: [Tensor]
    var residual: [Tensor]
    var search: [Tensor]
    var squared: Tensor
    var count: Tensor
    /// The quadratic after each of the last rounds, the latest last.
    var values: Tensor
    var isDone: Tensor
  }

  private static let window = 10

  /// The solution of `A d = −g` by conjugate gradients, as far as it is worth it.
  private func solved(
    _ gradient: [Tensor], from start: [Tensor], _ product: ([Tensor]) throws -> [Tensor]
  ) throws -> [Tensor] {
    let residual = zip(try product(start), gradient).map { $0 + $1 }
    let squared = dot(residual, residual)
    let window = Self.window
    let first = Round(
      solution: start, residual: residual, search: residual.map { -$0 }, squared: squared, count: Tensor(0, .float64),
      values: Tensor(repeating: 0, shape: [window], .float64), isDone: squared .<= 0)
    let (limit, needed) = (Double(iterations), progress.tensor * Double(window))
    let last = try whileLoop(
      from: first, while: { (now: Round) in .!now.isDone .& (now.count .< limit) },
      do: { (now: Round) in
        let image = try product(now.search)
        let curvature = dot(now.search, image)
        let isConvex = curvature .> 0
        let length = now.squared / `where`(isConvex, curvature, Tensor(1, .float64))
        func moved(_ from: [Tensor], _ along: [Tensor]) -> [Tensor] {
          zip(from, along).map { $0 + $1 * length.converted(to: $1.elementType) }
        }
        let next = moved(now.residual, image)
        let solution = zip(moved(now.solution, now.search), now.solution).map { `where`(isConvex, $0, $1) }
        let squared = dot(next, next)
        let ratio = squared / now.squared
        let search = zip(next, now.search).map { $1 * ratio.converted(to: $1.elementType) - $0 }
        // ½ dᵀ A d + gᵀ d = ½ dᵀ (r + g), with the residual r = A d + g.
        let value = (dot(solution, next) + dot(solution, gradient)) * 0.5
        let gained = (value - now.values[0]) / value
        let isSlow = (now.count .>= Double(window)) .& (value .< 0) .& (gained .< needed)
        return Round(
          solution: solution, residual: next, search: search, squared: squared, count: now.count + 1.0,
          values: concatenated([now.values[1..<window], value.reshaped([1])]),
          isDone: .!isConvex .| isSlow .| (squared .<= 0))
      })
    return last.solution
  }

  public func validate() throws {
    let positive = Double.leastNonzeroMagnitude..<Double.infinity
    try check(
      "HessianFree",
      [
        ("damping", damping, positive), ("structuralDamping", structuralDamping, .notNegative),
        ("decay", decay, 0..<1), ("progress", progress, .notNegative),
      ])
    guard iterations >= 1 else {
      throw TensorError("HessianFree", "\(iterations) rounds give no direction; give at least 1")
    }
    try lineSearch.validate()
  }
}
