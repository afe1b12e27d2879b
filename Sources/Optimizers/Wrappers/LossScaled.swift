import DescentTensors

/// What a loss is multiplied by before it is differentiated, and how often that was too much.
public struct LossScale: Codable, Sendable {
  /// The factor, a Float64 scalar.
  public var scale: Tensor
  /// The number of steps in a row without overflow, a Float64 scalar.
  public var steadySteps: Tensor
  /// The number of steps left out so far because a gradient overflowed, a Float64 scalar.
  public var skippedSteps: Tensor

  init(_ scale: Hyperparameter) {
    let zero = Tensor(repeating: 0, shape: [], .float64)
    (self.scale, steadySteps, skippedSteps) = (scale.tensor.converted(to: .float64) + zero, zero, zero)
  }
}

extension Optimizer {
  /// The same rule for passes in float16, whose small gradients would vanish: the loss is multiplied by a scale before it is
  /// differentiated, and the gradients are divided by it.
  ///
  /// A step whose gradients overflow is left out, and the scale shrinks; after some steps in a row without that it grows.
  /// The scale and the number of steps left out are part of the state, and so of checkpoints. It stands outermost, so that
  /// clipping and whatever else looks at gradients sees them unscaled:
  ///
  /// ```swift
  /// AdamW(learningRate: 1e-3).clipping(globalNorm: 1).scalingLoss()
  /// ```
  ///
  /// Bfloat16 has the exponents of float32 and needs none. Source: Micikevicius et al., "Mixed Precision Training", 2018; the
  /// numbers are those of PyTorch's `GradScaler`.
  ///
  /// - Parameters:
  ///   - initial: The scale of the first step.
  ///   - growth: What the scale is multiplied by after steady steps, at least 1. It stays below 2²⁴.
  ///   - backoff: What it is multiplied by where gradients overflow, above 0 and below 1.
  ///   - steps: After how many steady steps in a row it grows.
  public func scalingLoss(
    initial: Double = 65_536, growth: Double = 2, backoff: Double = 0.5, growthAfter steps: Int = 2_000
  ) -> LossScaled<Self> {
    LossScaled(
      base: self, initial: Hyperparameter(initial), growth: Hyperparameter(growth), backoff: Hyperparameter(backoff),
      growthAfter: Hyperparameter(Double(steps)))
  }
}

/// An optimizer that has the loss scaled; made by `scalingLoss(initial:growth:backoff:growthAfter:)`.
public struct LossScaled<Base: Optimizer>: Optimizer {
  /// The scale, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The scale.
    public var loss: LossScale
  }

  /// The rule within.
  public var base: Base
  /// The scale of the first step.
  public var initial: Hyperparameter
  /// What the scale is multiplied by after steady steps.
  public var growth: Hyperparameter
  /// What the scale is multiplied by where gradients overflow.
  public var backoff: Hyperparameter
  /// After how many steady steps in a row the scale grows.
  public var growthAfter: Hyperparameter

  /// The largest scale: whole numbers up to it are exact in Float32, and gradients that need a larger one are gone anyway.
  private static var largest: Double { 16_777_216 }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    State(base: try base.initialState(for: parameters), loss: LossScale(initial))
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    guard let scale = step.lossScale else {
      throw TensorError(
        "scalingLoss",
        "has to be the last modifier of an optimizer, and whoever takes the step has to scale the loss, as training steps do"
      )
    }
    var unscaled = parameters
    for index in unscaled.indices {
      let gradient = parameters[index].gradient
      unscaled[index].gradient = (gradient.converted(to: .float64) / scale).converted(to: gradient.elementType)
    }
    let isTaken = parameters.map { isFinite($0.gradient).all() }.reduce(Tensor(true)) { $0 .& $1 }
    var next = state.base
    let own = step.nested()
    let movements = try base.movements(of: unscaled, state: &next, at: own)
    // Where scaled gradients overflow, the scale is at fault: nothing to refuse.
    step.adopt(own, where: isTaken, refusing: isTaken)
    step.leaveOut(where: .!isTaken)
    state.base = try chosen(isTaken, next, otherwise: state.base)

    let steady = `where`(isTaken, state.loss.steadySteps + 1, Tensor(zerosLike: scale))
    let isGrowing = steady .>= growthAfter.tensor
    let grown = minimum(scale * growth.tensor, Tensor(repeating: Self.largest, shape: [], .float64))
    let shrunk = scale * backoff.tensor
    let skipped = state.loss.skippedSteps + (.!isTaken).converted(to: .float64)
    state.loss.scale = `where`(isTaken, `where`(isGrowing, grown, scale), shrunk)
    state.loss.steadySteps = `where`(isGrowing, Tensor(zerosLike: scale), steady)
    state.loss.skippedSteps = skipped
    return movements.map { `where`(isTaken, $0, Tensor(zerosLike: $0)) }
  }

  public func lossScale(in state: State) -> LossScale? { state.loss }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    let positive = Double.leastNonzeroMagnitude..<Double.infinity
    try check(
      "scalingLoss",
      [
        ("initial", initial, positive), ("growth", growth, 1..<Double.infinity),
        ("backoff", backoff, Double.leastNonzeroMagnitude..<1), ("growthAfter", growthAfter, positive),
      ])
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { base.averages(in: state.base) }

  public var description: String {
    let defaults = base.scalingLoss()
    let settings = [
      ("initial", initial, defaults.initial), ("growth", growth, defaults.growth),
      ("backoff", backoff, defaults.backoff), ("growthAfter", growthAfter, defaults.growthAfter),
    ].filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1)" }
    return "\(base).scalingLoss(\(settings.joined(separator: ", ")))"
  }
}
