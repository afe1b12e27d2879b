import DescentTensors

/// How far to go along a direction: halved until the loss falls enough.
///
/// The length is `initial · shrinking^k` with the smallest k such that the loss at `w + t d` is at most
/// `loss + sufficient · t · gᵀd`, as Armijo asks; after `most` trials the step is not taken. A point at which the loss is
/// not a number counts as too far. Source: Armijo, "Minimization of functions having Lipschitz continuous first partial
/// derivatives", 1966.
public struct LineSearch: Codable, Hashable, Sendable {
  /// The length that is tried first.
  public var initial: Hyperparameter
  /// What the length is multiplied by after a trial that goes too far.
  public var shrinking: Hyperparameter
  /// The part of the decrease that the gradient promises which the loss has to fall by.
  public var sufficient: Hyperparameter
  /// The largest number of trials.
  public var most: Int

  /// A search with customary settings.
  public init(
    initial: Double = 1, shrinking: Double = 0.5, sufficient: Double = 1e-4, most: Int = 20
  ) {
    self.initial = Hyperparameter(initial)
    self.shrinking = Hyperparameter(shrinking)
    self.sufficient = Hyperparameter(sufficient)
    self.most = most
  }

  /// The length of a step.
  ///
  /// - Parameters:
  ///   - point: Where the step begins.
  ///   - direction: Where it goes, a tensor for each parameter.
  ///   - slope: The derivative of the loss along the direction, a Float64 scalar.
  ///   - step: The loss and the objective.
  /// - Returns: A Float64 scalar, 0 where no trial made the loss fall enough.
  func length(from point: [Tensor], along direction: [Tensor], slope: Tensor, at step: StepContext) throws -> Tensor {
    struct Trial: Codable {
      var length: Tensor
      var count: Tensor
      var isEnough: Tensor
    }
    let loss = step.loss.converted(to: .float64)
    let threshold = sufficient.tensor * slope
    func trial(_ length: Tensor, _ count: Tensor) throws -> Trial {
      let target = zip(point, direction).map { $0 + $1 * length.converted(to: $1.elementType) }
      let found = try step.objective.value(at: target).converted(to: .float64)
      return Trial(length: length, count: count, isEnough: found .<= loss + threshold * length)
    }
    let limit = Double(most)
    let last = try whileLoop(
      from: trial(initial.tensor, Tensor(1, .float64)),
      while: { (now: Trial) in .!now.isEnough .& (now.count .< limit) },
      do: { (now: Trial) in try trial(now.length * shrinking.tensor, now.count + 1.0) })
    return `where`(last.isEnough, last.length, Tensor(0, .float64))
  }

  /// Refuses settings that make no sense.
  func validate() throws {
    try check(
      "LineSearch",
      [("initial", initial, .notNegative), ("shrinking", shrinking, 0..<1), ("sufficient", sufficient, 0..<1)])
    guard most >= 1 else { throw TensorError("LineSearch", "\(most) trials cannot find a length; give at least 1") }
  }
}

/// The sum of the products of corresponding numbers, a Float64 scalar.
func dot(_ a: [Tensor], _ b: [Tensor]) -> Tensor {
  zip(a, b).reduce(Tensor(0, .float64)) { sum, pair in
    sum + (pair.0.converted(to: .float64) * pair.1.converted(to: .float64)).sum()
  }
}
