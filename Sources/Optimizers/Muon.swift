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
public struct Muon: Optimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the exponential decay rate of the mean gradient.
  public var momentum: Double
  /// The decoupled weight decay: each step subtracts this part of the matrix, times the learning rate.
  public var weightDecay: Double
  /// The fewest rows and columns of a matrix that is moved by its turned momentum.
  public var leastSide: Int
  /// What moves all other parameters.
  public var others: AdamW

  /// Muon with the defaults of its papers; all parameters that are no matrices move by AdamW at the same rate.
  ///
  /// - Parameter others: What moves the other parameters, instead of AdamW at the same rate and decay.
  public init(
    learningRate: LearningRate = 1e-3, momentum: Double = 0.95, weightDecay: Double = 0.01, leastSide: Int = 16,
    others: AdamW? = nil
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.leastSide = leastSide
    self.others = others ?? AdamW(learningRate: learningRate, weightDecay: weightDecay)
  }

  public func initialState(for parameter: Tensor) -> [Tensor] {
    isTurned(parameter) ? [OptimizedParameter.memory(for: parameter)] : others.initialState(for: parameter)
  }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    if let fault { return parameters.map { $0.failed(fault) } }
    let places = parameters.indices.filter { !isTurned(parameters[$0].value) }
    let moved = others.update(places.map { parameters[$0] }, step: step)
    let updates = Dictionary(uniqueKeysWithValues: zip(places, moved))
    let rate = learningRate(step)
    let kept = 1.0 - rate * .scalar(weightDecay, .float64)
    return parameters.enumerated().map { index, parameter in
      updates[index] ?? turned(parameter, rate: rate, kept: kept)
    }
  }

  private func turned(_ parameter: OptimizedParameter, rate: Tensor, kept: Tensor) -> ParameterUpdate {
    let (value, gradient) = (parameter.wideValue, parameter.wideGradient)
    let type = value.elementType
    let (keep, take) = (Tensor.scalar(momentum, type), Tensor.scalar(1 - momentum, type))
    let mean = parameter.state[0] * keep + gradient * take
    // Nesterov's look ahead: the gradient counts once more.
    let direction = mean * keep + gradient * take
    let (rows, columns) = Self.matrix(value.shape)
    let step = Self.orthogonalised(direction.reshaped([rows, columns])).reshaped(value.shape)
    let length = rate.factor(for: value) * Tensor.scalar(0.2 * Double(max(rows, columns)).squareRoot(), type)
    return parameter.updated(value * kept.factor(for: value) - step * length, [mean])
  }

  /// The nearest matrix whose singular values are all equal, roughly: between 0.7 and 1.2.
  ///
  /// Five rounds of an odd polynomial in the matrix itself; its numbers make small singular values grow fastest.
  static func orthogonalised(_ matrix: Tensor) -> Tensor {
    if matrix.error != nil { return matrix }
    let type = matrix.elementType
    let isTall = matrix.shape[0] > matrix.shape[1]
    let wide = isTall ? matrix.transposed() : matrix
    var x = wide / (sqrt(square(wide).sum()) + .scalar(1e-12, type))
    let (first, third, fifth) = (
      Tensor.scalar(3.4445, type), Tensor.scalar(-4.7750, type), Tensor.scalar(2.0315, type)
    )
    for _ in 0..<5 {
      let squared = matmul(x, x.transposed())
      x = x * first + matmul(squared * third + matmul(squared, squared) * fifth, x)
    }
    return isTall ? x.transposed() : x
  }

  private func isTurned(_ parameter: Tensor) -> Bool {
    guard parameter.rank >= 2 else { return false }
    let (rows, columns) = Self.matrix(parameter.shape)
    return min(rows, columns) >= max(leastSide, 1)
  }

  private static func matrix(_ shape: Shape) -> (rows: Int, columns: Int) {
    let columns = shape.last ?? 1
    return (shape.sizes.dropLast().reduce(1, *), columns)
  }

  private var fault: TensorError? {
    settingFault(
      "Muon", [("momentum", momentum, 0..<1), ("weightDecay", weightDecay, 0..<Double.infinity)])
  }
}
