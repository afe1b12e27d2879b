import DescentGraph
import DescentTensors

/// What a policy sees and what it does; it is saved with the policy.
public struct PolicySpaces: Hashable, Sendable, Codable {
  /// What is seen.
  public let observations: ObservationSpace
  /// What can be done.
  public let actions: ActionSpace

  /// Two spaces.
  public init(observations: ObservationSpace, actions: ActionSpace) {
    (self.observations, self.actions) = (observations, actions)
  }

  /// The spaces of an environment.
  public init(_ environment: some EnvironmentSource) {
    self.init(observations: environment.observationSpace, actions: environment.actionSpace)
  }

  /// Observations as rows of numbers, `[batch, features]` in float32: counted states one-hot, all others as they are.
  ///
  /// - Parameter observations: `[batch, …]`, of the shape of the space.
  public func features(_ observations: Tensor) -> Tensor {
    if observations.error != nil { return observations }
    guard observations.shape.dropFirst().elementsEqual(self.observations.shape) else {
      return Tensor(
        error: TensorError(
          "Policy",
          "sees observations [batch, …] of the shape \(self.observations.shape) each, found \(observations.shape)"))
    }
    switch self.observations {
    case .discrete(let count): return observations.oneHot(count: count)
    case .multiDiscrete(let counts):
      return concatenated(counts.enumerated().map { observations[.all, $0].oneHot(count: $1) }, axis: -1)
    case .box, .array:
      let rows = observations.converted(to: .float32)
      return rows.rank == 1 ? rows.expanded(axis: -1) : rows.flattened()
    }
  }

  /// Observations whose values do not matter, by which a network is given its sizes.
  func example(batch: Int = 1) -> Tensor {
    Tensor(zeros: Shape([batch] + observations.shape.sizes), observations.isDiscrete ? .int32 : .float32)
  }

  /// What differs from other spaces, in words; `nil` where nothing does.
  func difference(from other: PolicySpaces) -> String? {
    if observations != other.observations {
      return "observations of \(observations.text), not of \(other.observations.text)"
    }
    return actions == other.actions ? nil : "actions of \(actions.text), not of \(other.actions.text)"
  }
}

extension ObservationSpace {
  /// The space as errors name it.
  var text: String {
    switch self {
    case .discrete(let count): "\(count) states"
    case .multiDiscrete(let counts): "\(counts) states"
    case .box(let low, let high): "\(low.count) numbers from \(low) to \(high)"
    case .array(let shape, let low, let high): "\(shape) numbers from \(low) to \(high)"
    }
  }
}

extension ActionSpace {
  /// The space as errors name it.
  var text: String {
    switch self {
    case .discrete(let count): "\(count) choices"
    case .multiDiscrete(let counts): "\(counts) choices"
    case .box(let low, let high): "\(low.count) numbers from \(low) to \(high)"
    }
  }

  /// The bounds of a box of numbers, all finite.
  ///
  /// - Parameter method: Who asks, for the error.
  func finiteBounds(_ method: String) throws -> (low: [Double], high: [Double]) {
    guard case .box(let low, let high) = self else {
      throw TensorError(method, "acts in boxes of numbers, not in \(text); take PPO, A2C or DQN for choices")
    }
    guard (low + high).allSatisfy(\.isFinite), zip(low, high).allSatisfy(<) else {
      throw TensorError(method, "needs finite bounds of actions in order, found \(text)")
    }
    return (low, high)
  }

  /// Actions held within the bounds of a box; choices as they are.
  func clipped(_ actions: Tensor) -> Tensor {
    guard case .box(let low, let high) = self else { return actions }
    return actions.clamped(Tensor(low, actions.elementType), Tensor(high, actions.elementType))
  }
}
