import DescentCompiler
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// A step with a state of its own, whatever its optimizer is.
protocol StepRunner<Model, Input>: Sendable {
  associatedtype Model: Codable & Sendable
  associatedtype Input: Codable & Sendable

  func run(
    _ batch: Input, _ prepared: PreparedArguments, observing observation: StepObservation, at place: () -> String?
  ) throws -> StepResult
  func nonFiniteSource(_ batch: PreparedArguments) throws -> String?
  func compiled(for batch: Input, observing observation: StepObservation) throws -> CompiledFunction
  func profile(_ batch: Input, runs: Int) throws -> [KernelProfile]
  var model: Model { get }
  func replaceModel(_ model: Model) throws
  func averagedModel() throws -> Model?
  func lossScale() throws -> LossScale?
  var stepCount: Int { get }
  var optimizer: any Optimizer { get }
  func hyperparameters() throws -> [String: Double]
  func setHyperparameter(_ path: String, to value: Double) throws
  var compilationCount: Int { get }
  func snapshot() throws -> [String: Tensor]
  func restore(_ snapshot: [String: Tensor]) throws
}

/// A step with a state of its own, which threads share.
final class OwnStepRunner<Model: Codable & Sendable, Input: Codable & Sendable, Rule: Optimizer>: StepRunner {
  private let function: StepFunction<Model, Input>
  private let state: Guarded<TrainingState<Model, Rule>>

  init(_ function: StepFunction<Model, Input>, _ state: TrainingState<Model, Rule>) {
    self.function = function
    self.state = Guarded(state)
  }

  func run(
    _ batch: Input, _ prepared: PreparedArguments, observing observation: StepObservation, at place: () -> String?
  ) throws -> StepResult {
    while true {
      let (plan, form) = try plan(for: batch, prepared.tree, observing: observation)
      try plan.labels.verify(prepared.literals, at: place() ?? "step \(stepCount + 1)")
      let results = try state.withLock { state in
        // Another thread may have given it an optimizer of another form meanwhile.
        try state.preparedForm() == form ? try state.advance(plan, prepared.literals, at: place()) : nil
      }
      if let results { return try StepResult(results, plan) }
    }
  }

  /// The plan for the state as it is; the user's code runs outside the lock, since it may well ask for the step's model.
  private func plan(
    for batch: Input, _ tree: ModelTree, observing observation: StepObservation = StepObservation()
  ) throws -> (plan: StepPlan, form: StateForm) {
    if var unbound = state.withLock({ $0.values == nil ? $0 : nil }) {
      try function.bind(&unbound, by: batch)
      let bound = unbound
      // Another thread may have been faster; its values are the same, and may have moved on.
      state.withLock { $0.takeOver(bound) }
    }
    while true {
      let form = try state.withLock { try $0.preparedForm() }
      let plan = try function.plan(for: form, tree, observing: observation) { state.withLock { $0 } }
      if let plan { return (plan, form) }
    }
  }

  func nonFiniteSource(_ batch: PreparedArguments) throws -> String? {
    try function.nonFiniteSource(in: state.withLock { $0 }, batch)
  }

  func compiled(for batch: Input, observing observation: StepObservation) throws -> CompiledFunction {
    try plan(for: batch, try ModelTree(batch), observing: observation).plan.function
  }

  func profile(_ batch: Input, runs: Int) throws -> [KernelProfile] {
    let prepared = try PreparedArguments(batch)
    while true {
      let (plan, form) = try plan(for: batch, prepared.tree)
      let profile = try state.withLock { state in
        try state.preparedForm() == form ? try state.profile(plan, prepared.literals, runs: runs) : nil
      }
      if let profile { return profile }
    }
  }

  var model: Model { state.withLock { $0 }.model }
  func replaceModel(_ model: Model) throws { try state.withLock { try $0.replaceModel(model) } }
  func averagedModel() throws -> Model? { try state.withLock { $0 }.averagedModel() }
  func lossScale() throws -> LossScale? { try state.withLock { $0 }.lossScale() }
  var stepCount: Int { state.withLock { $0.step } }
  var optimizer: any Optimizer { state.withLock { $0.optimizer } }
  func hyperparameters() throws -> [String: Double] { try state.withLock { $0 }.hyperparameters() }
  func setHyperparameter(_ path: String, to value: Double) throws {
    try state.withLock { try $0.setHyperparameter(path, to: value) }
  }
  var compilationCount: Int { function.compilationCount }
  func snapshot() throws -> [String: Tensor] { try state.withLock { $0 }.snapshot() }
  func restore(_ snapshot: [String: Tensor]) throws { try state.withLock { try $0.restore(snapshot) } }
}
