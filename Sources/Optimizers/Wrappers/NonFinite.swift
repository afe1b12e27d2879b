import DescentTensors

/// What becomes of a step whose gradients are infinite or NaN.
public enum NonFiniteGradients: String, Sendable, Hashable, Codable {
  /// The step is taken as any other, and its parameters become NaN or infinite.
  case propagated
  /// The step is left out: parameters, running statistics and what is remembered of them stay as they are. A trainer
  /// still ends where the loss itself is not finite.
  case skipped
  /// The step is left out and fails: a training step throws an error that names the parameters whose gradients they are,
  /// and leaves parameters, running statistics and what is remembered as they were before.
  case refused
}

extension NonFiniteGradients {
  /// A step of a rule, left out or refused where a gradient is not finite.
  func guarding<State: Codable>(
    _ parameters: [OptimizedParameter], _ state: inout State, _ step: StepContext,
    _ movements: (inout State) throws -> [Tensor]
  ) throws -> [Tensor] {
    guard self != .propagated else { return try movements(&state) }
    var next = state
    let found = try movements(&next)
    let areFinite = parameters.map { isFinite($0.gradient).all() }
    let isTaken = areFinite.reduce(Tensor(true)) { $0 .& $1 }
    state = try chosen(isTaken, next, otherwise: state)
    if self == .skipped {
      step.leaveOut(where: .!isTaken)
    } else {
      for (parameter, finite) in zip(parameters, areFinite) { step.refuse(where: .!finite, for: parameter.path) }
    }
    return found.map { `where`(isTaken, $0, Tensor(zerosLike: $0)) }
  }
}

extension Optimizer {
  /// The same rule, which leaves out, or refuses, steps whose gradients are infinite or NaN.
  ///
  /// - Parameter nonFinite: What becomes of such a step.
  public func guarding(nonFinite: NonFiniteGradients = .skipped) -> Guarding<Self> {
    Guarding(base: self, nonFinite: nonFinite)
  }
}

/// An optimizer that takes steps with finite gradients only; made by `guarding(nonFinite:)`.
public struct Guarding<Base: Optimizer>: OptimizerWrapper {
  /// The rule within.
  public var base: Base
  /// What becomes of other steps.
  public let nonFinite: NonFiniteGradients

  public func movements(
    of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
  ) throws -> [Tensor] {
    try nonFinite.guarding(parameters, &state, step) { state in
      try base.movements(of: parameters, state: &state, at: step)
    }
  }

  public var description: String { "\(base).guarding(nonFinite: .\(nonFinite.rawValue))" }
}
