import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation

/// Trains a model on batches: epochs, validation, metrics, progress, checkpoints.
///
/// ```swift
/// let trainer = try Trainer(LeNet(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 1e-3), seed: 1)
/// let report = try trainer.fit(digits.training.batched(128), validation: digits.test, epochs: 5)
/// ```
public final class Trainer<Model: Layer<Tensor, Tensor>>: Sendable {
  private let step: TrainingStep<Model, Batch>
  private let names: [String]
  private let seed: UInt64
  /// Passes for validation.
  private let evaluation: EvaluationStep<Model, Batch>

  /// Prepares training.
  ///
  /// - Parameters:
  ///   - model: The model to start from; its sizes are bound by the first batch.
  ///   - loss: The number to be made small, from predictions and targets.
  ///   - optimizer: How parameters follow their gradients.
  ///   - metrics: Further numbers to be reported.
  ///   - seed: The seed of initial values and of random numbers within the model; the batches have their own. The same
  ///     seeds give the same bits on the same machine with the same number of threads.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the model's passes, such as `.bfloat16`; those of the batches where none are
  ///     given.
  /// - Throws: what walking the model throws, or `TensorError` where two metrics have one name.
  public init(
    _ model: Model, loss: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) throws -> Tensor,
    optimizer: some Optimizer, metrics: [Metric] = [], seed: UInt64 = 0, memoryLimit: Int? = nil,
    precision: Precision? = nil
  ) throws {
    let results: @Sendable (Model, Batch) throws -> [Tensor] = { model, batch in
      let prediction = Run.current.result(try model(Run.current.input(batch.input)))
      return [try loss(prediction, batch.target)] + metrics.map { $0.number(prediction, batch.target) }
    }
    self.seed = seed
    evaluation = EvaluationStep(precision: precision, results)
    names = ["loss"] + metrics.map(\.name)
    guard Set(names).count == names.count else {
      throw TensorError("Trainer", "reported numbers need names of their own, found \(names.joined(separator: ", "))")
    }
    step = try TrainingStep(
      model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit, precision: precision, results: results)
  }

  /// The model as the last step left it; see `TrainingStep.model`.
  public var model: Model { step.model }

  /// Puts a model's values in the place of those that there are, such as those of the best model so far.
  ///
  /// - Throws: `TensorError` where it is of another form; nothing has changed then.
  public func replaceModel(_ model: Model) throws { try step.replaceModel(model) }

  /// The model with the averages that the optimizer keeps in place of its parameters; see `averaging(decay:)`.
  ///
  /// - Returns: `nil` where the optimizer keeps none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func averagedModel() throws -> Model? { try step.averagedModel() }

  /// The optimizer with its hyper-parameters as they are now.
  public var optimizer: any Optimizer { step.optimizer }

  /// Sets one of the optimizer's hyper-parameters by its path, such as `learningRate`; nothing is compiled.
  ///
  /// - Throws: `TensorError` where there is none with this path, or the value makes no sense.
  public func setHyperparameter(_ path: String, to value: Double) throws {
    try step.setHyperparameter(path, to: value)
  }

  /// Trains for a number of epochs.
  ///
  /// - Parameters:
  ///   - training: The batches to train on. `Examples` are taken in shuffled batches of 256.
  ///   - validation: Examples to validate on after each epoch.
  ///   - epochs: How many epochs the whole training has, those of a resumed run included.
  ///   - callbacks: What happens alongside.
  /// - Returns: What was done.
  /// - Throws: `TensorError` of a mistake in the model or the arguments, `TrainingError` where the loss is not a number or
  ///   the optimizer refuses a step, `FileError` of a checkpoint, or what the batches or callbacks throw.
  @discardableResult
  public func fit(
    _ training: some BatchSource, validation: (any BatchSource)? = nil, epochs: Int, callbacks: [Callback] = []
  ) throws -> TrainingReport {
    guard epochs >= 0 else { throw TensorError("fit", "cannot train for \(epochs) epochs") }
    guard training.batchCount > 0 else { throw TensorError("fit", "there are no batches to learn from") }
    var session = try TrainingSession(training.dealtForTraining, epochs, names, seed, callbacks)
    try session.resume(step)
    while session.epoch < epochs, !session.isStopped {
      try session.trainEpoch(step)
      let held = try session.isEpochComplete ? validation.map { try evaluate($0) } ?? .empty : .empty
      try session.endEpoch(held, step)
    }
    return session.finalReport(step.stepCount)
  }

  /// The means of loss and metrics over examples, without training: the loss first, then the metrics in their order.
  ///
  /// - Throws: `TensorError` of a mistake in the model, or what the batches throw.
  public func evaluate(_ source: any BatchSource) throws -> Means {
    let model = try EvaluationStep<Model, Batch>.Values(step.model)
    var averages = Averages(count: names.count)
    let batches = Prefetcher(count: source.batchCount) { try source.batch($0, epoch: 0) }
    defer { batches.stop() }
    var number = 0
    while let batch = try batches.next() {
      number += 1
      let results = try evaluation(model, batch, at: "batch \(number) of those to judge by")
      averages.add(try results.map { try $0.item() }, weight: batch.target.shape.first ?? 1)
    }
    return Means(names, averages.means)
  }
}

/// Training that cannot go on: a loss that is not a number, a step that is refused, a signal that ends the run.
public struct TrainingError: DescentError, Hashable {
  /// What cannot go on: `training`, or what was asked.
  public let subject: String
  /// What is wrong, and what to do about it.
  public let message: String

  /// Says in one line what is wrong.
  public init(_ subject: String, _ message: String) {
    self.subject = subject
    self.message = message
  }

  /// Says in one line what is wrong with training.
  public init(_ message: String) { self.init("training", message) }
}
