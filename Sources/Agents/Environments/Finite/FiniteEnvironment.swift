import DescentGraph
import DescentTensors

/// An environment of finitely many states, known with all its chances.
///
/// Whoever conforms says what the process is, and may draw it; acting in it follows.
public protocol FiniteEnvironment: Environment where State == FiniteState {
  /// The states, the actions and the chances.
  var process: FiniteProcess { get }
}

/// The state of a finite environment.
public struct FiniteState: Codable, Sendable {
  /// The state's number, an int32 scalar.
  public var number: Tensor

  /// Makes a state.
  public init(number: Tensor) { self.number = number }
}

extension FiniteEnvironment {
  /// The state's number.
  public var observationSpace: ObservationSpace { .discrete(process.stateCount) }
  /// The action's number.
  public var actionSpace: ActionSpace { .discrete(process.actionCount) }

  /// A state drawn by the chances of beginning.
  ///
  /// - Throws: `TensorError` of a process whose chances do not add up.
  public func reset(key: RandomKey) throws -> FiniteState {
    if let fault = process.fault { throw fault }
    if let only = process.starts.firstIndex(of: 1) { return FiniteState(number: Tensor(integers: [only], shape: [])) }
    return FiniteState(number: (key.uniform([]) .>= process.tables.starts).converted(to: .int32).sum())
  }

  /// The state's number.
  public func observation(of state: FiniteState) -> Tensor { state.number }

  /// One of the outcomes, drawn by their chances.
  ///
  /// - Throws: `TensorError` of a process whose chances do not add up.
  public func step(_ state: FiniteState, _ action: Tensor, key: RandomKey) throws -> Transition<FiniteState> {
    if let fault = process.fault { throw fault }
    let tables = process.tables
    let pair = state.number * Double(process.actionCount) + action
    var place = pair * Double(tables.width)
    if tables.width > 1 {
      let places = place + Tensor(rangeTo: tables.width)
      place = place + (key.uniform([]) .>= tables.cumulative.taken(places)).converted(to: .int32).sum()
    }
    return Transition(
      FiniteState(number: tables.states.taken(place)), reward: tables.rewards.converted(to: .float32).taken(place),
      terminated: tables.ends.taken(place))
  }
}
