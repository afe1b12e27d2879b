import DescentGraph
import DescentTensors

/// Momentum whose steps turn every matrix evenly: the momentum's singular values are all brought to about 1 before it
/// is followed, so that directions with small gradients move as far as those with large ones.
///
/// Matrices and kernels, `[…, inputs, outputs]` taken as `[…·inputs, outputs]`, move so; their steps are scaled to the
/// length that AdamW's have, so that the same learning rates serve. Biases, scales of normalization and matrices with
/// fewer than `leastSide` rows or columns, such as a last layer of few classes, move by AdamW.
///
/// Sources: Jordan and others, "Muon: An optimizer for hidden layers in neural networks", 2024; the scale of steps from
/// Liu and others, "Muon is Scalable for LLM Training", 2025.
///
/// - Complexity: A step multiplies matrices 15 times for each parameter; for layers of a few hundred units that is a
///   few hundredths of the step's work.
public struct Muon: ParameterOptimizer {
  /// What is remembered of a parameter: of a matrix the momentum, of any other AdamW's moments.
  public struct Memory: Codable, Sendable {
    /// The running mean of a matrix's gradient.
    public var momentum: Tensor?
    /// The moments of any other parameter.
    public var moments: Moments?
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the exponential decay rate of the mean gradient.
  public var momentum: Hyperparameter
  /// The decoupled weight decay: each step subtracts this part of the matrix, times the learning rate.
  public var weightDecay: Hyperparameter
  /// The fewest rows and columns of a matrix that is moved by its turned momentum.
  public var leastSide: Int
  /// What moves all other parameters; `nil` for AdamW at the rate and decay that Muon itself has.
  public var others: AdamW?

  /// Muon with the defaults of its papers; all parameters that are not matrices move by AdamW at the same rate.
  ///
  /// - Parameter others: What moves the other parameters, instead of AdamW at the same rate and decay.
  public init(
    learningRate: LearningRate = 1e-3, momentum: Double = 0.95, weightDecay: Double = 0.01,
    leastSide: Int = 16, others: AdamW? = nil
  ) {
    self.learningRate = learningRate
    self.momentum = Hyperparameter(momentum)
    self.weightDecay = Hyperparameter(weightDecay)
    self.leastSide = leastSide
    self.others = others
  }

  /// What moves all other parameters now.
  private var moving: AdamW {
    if let others { return others }
    var adam = AdamW(learningRate: learningRate)
    adam.weightDecay = weightDecay
    return adam
  }

  public func initialState(for parameter: Tensor) -> Memory {
    isTurned(parameter)
      ? Memory(momentum: Tensor(zerosLike: parameter)) : Memory(moments: moving.initialState(for: parameter))
  }

  public func movement(
    of parameter: OptimizedParameter, state: inout Memory, at step: StepContext
  ) throws -> Tensor {
    if var moments = state.moments {
      defer { state.moments = moments }
      return moving.movement(of: parameter, state: &moments, at: step)
    }
    guard let last = state.momentum else { throw TensorError("Muon", "remembers nothing of \(parameter.path)") }
    let (value, gradient, type) = (parameter.value, parameter.gradient, parameter.workingType)
    let rate = learningRate(step.number)
    let (keep, take) = (momentum.in(type), momentum.complement(in: type))
    let mean = last * keep + gradient * take
    state.momentum = mean
    // Nesterov's look ahead: the gradient counts once more.
    let direction = mean * keep + gradient * take
    let (rows, columns) = MatrixBlocks.matrix(value.shape)
    let turned = Self.orthogonalized(direction.reshaped([rows, columns])).reshaped(value.shape)
    let movement = turned * (rate * (-0.2 * Double(max(rows, columns)).squareRoot())).converted(to: type)
    return weightDecay.isZero ? movement : movement - value * (rate * weightDecay.tensor).converted(to: type)
  }

  /// The nearest matrix whose singular values are all equal, roughly: between 0.7 and 1.2.
  ///
  /// Five rounds of an odd polynomial in the matrix itself; its numbers make small singular values grow fastest.
  static func orthogonalized(_ matrix: Tensor) -> Tensor {
    if matrix.error != nil { return matrix }
    let type = matrix.elementType
    let isTall = matrix.shape[0] > matrix.shape[1]
    let wide = isTall ? matrix.transposed() : matrix
    var x = wide / (sqrt(square(wide).sum()) + Tensor(repeating: 1e-12, shape: [], type))
    func coefficient(_ value: Double) -> Tensor { Tensor(repeating: value, shape: [], type) }
    let (first, third, fifth) = (
      coefficient(3.4445), coefficient(-4.7750), coefficient(2.0315)
    )
    for _ in 0..<5 {
      let squared = matmul(x, x.transposed())
      x = x * first + matmul(squared * third + matmul(squared, squared) * fifth, x)
    }
    return isTall ? x.transposed() : x
  }

  private func isTurned(_ parameter: Tensor) -> Bool {
    guard parameter.rank >= 2 else { return false }
    let (rows, columns) = MatrixBlocks.matrix(parameter.shape)
    return min(rows, columns) >= max(leastSide, 1)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("Muon", [("momentum", momentum, 0..<1), ("weightDecay", weightDecay, .notNegative)])
    try others?.validate()
  }
}
