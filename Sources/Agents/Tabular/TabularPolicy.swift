import DescentGraph
import DescentTensors

/// A policy that looks the values of actions up in a table, one row for each state or for each tile of a `TileCoding`, and takes the
/// best.
public struct TabularPolicy: Policy {
  /// How numbers become cells; `nil` where states are counted.
  public let coding: TileCoding?
  /// The values of actions, `[cells, actions]`; where several cells are met at once, their sum counts.
  public var table: Parameter
  public private(set) var spaces: PolicySpaces?
  /// The values of the actions.
  public var head: PolicyHead { .actionValues() }

  /// A policy that is yet to be made for an environment.
  public init(coding: TileCoding? = nil) { (self.coding, table) = (coding, Parameter()) }

  init(_ table: Tensor, coding: TileCoding?, spaces: PolicySpaces) {
    (self.table, self.coding, self.spaces) = (Parameter(table), coding, spaces)
  }

  /// The policy with a table of zeros.
  ///
  /// - Throws: `TensorError` where the head has other outputs than values of actions, actions are not one choice among several, or
  ///   states are neither counted nor coded.
  public func made(for spaces: PolicySpaces, head: PolicyHead) throws -> TabularPolicy {
    guard head == self.head, case .discrete(let actions) = spaces.actions else {
      throw TensorError(
        "TabularPolicy", "has values of actions, one choice among several, and cannot give \(head) of \(spaces.actions)"
      )
    }
    let cells = try Self.cellCount(spaces.observations, coding, "TabularPolicy")
    return TabularPolicy(Tensor(zeros: [cells, actions]), coding: coding, spaces: spaces)
  }

  /// The values of the actions, `[batch, actions]`.
  ///
  /// - Throws: `TensorError` where it was not made for an environment, or observations have another shape.
  public func callAsFunction(_ observations: Tensor, _ memory: NoMemory) throws -> PolicyOutput<NoMemory> {
    guard let spaces, let values = table.tensor else {
      throw TensorError(
        "TabularPolicy", "was not made for an environment yet; train it, load a file, or ask for made(for:head:)")
    }
    guard observations.error != nil || observations.shape.dropFirst().elementsEqual(spaces.observations.shape) else {
      throw TensorError(
        "TabularPolicy",
        "sees observations [batch, …] of the shape \(spaces.observations.shape) each, found \(observations.shape)")
    }
    let cells = Self.cells(observations, spaces.observations, coding)
    return PolicyOutput(values.taken(cells).sum(axes: [1]), memory: memory)
  }

  /// The number of rows.
  static func cellCount(_ space: ObservationSpace, _ coding: TileCoding?, _ name: String) throws -> Int {
    if let coding {
      if let fault = coding.fault(space, name) { throw fault }
      return coding.cellCount ?? 0
    }
    guard let count = space.stateCount, count >= 1, count <= 1 << 24 else {
      throw TensorError(
        name, "observations are \(space), which cannot be counted in a table; give a TileCoding, or take DQN or PPO")
    }
    return count
  }

  /// The rows that observations `[…]` of a space meet: `[…, rows]`.
  static func cells(_ observations: Tensor, _ space: ObservationSpace, _ coding: TileCoding?) -> Tensor {
    if let coding { return coding.cells(observations) }
    guard case .multiDiscrete(let counts) = space else { return observations.expanded(axis: -1) }
    let strides = counts.indices.map { counts[($0 + 1)...].reduce(1, *) }
    return (observations * Tensor(integers: strides)).sum(axes: [-1], keepingAxes: true)
  }
}
