import DescentGraph
import DescentTensors
import Foundation

/// K-FAC: a natural-gradient step, with the Fisher information of each layer taken to be a Kronecker product of two small matrices.
///
/// A layer's weights W, whose inputs are a and the gradients with respect to whose outputs are g, have about the Fisher information `A ⊗ G`
/// with `A = E[a aᵀ]`, `G = E[g gᵀ]`, and move along `−(A + π√λ)⁻¹ ∇W (G + √λ / π)⁻¹`. Dense layers, convolutions (their patches are rows) and
/// embeddings report both by themselves, together with their biases; normalizations report what the diagonal for scales and shifts is made
/// of. Other matrices have their factors from the gradient of the Fisher information's columns, and other vectors a diagonal.
///
/// Learning rate and momentum are, where none are given, those for which the quadratic model of the loss is least, and the damping λ
/// goes by the ratio of how much the loss falls to how much the model says. A step costs one more back-propagation for the factors, two
/// forward passes for the model, every `inverseInterval` steps the inverses, and every `dampingInterval` steps one value of the loss.
/// Sources: Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", 2015; Grosse and
/// Martens, "A Kronecker-factored approximate Fisher matrix for convolution layers", 2016.
public struct KFAC: Optimizer {
  /// The Fisher information of a weight, `input ⊗ output`, and what its gradient is multiplied by from both sides.
  public struct Factors: Codable, Sendable {
    /// The running mean of the inputs' products, with a 1 for the bias: `[rows, rows]`, or their squares `[rows]`.
    public var input: Tensor
    /// The running mean of the products of gradients with respect to outputs: `[columns, columns]`, or their squares `[columns]`.
    public var output: Tensor
    /// The inverse of `input` with damping, as it was last computed.
    public var inputInverse: Tensor
    /// The inverse of `output` with damping, as it was last computed.
    public var outputInverse: Tensor
  }

  /// What is remembered.
  public struct State: Codable, Sendable {
    /// The factors by the weights' paths.
    public var factors: [String: Factors]
    /// The diagonals of all other parameters, by their paths.
    public var diagonals: [String: Tensor]
    /// The last movements, by the parameters' paths.
    public var last: [String: Tensor]
    /// The damping, a Float64 scalar.
    public var damping: Tensor
  }

  /// The learning rate; `nil` for that of the quadratic model.
  public var learningRate: LearningRate?
  /// The part of the last movement that is added; `nil` for that of the quadratic model.
  public var momentum: Hyperparameter?
  /// The exponential decay rate of factors, once as many steps have been taken as it averages over.
  public var decay: Hyperparameter
  /// The damping of the first step.
  public var damping: Hyperparameter
  /// After how many steps the damping is looked at; 0 for a damping that stays.
  public var dampingInterval: Int
  /// After how many steps the inverses are computed again.
  public var inverseInterval: Int
  /// Which targets the factors are from.
  public var targets: FisherTargets
  /// The largest number of rows of a factor; a larger one is taken to be diagonal.
  public var largestFactor: Int

  /// K-FAC with the numbers of its paper.
  public init(
    learningRate: LearningRate? = nil, momentum: Double? = nil, decay: Double = 0.95, damping: Double = 1,
    dampingInterval: Int = 5, inverseInterval: Int = 5, targets: FisherTargets = .sampled, largestFactor: Int = 2048
  ) {
    self.learningRate = learningRate
    self.momentum = momentum.map { Hyperparameter($0) }
    self.decay = Hyperparameter(decay)
    self.damping = Hyperparameter(damping)
    self.dampingInterval = dampingInterval
    self.inverseInterval = inverseInterval
    self.targets = targets
    self.largestFactor = largestFactor
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    let blocks = KroneckerBlocks(parameters)
    var state = State(factors: [:], diagonals: [:], last: [:], damping: damping.tensor)
    for product in blocks.products {
      let parameter = parameters[product.weight]
      let input = FactorSide.zeros(product.rows, largestFactor, parameter.workingType)
      let output = FactorSide.zeros(product.columns, largestFactor, parameter.workingType)
      state.factors[parameter.path] = Factors(
        input: input, output: output, inputInverse: input, outputInverse: output)
    }
    for place in blocks.others { state.diagonals[parameters[place].path] = Tensor(zerosLike: parameters[place].value) }
    for parameter in parameters { state.last[parameter.path] = Tensor(zerosLike: parameter.value) }
    return state
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let (point, gradient) = (parameters.map(\.value), parameters.map(\.gradient))
    let last = try parameters.map { parameter in
      guard let found = state.last[parameter.path] else { throw unknown(parameter) }
      return found
    }
    try follow(parameters, &state, at: step)
    let directions = [try preconditioned(parameters, state), last]
    let given = [learningRate.map { $0(step.number) }, momentum?.tensor]
    let isModelled = given.contains { $0 == nil } || dampingInterval > 0
    let model =
      isModelled
      ? try QuadraticModel(step.objective, at: point, gradient: gradient, along: directions) : nil
    let lengths = model?.lengths(damping: state.damping, given: given) ?? given.compactMap { $0 }
    let movements = zip(directions[0], last).map { own, last in
      own * lengths[0].converted(to: own.elementType) + last * lengths[1].converted(to: last.elementType)
    }
    for (parameter, movement) in zip(parameters, movements) { state.last[parameter.path] = movement }
    if let model, dampingInterval > 0 {
      let before = state.damping
      let factor = pow(19.0 / 20, Double(dampingInterval))
      state.damping = try cond(step.isDue(every: dampingInterval)) {
        let target = zip(point, movements).map { $0 + $1 }
        let found = try step.objective.value(at: target).converted(to: .float64)
        return AdaptiveDamping.next(
          before, change: found - step.loss.converted(to: .float64), expected: model.change(lengths), factor: factor)
      } else: {
        before
      }
    }
    return movements
  }

  /// The gradient, multiplied from both sides by the inverses of its factors, downward.
  private func preconditioned(_ parameters: [OptimizedParameter], _ state: State) throws -> [Tensor] {
    let gradient = parameters.map(\.gradient)
    let blocks = KroneckerBlocks(parameters)
    var direction = gradient
    for product in blocks.products {
      guard let factors = state.factors[parameters[product.weight].path] else {
        throw unknown(parameters[product.weight])
      }
      let left = FactorSide.times(factors.inputInverse, product.joined(gradient))
      let both = FactorSide.times(factors.outputInverse, left.transposed()).transposed()
      product.split(-both, into: &direction)
    }
    for place in blocks.others {
      guard let diagonal = state.diagonals[parameters[place].path] else { throw unknown(parameters[place]) }
      direction[place] = -gradient[place] / (diagonal + state.damping.converted(to: diagonal.elementType))
    }
    return direction
  }

  func unknown(_ parameter: OptimizedParameter) -> TensorError {
    TensorError("KFAC", "remembers nothing of \(parameter.path), which was not there before the first step")
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate?.validate()
    try check("KFAC", [("decay", decay, 0..<1), ("damping", damping, Double.leastNonzeroMagnitude..<Double.infinity)])
    if let momentum { try check("KFAC", [("momentum", momentum, 0..<1)]) }
    guard dampingInterval >= 0 else {
      throw TensorError("KFAC", "its dampingInterval must be at least 0, found \(dampingInterval)")
    }
    for (name, number) in [("inverseInterval", inverseInterval), ("largestFactor", largestFactor)] where number < 1 {
      throw TensorError("KFAC", "its \(name) must be at least 1, found \(number)")
    }
  }
}
