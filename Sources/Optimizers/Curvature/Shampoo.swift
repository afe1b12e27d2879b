import DescentTensors

/// Shampoo: the momentum of a matrix times inverse fourth roots of what its gradients are correlated with, over rows and over
/// columns; a step as Newton's for the curvature that gradients show.
///
/// With `L = β₂ L + (1 − β₂) G Gᵀ`, `R = β₂ R + (1 − β₂) Gᵀ G` and the momentum M the direction is `L^−¼ M R^−¼`. Its length is that of
/// another rule's movement, which is what `grafting` says. Matrices are taken apart into blocks with at most `blockSize` rows and
/// columns; kernels `[…, inputs, outputs]` are matrices `[…·inputs, outputs]`. All other parameters move by AdamW. Sources: Gupta,
/// Koren and Singer, "Shampoo: Preconditioned Stochastic Tensor Optimization", 2018; Anil and others, "Scalable Second Order Optimization
/// for Deep Learning", 2020.
///
/// - Complexity: Each step costs about three products of blocks with square matrices; every `interval` steps the eigenvectors of
///   these in addition, O(blockSize) for each number of the parameter times some ten.
public struct Shampoo: ParameterOptimizer {
  /// Which rule says how long a movement is.
  public enum Grafting: String, Codable, Sendable {
    /// None: the direction itself is followed.
    case none
    /// The momentum.
    case sgd
    /// Adam.
    case adam
  }

  /// What is remembered of a parameter: of a matrix the momentum and the squares, of any other AdamW's moments.
  public struct Memory: Codable, Sendable {
    /// The moments of a parameter that moves by AdamW, or of a matrix whose steps are as long as Adam's.
    public var moments: Moments?
    /// The running mean of the gradient, of a matrix whose steps are not as long as Adam's.
    public var momentum: Tensor?
    /// The squares of a matrix' blocks.
    public var squares: Squares?
  }

  /// What a matrix' gradients are correlated with, over rows and over columns of each block.
  public struct Squares: Codable, Sendable {
    /// The running mean of `G Gᵀ`, `[…, rows, rows]`.
    public var left: Tensor
    /// The running mean of `Gᵀ G`, `[…, columns, columns]`.
    public var right: Tensor
    /// The inverse root of `left`, as it was last computed.
    public var leftRoot: Tensor
    /// The inverse root of `right`, as it was last computed.
    public var rightRoot: Tensor
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the momentum.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the squares.
  public var beta2: Hyperparameter
  /// What is added to a square's eigenvalues, as a part of the largest.
  public var epsilon: Hyperparameter
  /// The decoupled weight decay: each step subtracts this part of the matrix, times the learning rate.
  public var weightDecay: Hyperparameter
  /// Which rule says how long a movement is.
  public var grafting: Grafting
  /// The largest number of rows and columns of a block.
  public var blockSize: Int
  /// After how many steps inverse roots are computed again.
  public var interval: Int

  /// Shampoo with customary settings.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.99, epsilon: Double = 1e-6,
    weightDecay: Double = 0.01, grafting: Grafting = .adam, blockSize: Int = 128, interval: Int = 10
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.grafting = grafting
    self.blockSize = blockSize
    self.interval = interval
  }

  public func initialState(for parameter: Tensor) -> Memory {
    guard parameter.rank >= 2, parameter.shape.count > 0 else { return Memory(moments: Moments(zerosLike: parameter)) }
    let blocks = MatrixBlocks(parameter.shape, size: blockSize)
    let type = parameter.elementType
    let (left, right) = (blocks.rowSquares(type), blocks.columnSquares(type))
    let squares = Squares(left: left, right: right, leftRoot: left, rightRoot: right)
    return grafting == .adam
      ? Memory(moments: Moments(zerosLike: parameter), squares: squares)
      : Memory(momentum: Tensor(zerosLike: parameter), squares: squares)
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) throws -> Tensor {
    let (value, gradient, type) = (parameter.value, parameter.gradient, parameter.workingType)
    let rate = learningRate(step.number)
    func plain(_ moments: Moments) -> Tensor {
      moments.movement(Tensor(-1, .float64), beta1, beta2, Hyperparameter(1e-8), at: step)
    }
    state.moments?.add(gradient, beta1, beta2)
    state.momentum = state.momentum.map { beta1.mean($0, gradient) }
    guard var squares = state.squares else {
      guard let moments = state.moments else { throw TensorError("Shampoo", "remembers nothing of \(parameter.path)") }
      return plain(moments) * (-rate).converted(to: type)
    }
    let blocks = MatrixBlocks(value.shape, size: blockSize)
    try follow(blocks.split(gradient), &squares, at: step)
    state.squares = squares
    let mean = state.momentum ?? state.moments?.first ?? gradient
    let corrected = mean * (1.0 / step.biasCorrection(beta1)).converted(to: type)
    let turned = einsum(
      "abij,abjk,abkl->abil", squares.leftRoot, blocks.split(corrected), squares.rightRoot)
    var direction = blocks.merged(turned)
    if grafting != .none {
      let (wanted, found) = ((state.moments.map(plain) ?? corrected).norm(), direction.norm())
      direction *= `where`(found .> 0, wanted / `where`(found .> 0, found, Tensor(1, type)), Tensor(1, type))
    }
    let movement = direction * (-rate).converted(to: type)
    return weightDecay.isZero ? movement : movement - value * (rate * weightDecay.tensor).converted(to: type)
  }

  /// Takes the blocks of a gradient in, and computes the roots anew where it is time.
  private func follow(_ gradient: Tensor, _ squares: inout Squares, at step: StepContext) throws {
    squares.left = beta2.mean(squares.left, einsum("abij,abkj->abik", gradient, gradient))
    squares.right = beta2.mean(squares.right, einsum("abji,abjk->abik", gradient, gradient))
    let last = squares
    let scale = 1.0 / step.biasCorrection(beta2)
    squares = try cond(step.isDue(every: interval)) {
      var next = last
      next.leftRoot = inverseRoot(last.left * scale.converted(to: last.left.elementType))
      next.rightRoot = inverseRoot(last.right * scale.converted(to: last.right.elementType))
      return next
    } else: {
      last
    }
  }

  /// The inverse fourth roots of symmetric matrices without negative eigenvalues; of zeros, the identity.
  private func inverseRoot(_ matrices: Tensor) -> Tensor {
    let type = matrices.elementType
    let (values, vectors) = eigh(matrices)
    let largest = values.max(axes: -1, keepingAxes: true)
    let raised = maximum(values, 0) + largest * epsilon.in(type)
    let roots = pow(`where`(largest .> 0, raised, Tensor(1, type)), -0.25)
    return einsum("abij,abj,abkj->abik", vectors, roots, vectors)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("Shampoo", beta1, beta2, epsilon, weightDecay)
    for (name, number) in [("blockSize", blockSize), ("interval", interval)] where number < 1 {
      throw TensorError("Shampoo", "its \(name) must be at least 1, found \(number)")
    }
  }
}
