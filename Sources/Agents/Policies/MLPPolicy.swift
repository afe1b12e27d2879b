import DescentGraph
import DescentLayers
import DescentTensors

/// A policy of fully connected layers.
///
/// Where an algorithm estimates values of observations, these have layers of their own unless they are shared. For distributions
/// of actions layers begin with orthogonal weights, √2 in hidden layers and 0.01 before the actions, and the hyperbolic tangent; for values of
/// actions, squashed and deterministic actions with Glorot's and ReLU.
public struct MLPPolicy: Policy {
  /// The sizes of the hidden layers.
  public let hidden: [Int]
  /// The activation after them; `nil` for the one that goes with the head.
  public let activation: Activation?
  /// Whether values of observations share the hidden layers.
  public let sharesLayers: Bool
  /// Whether layers of a distribution begin with orthogonal weights.
  public let isOrthogonal: Bool
  /// The logarithm of the standard deviation of numbers to begin with, where it does not depend on the observation.
  public let initialLogStandardDeviation: Double

  /// The layers that lead to actions.
  public var actor: Perceptron?
  /// The layers that lead to values of observations.
  public var critic: Perceptron?
  /// The last layer of values, where the hidden layers are shared.
  public var value: Dense?
  /// The logarithms of standard deviations, where they do not depend on the observation.
  public var logStandardDeviation: Parameter?
  public private(set) var spaces: PolicySpaces?
  public private(set) var head: PolicyHead

  /// A policy that is yet to be made for an environment.
  ///
  /// - Parameters:
  ///   - hidden: The sizes of the hidden layers.
  ///   - activation: The activation after them; `nil` for the hyperbolic tangent of distributions and ReLU otherwise.
  ///   - sharesLayers: Whether values of observations share the hidden layers.
  ///   - isOrthogonal: Whether layers of a distribution begin with orthogonal weights, rather than Glorot's.
  ///   - initialLogStandardDeviation: The logarithm of the standard deviation of numbers to begin with.
  public init(
    hidden: [Int] = [64, 64], activation: Activation? = nil, sharesLayers: Bool = false, isOrthogonal: Bool = true,
    initialLogStandardDeviation: Double = 0
  ) {
    (self.hidden, self.activation, self.sharesLayers) = (hidden, activation, sharesLayers)
    (self.isOrthogonal, self.initialLogStandardDeviation) = (isOrthogonal, initialLogStandardDeviation)
    head = .distribution
  }

  public var criticSizes: [Int] { hidden }

  public func made(for spaces: PolicySpaces, head: PolicyHead) throws -> MLPPolicy {
    guard hidden.allSatisfy({ $0 >= 1 }) else {
      throw TensorError("MLPPolicy", "has hidden layers of \(hidden) units; each needs at least 1")
    }
    var policy = self
    (policy.spaces, policy.head) = (spaces, head)
    let count = try head.outputCount(spaces.actions)
    let isDistribution = head == .distribution
    let activation = self.activation ?? (isDistribution ? .tanh : .relu)
    func layers(_ count: Int, gain: Double) -> Perceptron {
      guard isDistribution, isOrthogonal else {
        return Perceptron(hidden: hidden, outputs: count, activation: activation)
      }
      return Perceptron(
        hidden: hidden, outputs: count, activation: activation, initializer: .orthogonal(gain: 2.0.squareRoot()),
        outputInitializer: .orthogonal(gain: gain))
    }
    policy.actor = layers(count, gain: 0.01)
    guard isDistribution else { return policy }
    if sharesLayers {
      policy.value = Dense(units: 1, initializer: isOrthogonal ? .orthogonal(gain: 1) : .glorotUniform)
    } else {
      policy.critic = layers(1, gain: 1)
    }
    if case .box = spaces.actions { policy.logStandardDeviation = Parameter() }
    return policy
  }

  public func callAsFunction(_ observations: Tensor, _ memory: NoMemory) throws -> PolicyOutput<NoMemory> {
    let features = try madeSpaces().features(observations)
    guard let actor else { throw TensorError("MLPPolicy", "was not made for an environment yet") }
    let last = actor.features(features)
    var outputs = actor.output(last)
    if let logStandardDeviation, outputs.error == nil {
      let initial = initialLogStandardDeviation
      let spread = logStandardDeviation.bound(to: [outputs.shape[1]], in: "MLPPolicy") {
        Tensor(repeating: initial, shape: $1)
      }
      outputs = concatenated([outputs, spread.broadcast(to: outputs.shape)], axis: -1)
    }
    let values = value.map { $0(last) } ?? critic.map { $0(features) }
    return PolicyOutput(outputs, values: values.map { $0.error == nil ? $0[.all, 0] : $0 }, memory: NoMemory())
  }
}

/// Fully connected layers with an activation after all but the last.
public struct Perceptron: Layer {
  /// The hidden layers.
  public var layers: [Dense]
  /// The last layer.
  public var output: Dense
  /// The activation after each hidden layer.
  public let activation: Activation

  /// Layers of the given sizes.
  ///
  /// - Parameters:
  ///   - hidden: The sizes of the hidden layers.
  ///   - outputs: The number of outputs.
  ///   - activation: The activation after each hidden layer.
  ///   - initializer: How the weights of hidden layers begin.
  ///   - outputInitializer: How the weights of the last layer begin.
  public init(
    hidden: [Int], outputs: Int, activation: Activation = .relu, initializer: Initializer = Self.even,
    outputInitializer: Initializer = Self.even
  ) {
    layers = hidden.map { Dense(units: $0, initializer: initializer) }
    output = Dense(units: outputs, initializer: outputInitializer)
    self.activation = activation
  }

  /// Evenly distributed weights of the variance 1 / (3 · inputs), as PyTorch's layers begin.
  public static var even: Initializer {
    .varianceScaling(gain: (1.0 / 3).squareRoot(), fan: .input, distribution: .uniform)
  }

  /// What the hidden layers make of an input.
  public func features(_ input: Tensor) -> Tensor { layers.reduce(input) { activation($1($0)) } }

  public func callAsFunction(_ input: Tensor) -> Tensor { output(features(input)) }
}
