import DescentGraph
import DescentTensors

/// An environment of the user's own in plain Swift, which agents act in as in any other.
///
/// Several of them side by side run on a thread each. Plans call them when they have come there, so that algorithms are the same.
/// What an object throws, and an answer that cannot be, is thrown by the plan's run, as is an answer that does not come in time.
///
/// What the objects hold is not part of the state, so that steps go on from the newest state alone: a checkpoint brings the policy
/// back, but not the environments.
public struct ExternalEnvironment: EnvironmentSource {
  /// What the environment is called.
  public let name: String
  /// What is seen of a state.
  public let observationSpace: ObservationSpace
  /// What can be done.
  public let actionSpace: ActionSpace
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// How long a reset or step may take.
  public let timeLimit: Duration
  private let make: @Sendable (_ number: Int) throws -> any PlainEnvironment

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - observationSpace: What is seen of a state.
  ///   - actionSpace: What can be done.
  ///   - stepLimit: The number of steps after which an episode is truncated.
  ///   - timeLimit: How long a reset or step may take. A thread that hangs longer is left behind, since nothing can end it.
  ///   - make: Makes the object of the environment with a number, from 0 on; called on that environment's thread.
  public init(
    _ name: String, observationSpace: ObservationSpace, actionSpace: ActionSpace, stepLimit: Int? = nil,
    timeLimit: Duration = .seconds(30), _ make: @escaping @Sendable (_ number: Int) throws -> any PlainEnvironment
  ) {
    (self.name, self.observationSpace, self.actionSpace) = (name, observationSpace, actionSpace)
    (self.stepLimit, self.timeLimit, self.make) = (stepLimit, timeLimit, make)
  }

  /// So many environments side by side, each on a thread of its own.
  ///
  /// - Throws: `TensorError` where the number or the limit of steps is not positive, or a space is empty.
  public func batch(_ count: Int) throws -> ExternalBatch {
    guard (1...1024).contains(count) else {
      throw TensorError(name, "\(count) environments on threads of their own, where 1 to 1024 are possible")
    }
    if let limit = stepLimit, limit < 1 {
      throw TensorError(name, "episodes of at most \(limit) steps, where at least 1 is needed")
    }
    if let fault = actionSpace.fault(name) { throw fault }
    guard let size = observationSpace.shape.checkedCount, size > 0 else {
      throw TensorError(name, "observations of the shape \(observationSpace.shape), which hold nothing")
    }
    return ExternalBatch(source: self, team: ExternalTeam(self, count: count, make))
  }
}

/// Several environments in plain Swift side by side, each on a thread of its own.
///
/// The threads end when nobody holds the batch any more.
public struct ExternalBatch: EnvironmentBatch {
  /// What tensors know of the environments.
  public struct State: Codable, Sendable {
    /// What is seen, `[count, …]`.
    public var seen: Tensor
    /// The sums of rewards since the episodes began, `[count]`.
    public var returns: Tensor
    /// The numbers of steps since the episodes began, `[count]`.
    public var lengths: Tensor
    /// The number of calls up to this state, by which each waits for the one before.
    var call: Tensor
  }

  let source: ExternalEnvironment
  let team: ExternalTeam

  /// What the environment is called.
  public var name: String { source.name }
  /// The number of environments.
  public var count: Int { team.count }
  /// What is seen of the state of one environment.
  public var observationSpace: ObservationSpace { source.observationSpace }
  /// What can be done in one environment.
  public var actionSpace: ActionSpace { source.actionSpace }
  /// The number of steps after which an episode is truncated.
  public var stepLimit: Int? { source.stepLimit }
  /// Not what the objects hold.
  public var isRestorable: Bool { false }

  /// Begins new episodes; objects that hang or threw are made anew. In a plan, the key is an argument of it: one that is known already
  /// begins the episodes while the plan is recorded.
  ///
  /// - Throws: `TensorError` of what an object throws, where nothing is being recorded; later from the run of the plan.
  public func reset(key: RandomKey) throws -> State {
    let results = try called(team.resetting, [key.bits([count, 2])])
    return State(
      seen: results[1], returns: Tensor(zeros: [count]), lengths: Tensor(zeros: [count], .int32), call: results[0])
  }

  /// What is seen of the states, `[count, …]`.
  public func observations(of state: State) throws -> Tensor { state.seen }

  /// Acts once in every environment; one whose episode ends is at the first state of a new one afterwards.
  ///
  /// - Throws: `TensorError` where actions have another shape; of what an object throws, an action outside its space and an answer
  ///   that cannot be or comes too late where nothing is being recorded, later from the run of the plan.
  public func step(_ state: State, _ actions: Tensor, key: RandomKey) throws -> BatchStep<State> {
    if let fault = try actionSpace.fault(in: actions, batch: [count], of: name) { throw fault }
    let typed = actions.converted(to: actionSpace.elementType)
    let results = try called(team.stepping, [state.call, typed, key.bits([count, 2])])
    let (rewards, terminated, truncated) = (results[3], results[4], results[5])
    let (returns, lengths) = (state.returns + rewards, state.lengths + 1)
    let ended = terminated .| truncated
    let next = State(
      seen: results[1], returns: `where`(ended, 0, returns), lengths: `where`(ended, 0, lengths), call: results[0])
    return BatchStep(
      state: next, observations: results[1], finalObservations: results[2], rewards: rewards,
      terminated: terminated, truncated: truncated, returns: returns, lengths: lengths)
  }

  private func called(_ function: HostCall.Function, _ operands: [Tensor]) throws -> [Tensor] {
    let results = try Tensor.calling(function, with: operands)
    // At once, so that each call happens once, whatever is read of it.
    if !operands.contains(where: \.isSymbolic) { try evaluate(results) }
    return results
  }
}
