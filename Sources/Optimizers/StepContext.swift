import DescentGraph
import DescentTensors

/// What an optimizer may ask for in addition to the gradients: the step's number, the loss, and the objective itself.
public struct StepContext: Sendable {
  /// The number of the step, counted from 1: a Float64 scalar, since what depends on it (powers near 1, schedules) loses
  /// too much in Float32. Schedules go by it.
  public var number: Tensor
  /// The number of the step counted from the first one that moves these parameters, which is 1: what bias corrections go by.
  /// It is less than `number` where the parameters stood still at first, as with `freezing(_:until:)` or in a model that was
  /// unfrozen on the way.
  public var age: Tensor
  /// The loss at the parameters, a scalar.
  public var loss: Tensor
  /// The objective at any point, in the same plan.
  public var objective: Objective
  /// The key of the rule's random numbers, another one in each step.
  public var key: RandomKey
  /// What the loss was multiplied by before it was differentiated, a Float64 scalar; `nil` where it was not.
  package var lossScale: Tensor?
  /// The type in which `rate(_:)` gives rates.
  var rateType = ElementType.float64
  let exceptions: StepExceptions

  /// A step by its number alone, for loops of one's own that have the gradients already.
  ///
  /// - Parameters:
  ///   - number: The number of the step, counted from 1.
  ///   - loss: The loss; where none is given, asking for it is an error.
  ///   - objective: The objective; where none is given, asking for it is an error.
  ///   - key: The key of the rule's random numbers.
  public init(
    number: Tensor, loss: Tensor? = nil, objective: Objective? = nil, key: RandomKey = RandomKey(seed: 0)
  ) {
    self.number = number.converted(to: .float64)
    age = self.number
    self.loss =
      loss
      ?? Tensor(
        error: TensorError(
          "loss", "the step was given gradients alone; use a training step, or give StepContext a loss"))
    self.objective = objective ?? .missing
    self.key = key
    exceptions = StepExceptions()
  }

  /// The rate of this step, a scalar: float64, and within a `ParameterOptimizer` of the parameter's working type.
  public func rate(_ learningRate: LearningRate) -> Tensor { learningRate(number).converted(to: rateType) }

  /// What a running mean that began with zeros is divided by: `1 − βᵗ`, a Float64 scalar, since in Float32 it would be off
  /// by 1e-5 in the first steps.
  ///
  /// - Parameter beta: The mean's exponential decay rate.
  public func biasCorrection(_ beta: Hyperparameter) -> Tensor { 1.0 - pow(beta.tensor, age) }

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

  /// Whether something that is done every few steps, from the first on, is done in this one.
  func isDue(every interval: Int) -> Tensor {
    remainder(age - 1.0, Tensor(Double(max(interval, 1)), .float64)) .== 0
  }

  /// The same step for a rule within another one, which learns what that one says of the step before it is passed on.
  func nested() -> StepContext {
    var own = StepContext(number: number, loss: loss, objective: objective, key: key)
    own.rateType = rateType
    own.age = age
    return own
  }

  /// Says that the rule takes no step where a condition holds, such as while it collects gradients; running statistics
  /// go on.
  ///
  /// - Parameters:
  ///   - condition: One boolean.
  ///   - number: The number of the rule's own step, counted from 1, by which its schedules go.
  func rest(where condition: Tensor, number: Tensor) { exceptions.rest(condition, number) }

  /// Passes on what a rule within has said of the step.
  ///
  /// - Parameters:
  ///   - condition: Where it counts that the rule left the step out; everywhere if none is given.
  ///   - refusing: Where it counts that the rule refused the step; everywhere if none is given.
  func adopt(_ inner: StepContext, where condition: Tensor? = nil, refusing: Tensor? = nil) {
    adoptExceptions(inner, where: condition, refusing: refusing)
    if let (condition, number) = inner.exceptions.resting { rest(where: condition, number: number) }
  }

  /// Passes on what two rules within, each for some of the parameters, have said of the step: it is one in which both rest
  /// where both do.
  func adopt(_ one: StepContext, _ other: StepContext) {
    for inner in [one, other] { adoptExceptions(inner) }
    guard let first = one.exceptions.resting, let second = other.exceptions.resting else { return }
    rest(where: first.condition .& second.condition, number: first.number)
  }

  private func adoptExceptions(_ inner: StepContext, where condition: Tensor? = nil, refusing: Tensor? = nil) {
    let (leftOut, refused) = inner.conditions
    for said in leftOut { leaveOut(where: condition.map { said .& $0 } ?? said) }
    for (path, said) in refused { refuse(where: refusing.map { said .& $0 } ?? said, for: path) }
  }

  /// Where the rule has given no movement on purpose: it left the step out or takes none; `nil` where it always moves.
  var standsStill: Tensor? { Self.any(conditions.leftOut + (exceptions.resting.map { [$0.condition] } ?? [])) }

  /// Where the rule has left the step out; `nil` where it never does.
  var isLeftOut: Tensor? { Self.any(conditions.leftOut) }

  /// Whether one of some conditions holds; `nil` where there are none.
  package static func any(_ conditions: [Tensor]) -> Tensor? {
    conditions.dropFirst().reduce(conditions.first) { whole, one in whole.map { $0 .| one } }
  }

  /// Where the rule rests; `nil` where it never does.
  var rests: Tensor? { exceptions.resting?.condition }

  /// How many steps the rule has taken, once it has taken this one; a step in which it stood still does not count.
  func counted(_ steps: Tensor) -> Tensor { standsStill.map { `where`($0, steps, steps + 1.0) } ?? steps + 1.0 }

  /// The number of the rule's own step.
  var ownNumber: Tensor { exceptions.resting?.number ?? number }

  /// The conditions under which the step is left out, and those under which it fails with the parameters' paths.
  package var conditions: (leftOut: [Tensor], refused: [(path: String, condition: Tensor)]) { exceptions.all }
}

/// What rules have said of the step while it was recorded.
final class StepExceptions: Sendable {
  private struct State {
    var leftOut: [Tensor] = []
    var refused: [(path: String, condition: Tensor)] = []
    var resting: (condition: Tensor, number: Tensor)?
  }
  private let state = Guarded(State())

  func leaveOut(_ condition: Tensor) { state.withLock { $0.leftOut.append(condition) } }
  func rest(_ condition: Tensor, _ number: Tensor) { state.withLock { $0.resting = (condition, number) } }
  var resting: (condition: Tensor, number: Tensor)? { state.withLock { $0.resting } }
  func refuse(_ condition: Tensor, _ path: String) { state.withLock { $0.refused.append((path, condition)) } }
  var all: (leftOut: [Tensor], refused: [(path: String, condition: Tensor)]) {
    state.withLock { ($0.leftOut, $0.refused) }
  }
}
