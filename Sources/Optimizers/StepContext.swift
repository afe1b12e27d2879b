import DescentGraph
import DescentTensors

/// What an optimizer may ask for in addition to the gradients: the step's number, the loss, and the objective itself.
public struct StepContext: Sendable {
  /// The number of the step, counted from 1: a Float64 scalar, since what depends on it (powers near 1, schedules) loses
  /// too much in Float32.
  public var number: Tensor
  /// The loss at the parameters, a scalar.
  public var loss: Tensor
  /// The objective at any point, in the same plan.
  public var objective: Objective
  /// The key of the rule's random numbers, another one in each step.
  public var key: RandomKey
  /// The type in which `rate(_:)` gives rates.
  var rateType = ElementType.float64
  let exceptions: StepExceptions

  /// A step by its number alone, for loops of one's own that have the gradients already.
  ///
  /// - Parameters:
  ///   - number: The number of the step, counted from 1.
  ///   - loss: The loss, NaN where none is given.
  ///   - objective: The objective; where none is given, asking for it is an error.
  ///   - key: The key of the rule's random numbers.
  public init(
    number: Tensor, loss: Tensor? = nil, objective: Objective? = nil, key: RandomKey = RandomKey(seed: 0)
  ) {
    self.number = number.converted(to: .float64)
    self.loss = loss ?? Tensor(.nan, .float32)
    self.objective = objective ?? .missing
    self.key = key
    exceptions = StepExceptions()
  }

  /// The rate of this step, a scalar: float64, and within a `ParameterOptimizer` of the parameter's working type.
  public func rate(_ learningRate: LearningRate) -> Tensor { learningRate(number).converted(to: rateType) }

  /// Says that the step is left out where a condition holds: running statistics stay as they are. The rule itself gives
  /// no movement then, and remembers nothing of it.
  ///
  /// - Parameter condition: One boolean.
  public func leaveOut(where condition: Tensor) { exceptions.leaveOut(condition) }

  /// Says that the step fails where a condition holds: whoever runs it throws an error that names the parameter, and
  /// everything stays as it is.
  ///
  /// - Parameters:
  ///   - condition: One boolean.
  ///   - path: The parameter whose gradient is the reason.
  public func refuse(where condition: Tensor, for path: String) { exceptions.refuse(condition, path) }

  /// The same step for a rule within another one, which learns what that one says of the step before it is passed on.
  func nested() -> StepContext {
    var own = StepContext(number: number, loss: loss, objective: objective, key: key)
    own.rateType = rateType
    return own
  }

  /// Passes on what a rule within has said of the step.
  ///
  /// - Parameter condition: Where it counts; everywhere if none is given.
  func adopt(_ inner: StepContext, where condition: Tensor? = nil) {
    let (leftOut, refused) = inner.conditions
    func counted(_ said: Tensor) -> Tensor { condition.map { said .& $0 } ?? said }
    for said in leftOut { leaveOut(where: counted(said)) }
    for (path, said) in refused { refuse(where: counted(said), for: path) }
  }

  /// The conditions under which the step is left out, and those under which it fails with the parameters' paths.
  package var conditions: (leftOut: [Tensor], refused: [(path: String, condition: Tensor)]) { exceptions.all }
}

/// What rules have said of the step while it was recorded.
final class StepExceptions: Sendable {
  private struct State {
    var leftOut: [Tensor] = []
    var refused: [(path: String, condition: Tensor)] = []
  }
  private let state = Guarded(State())

  func leaveOut(_ condition: Tensor) { state.withLock { $0.leftOut.append(condition) } }
  func refuse(_ condition: Tensor, _ path: String) { state.withLock { $0.refused.append((path, condition)) } }
  var all: (leftOut: [Tensor], refused: [(path: String, condition: Tensor)]) {
    state.withLock { ($0.leftOut, $0.refused) }
  }
}
