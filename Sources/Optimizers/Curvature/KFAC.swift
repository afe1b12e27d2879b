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
/// The learning rate is, where none is given, that for which the quadratic model of the batch's loss is least. A small batch's model
/// follows the noise of the batch, so that `normConstraint` c bounds what a step adds: Δᵀ F Δ ≤ c. The damping λ goes by how much losses
/// change, as far as the model says; the model of a step is judged by the batch of the next one. Where batches are large, or hold all data,
/// `KFAC(momentum: nil, damping: 1, normConstraint: nil)` is the method of its paper: momentum, too, is that for which the model is least.
///
/// A step costs one more back-propagation for the factors, two forward passes for the model, every `inverseInterval` steps the
/// inverses, and every `dampingInterval` steps one value of the loss. Sources: Martens and Grosse, "Optimizing Neural Networks with
/// Kronecker-factored Approximate Curvature", 2015; Grosse and Martens, "A Kronecker-factored approximate Fisher matrix for convolution
/// layers", 2016; Ba, Grosse and Martens, "Distributed Second-Order Optimization using Kronecker-Factored Approximations", 2017, for the
/// constraint.
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
    /// By how much losses changed, and by how much the model said that they would.
    public var agreement: ModelAgreement
  }

  /// The learning rate; `nil` for that of the quadratic model.
  public var learningRate: LearningRate?
  /// The part of the last movement that is added; `nil` for that of the quadratic model.
  public var momentum: Hyperparameter?
  /// The exponential decay rate of factors, once as many steps have been taken as it averages over.
  public var decay: Hyperparameter
  /// The damping of the first step.
  public var damping: Hyperparameter
  /// The least damping.
  public var smallestDamping: Hyperparameter
  /// The largest squared length Δᵀ F Δ, by the Fisher information, of what a step adds to the part of the last movement that momentum
  /// keeps: about twice the divergence of the predictions after from those before; `nil` for any length.
  public var normConstraint: Hyperparameter?
  /// After how many steps the damping is looked at; 0 for a damping that stays.
  public var dampingInterval: Int
  /// After how many steps the inverses are computed again.
  public var inverseInterval: Int
  /// Which targets the factors are from.
  public var targets: FisherTargets
  /// The largest number of rows of a factor; a larger one is taken to be diagonal.
  public var largestFactor: Int

  /// K-FAC with settings for batches of some hundred examples.
  public init(
    learningRate: LearningRate? = nil, momentum: Double? = 0.9, decay: Double = 0.95, damping: Double = 0.1,
    smallestDamping: Double = 1e-8, normConstraint: Double? = 1e-4, dampingInterval: Int = 5, inverseInterval: Int = 5,
    targets: FisherTargets = .sampled, largestFactor: Int = 2048
  ) {
    self.learningRate = learningRate
    self.momentum = momentum.map { Hyperparameter($0) }
    self.decay = Hyperparameter(decay)
    self.damping = Hyperparameter(damping)
    self.smallestDamping = Hyperparameter(smallestDamping)
    self.normConstraint = normConstraint.map { Hyperparameter($0) }
    self.dampingInterval = dampingInterval
    self.inverseInterval = inverseInterval
    self.targets = targets
    self.largestFactor = largestFactor
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    let blocks = KroneckerBlocks(parameters)
    var state = State(factors: [:], diagonals: [:], last: [:], damping: damping.tensor, agreement: .none)
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
    if dampingInterval > 0 { try judge(point, last, &state, at: step) }
    try follow(parameters, &state, at: step)
    let directions = [try preconditioned(parameters, state), last]
    let given = [learningRate.map { $0(step.number) }, momentum?.tensor]
    let isModelled = given.contains { $0 == nil } || dampingInterval > 0
    let model =
      isModelled
      ? try QuadraticModel(step.objective, at: point, gradient: gradient, along: directions) : nil
    var lengths = model?.lengths(damping: state.damping, given: given) ?? given.compactMap { $0 }
    if let normConstraint {
      lengths[0] = lengths[0] * shortening(dot(gradient, directions[0]), lengths[0], to: normConstraint)
    }
    let movements = zip(directions[0], last).map { own, last in
      own * lengths[0].converted(to: own.elementType) + last * lengths[1].converted(to: last.elementType)
    }
    for (parameter, movement) in zip(parameters, movements) { state.last[parameter.path] = movement }
    if let model { state.agreement.expected = model.change(lengths) }
    return movements
  }

  /// Judges the model of the last step by this one's batch, which it has not seen: on its own batch even a step that follows
  /// nothing but the batch's noise does what the model says.
  private func judge(_ point: [Tensor], _ last: [Tensor], _ state: inout State, at step: StepContext) throws {
    let (damping, agreement) = (state.damping, state.agreement)
    let factor = pow(19.0 / 20, Double(dampingInterval))
    let next = try cond(step.isDue(every: dampingInterval) .& (step.age .> 1)) {
      let before = try step.objective.value(at: zip(point, last).map { $0 - $1 }).converted(to: .float64)
      let found = agreement.following(step.loss.converted(to: .float64) - before)
      let next = AdaptiveDamping.next(
        damping, change: found.changes, expected: found.expectations, agreeing: 0...0.75, factor: factor)
      let kept = found.remembered
      return [maximum(next, smallestDamping.tensor), kept.changes, kept.expectations]
    } else: {
      [damping, agreement.changes, agreement.expectations]
    }
    (state.damping, state.agreement.changes, state.agreement.expectations) = (next[0], next[1], next[2])
  }

  /// What a step of some length is multiplied by so that its squared length in the Fisher information keeps to the constraint.
  private func shortening(_ slope: Tensor, _ length: Tensor, to constraint: Hyperparameter) -> Tensor {
    let squared = abs(slope) * square(length)
    let (isLong, one) = (squared .> constraint.tensor, Tensor(1, .float64))
    return sqrt(`where`(isLong, constraint.tensor, one) / `where`(isLong, squared, one))
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
    let positive = Double.leastNonzeroMagnitude..<Double.infinity
    try check(
      "KFAC", [("decay", decay, 0..<1), ("damping", damping, positive), ("smallestDamping", smallestDamping, positive)])
    if let momentum { try check("KFAC", [("momentum", momentum, 0..<1)]) }
    if let normConstraint { try check("KFAC", [("normConstraint", normConstraint, positive)]) }
    guard dampingInterval >= 0 else {
      throw TensorError("KFAC", "its dampingInterval must be at least 0, found \(dampingInterval)")
    }
    for (name, number) in [("inverseInterval", inverseInterval), ("largestFactor", largestFactor)] where number < 1 {
      throw TensorError("KFAC", "its \(name) must be at least 1, found \(number)")
    }
  }
}
