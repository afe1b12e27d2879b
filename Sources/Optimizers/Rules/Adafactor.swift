import DescentTensors

/// Adafactor: divides by the root of a second moment that, of a matrix, is remembered as the means of its rows and of its
/// columns: of n × m numbers n + m are kept.
///
/// Of axes beyond two, the last two are the matrix. `V = r c / mean(r)` with `r` and `c` the running means over columns and over
/// rows of g², taken with weight `t^−0.8`; the movement is `−α u / max(1, rms(u) / threshold)` with `u = g / √V` and
/// `α = max(leastScale, rms(w)) · min(rate, 1 / √t)`. Source: Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear
/// Memory Cost", 2018.
public struct Adafactor: ParameterOptimizer {
  /// What is remembered of a parameter: of a matrix the means of rows and columns, of a vector those of all numbers.
  public struct Memory: Codable, Sendable {
    /// The running mean of each row's squared gradients, `[…, rows, 1]`.
    public var rows: Tensor?
    /// The running mean of each column's squared gradients, `[…, 1, columns]`.
    public var columns: Tensor?
    /// The running mean of a vector's squared gradients.
    public var squares: Tensor?
  }

  /// The largest step compared to the parameter, constant or scheduled.
  public var learningRate: LearningRate
  /// How fast the weight of a new gradient falls with the number of steps: as `t^−decay`.
  public var decay: Hyperparameter
  /// The least second moment.
  public var epsilon: Hyperparameter
  /// The least root mean square that a parameter counts with, so that zeros move, too.
  public var leastScale: Hyperparameter
  /// The largest root mean square of the scaled gradient.
  public var threshold: Hyperparameter

  /// Adafactor with customary settings.
  public init(
    learningRate: LearningRate = 1e-2, decay: Double = 0.8, epsilon: Double = 1e-30, leastScale: Double = 1e-3,
    threshold: Double = 1
  ) {
    self.learningRate = learningRate
    self.decay = Hyperparameter(decay)
    self.epsilon = Hyperparameter(epsilon)
    self.leastScale = Hyperparameter(leastScale)
    self.threshold = Hyperparameter(threshold)
  }

  public func initialState(for parameter: Tensor) -> Memory {
    guard parameter.rank >= 2 else { return Memory(squares: Tensor(zerosLike: parameter)) }
    let zeros = Tensor(zerosLike: parameter)
    return Memory(rows: zeros.mean(axes: -1, keepingAxes: true), columns: zeros.mean(axes: -2, keepingAxes: true))
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let (gradient, type) = (parameter.gradient, parameter.workingType)
    let weight = pow(step.age, -decay.tensor)
    let (take, keep) = (weight.converted(to: type), (1.0 - weight).converted(to: type))
    let squares = square(gradient)
    state.rows = state.rows.map { $0 * keep + squares.mean(axes: -1, keepingAxes: true) * take }
    state.columns = state.columns.map { $0 * keep + squares.mean(axes: -2, keepingAxes: true) * take }
    state.squares = state.squares.map { $0 * keep + squares * take }
    var second = state.squares ?? squares
    if let rows = state.rows, let columns = state.columns {
      // The quotient first: the product of two means could leave the range of the numbers.
      second = rows / maximum(rows.mean(axes: -2, keepingAxes: true), epsilon.in(type)) * columns
    }
    let scaled = gradient / sqrt(maximum(second, epsilon.in(type)))
    func size(_ x: Tensor) -> Tensor { sqrt(square(x).mean()) }
    let bound = maximum(size(scaled) / threshold.in(type), 1)
    let relative = minimum(learningRate(step.number), rsqrt(step.age)).converted(to: type)
    let length = relative * maximum(size(parameter.value), leastScale.in(type))
    return scaled * (-length / bound)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check(
      "Adafactor",
      [
        ("decay", decay, .notNegative), ("epsilon", epsilon, .notNegative), ("leastScale", leastScale, .notNegative),
        ("threshold", threshold, Double.leastNonzeroMagnitude..<Double.infinity),
      ])
  }
}
