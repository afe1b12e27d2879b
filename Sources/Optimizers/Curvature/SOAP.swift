import DescentTensors

/// SOAP: Adam in the directions in which a matrix' gradients are uncorrelated, which are Shampoo's eigenvectors.
///
/// With `L = β₃ L + (1 − β₃) G Gᵀ`, `R = β₃ R + (1 − β₃) Gᵀ G` and their eigenvectors P and Q, Adam divides the momentum `Pᵀ M Q` by the
/// root of the second moment of `Pᵀ G Q`, and `P … Qᵀ` of that is followed. Every `interval` steps the eigenvectors take one step of
/// orthogonal iteration, `P = qr(L P)`; the first step only finds them. Matrices are taken apart into blocks with at most
/// `blockSize` rows and columns; kernels `[…, inputs, outputs]` are matrices `[…·inputs, outputs]`. All other parameters move by Adam.
/// Source: Vyas and others, "SOAP: Improving and Stabilizing Shampoo using Adam", 2024.
///
/// - Complexity: Each step costs about six products of blocks with square matrices, O(blockSize) for each number of the
///   parameter.
public struct SOAP: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// The mean of the gradient, in the parameter's own directions.
    public var first: Tensor
    /// The mean of the squared gradient: of a matrix, of its blocks in the directions of the eigenvectors.
    public var second: Tensor
    /// The directions of a matrix.
    public var basis: Basis?
  }

  /// The directions in which the gradients of a matrix' blocks are uncorrelated.
  public struct Basis: Codable, Sendable {
    /// The running mean of `G Gᵀ`, `[…, rows, rows]`.
    public var left: Tensor
    /// The running mean of `Gᵀ G`, `[…, columns, columns]`.
    public var right: Tensor
    /// The eigenvectors of `left`, as columns.
    public var leftVectors: Tensor
    /// The eigenvectors of `right`, as columns.
    public var rightVectors: Tensor
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// The exponential decay rate of what the directions are taken from.
  public var beta3: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter
  /// The decoupled weight decay of matrices: each step subtracts this part of the matrix, times the learning rate.
  public var weightDecay: Hyperparameter
  /// The largest number of rows and columns of a block.
  public var blockSize: Int
  /// After how many steps the directions are computed again.
  public var interval: Int

  /// SOAP with the numbers of its paper.
  public init(
    learningRate: LearningRate = 3e-3, beta1: Double = 0.95, beta2: Double = 0.95, beta3: Double = 0.95,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, blockSize: Int = 256, interval: Int = 10
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.beta3 = Hyperparameter(beta3)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.blockSize = blockSize
    self.interval = interval
  }

  public func initialState(for parameter: Tensor) -> Memory {
    let zeros = Tensor(zerosLike: parameter)
    guard parameter.rank >= 2, parameter.shape.count > 0 else { return Memory(first: zeros, second: zeros) }
    let blocks = MatrixBlocks(parameter.shape, size: blockSize)
    let (left, right) = (blocks.rowSquares(parameter.elementType), blocks.columnSquares(parameter.elementType))
    return Memory(
      first: zeros, second: blocks.split(zeros),
      basis: Basis(left: left, right: right, leftVectors: left, rightVectors: right))
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) throws -> Tensor {
    let (value, gradient, type) = (parameter.value, parameter.gradient, parameter.workingType)
    let rate = learningRate(step.number)
    guard let basis = state.basis else {
      var moments = Moments(zerosLike: value)
      (moments.first, moments.second) = (state.first, state.second)
      moments.add(gradient, beta1, beta2)
      (state.first, state.second) = (moments.first, moments.second)
      return moments.movement(rate, beta1, beta2, epsilon, at: step)
    }
    let blocks = MatrixBlocks(value.shape, size: blockSize)
    let (first, isFirst) = (blocks.split(gradient), step.age .<= 1)
    func turned(_ x: Tensor) -> Tensor { einsum("abji,abjk,abkl->abil", basis.leftVectors, x, basis.rightVectors) }
    // The first step, which has no directions yet, counts for nothing but them.
    let mean = `where`(isFirst, state.first, beta1.mean(state.first, gradient))
    let second = `where`(isFirst, state.second, beta2.mean(state.second, square(turned(first))))
    var counted = step
    counted.age = maximum(step.age - 1.0, 1)
    let length = (rate / counted.biasCorrection(beta1)).converted(to: type)
    let spread = sqrt(second * (1.0 / counted.biasCorrection(beta2)).converted(to: type)) + epsilon.in(type)
    let scaled = turned(blocks.split(mean)) / spread
    let back = blocks.merged(einsum("abij,abjk,ablk->abil", basis.leftVectors, scaled, basis.rightVectors))
    var movement = back * -length
    if !weightDecay.isZero { movement -= value * (rate * weightDecay.tensor).converted(to: type) }
    (state.first, state.second) = (mean, second)
    try follow(first, isFirst, &state, basis, at: step)
    return `where`(isFirst, Tensor(zerosLike: value), movement)
  }

  /// Directions, and the second moment in them.
  private struct Directions: Codable {
    var left: Tensor
    var right: Tensor
    var second: Tensor
  }

  /// Takes the blocks of a gradient in, and turns the directions where it is time.
  private func follow(
    _ gradient: Tensor, _ isFirst: Tensor, _ state: inout Memory, _ basis: Basis, at step: StepContext
  ) throws {
    let left = beta3.mean(basis.left, einsum("abij,abkj->abik", gradient, gradient))
    let right = beta3.mean(basis.right, einsum("abji,abjk->abik", gradient, gradient))
    let last = Directions(left: basis.leftVectors, right: basis.rightVectors, second: state.second)
    let next = try cond(isFirst) {
      Directions(left: eigh(left).vectors, right: eigh(right).vectors, second: last.second)
    } else: {
      try cond(step.isDue(every: interval)) {
        let (vectors, order) = Self.iterated(left, last.left)
        let (others, otherOrder) = Self.iterated(right, last.right)
        let second = einsum("abji,abjk,abkl->abil", order, last.second, otherOrder)
        return Directions(left: vectors, right: others, second: second)
      } else: {
        last
      }
    }
    state.second = next.second
    state.basis = Basis(left: left, right: right, leftVectors: next.left, rightVectors: next.right)
  }

  /// One step of orthogonal iteration from directions that are put in the order of their eigenvalues first, largest first.
  ///
  /// - Returns: The directions, and the permutation of columns that put them in order.
  private static func iterated(_ square: Tensor, _ vectors: Tensor) -> (vectors: Tensor, order: Tensor) {
    let values = einsum("abji,abjk,abki->abi", vectors, square, vectors)
    let count = square.shape.last ?? 1
    // A column for each place, with a 1 at the direction that comes there.
    let order = values.argSorted(descending: true).oneHot(count: count, square.elementType).transposed([0, 1, 3, 2])
    let product = einsum("abij,abjk,abkl->abil", square, vectors, order)
    return (qr(product).q, order)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("SOAP", beta1, beta2, epsilon, weightDecay)
    try check("SOAP", [("beta3", beta3, 0..<1)])
    for (name, number) in [("blockSize", blockSize), ("interval", interval)] where number < 1 {
      throw TensorError("SOAP", "its \(name) must be at least 1, found \(number)")
    }
  }
}
