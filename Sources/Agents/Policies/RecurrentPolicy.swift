import DescentGraph
import DescentLayers
import DescentTensors

/// A policy that remembers: layers before a recurrent cell, whose output leads to actions and values.
///
/// For environments that do not show all of their state. What it remembers is forgotten where an episode begins.
public struct RecurrentPolicy<Cell: RecurrentCell>: Policy where Cell.State: Codable & Sendable {
  /// The sizes of the layers before the cell.
  public let hidden: [Int]
  /// The activation after them.
  public let activation: Activation
  /// The layers before the cell.
  public var encoder: [Dense]
  /// The recurrent cell.
  public var cell: Cell
  /// The last layer of actions.
  public var actor: Dense?
  /// The last layer of values.
  public var value: Dense?
  /// The logarithms of standard deviations of numbers.
  public var logStandardDeviation: Parameter?
  public private(set) var spaces: PolicySpaces?
  public private(set) var head: PolicyHead

  /// A policy that is yet to be made for an environment.
  ///
  /// - Parameters:
  ///   - hidden: The sizes of the layers before the cell.
  ///   - cell: The recurrent cell, such as `LSTMCell(units: 64)`.
  ///   - activation: The activation after the layers before the cell.
  public init(hidden: [Int] = [64], cell: Cell, activation: Activation = .tanh) {
    (self.hidden, self.cell, self.activation) = (hidden, cell, activation)
    encoder = hidden.map { Dense(units: $0, initializer: .orthogonal(gain: 2.0.squareRoot())) }
    head = .distribution
  }

  public func made(for spaces: PolicySpaces, head: PolicyHead) throws -> RecurrentPolicy {
    guard head == .distribution else {
      throw TensorError(
        "RecurrentPolicy", "gives distributions of actions, for PPO and A2C; take an MLPPolicy for \(head)")
    }
    var policy = self
    (policy.spaces, policy.head) = (spaces, head)
    policy.actor = Dense(units: try head.outputCount(spaces.actions), initializer: .orthogonal(gain: 0.01))
    policy.value = Dense(units: 1, initializer: .orthogonal(gain: 1))
    if case .box = spaces.actions { policy.logStandardDeviation = Parameter() }
    return policy
  }

  public func initialMemory(batch: Int) -> Cell.State { cell.initialState(batch: batch, .float32) }

  public func callAsFunction(_ observations: Tensor, _ memory: Cell.State) throws -> PolicyOutput<Cell.State> {
    let features = encoder.reduce(try madeSpaces().features(observations)) { activation($1($0)) }
    guard let actor, let value else { throw TensorError("RecurrentPolicy", "was not made for an environment yet") }
    let (output, next) = cell(features, from: memory)
    var outputs = actor(output)
    if let logStandardDeviation, outputs.error == nil {
      let spread = logStandardDeviation.bound(to: [outputs.shape[1]], in: "RecurrentPolicy") { Tensor(zeros: $1) }
      outputs = concatenated([outputs, spread.broadcast(to: outputs.shape)], axis: -1)
    }
    let values = value(output)
    return PolicyOutput(outputs, values: values.error == nil ? values[.all, 0] : values, memory: next)
  }
}
