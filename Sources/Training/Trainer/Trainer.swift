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
///
/// Inputs and targets are tensors, or any values that hold tensors; a batch may be a value of one's own, and the model no
/// layer, where a closure makes the loss of both.
public final class Trainer<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private let step: TrainingStep<Model, Input>
  private let metrics: [Metric]
  private let seed: UInt64
  let precision: Precision?
  /// What the loss is called.
  private let lossName: String
  /// Passes for validation.
  private let evaluation: EvaluationStep<Model, Input>

  /// Prepares training on batches of inputs and targets that are tensors.
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
  public convenience init(
    _ model: Model, loss: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) throws -> Tensor,
    optimizer: some Optimizer, metrics: [Metric] = [], seed: UInt64 = 0, memoryLimit: Int? = nil,
    precision: Precision? = nil
  ) throws where Model: Layer<Tensor, Tensor>, Input == Batch {
    try self.init(model, optimizer, "a function", metrics, seed, memoryLimit, precision) { model, batch in
      let prediction = Run.current.result(try model(Run.current.input(batch.input)))
      return [try loss(prediction, batch.target)] + metrics.flatMap { $0.contributions(of: prediction, batch.target) }
    }
  }

  /// Prepares training on batches of inputs and targets that are tensors, with a loss that has a name and settings, which
  /// logs and run directories write down.
  ///
  /// - Parameters:
  ///   - model: The model to start from; its sizes are bound by the first batch.
  ///   - loss: The number to be made small, such as `.softmaxCrossEntropy(labelSmoothing: 0.1)`.
  ///   - optimizer: How parameters follow their gradients.
  ///   - metrics: Further numbers to be reported.
  ///   - seed: The seed of initial values and of random numbers within the model.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the model's passes; those of the batches where none are given.
  /// - Throws: what walking the model throws, or `TensorError` where two metrics have one name.
  public convenience init(
    _ model: Model, loss: Loss, optimizer: some Optimizer, metrics: [Metric] = [], seed: UInt64 = 0,
    memoryLimit: Int? = nil, precision: Precision? = nil
  ) throws where Model: Layer<Tensor, Tensor>, Input == Batch {
    try self.init(model, optimizer, "\(loss)", metrics, seed, memoryLimit, precision) { model, batch in
      let prediction = Run.current.result(try model(Run.current.input(batch.input)))
      return [loss(prediction, batch.target)] + metrics.flatMap { $0.contributions(of: prediction, batch.target) }
    }
  }

  /// Prepares training on batches of any inputs and targets: structures, dictionaries or arrays of tensors.
  ///
  /// - Parameters:
  ///   - model: The model to start from; its sizes are bound by the first batch.
  ///   - loss: The number to be made small, from what the model gives and a target.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of random numbers within the model.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the model's passes; those of the batches where none are given.
  /// - Throws: what walking the model throws.
  public convenience init<Target>(
    _ model: Model, loss: @escaping @Sendable (_ prediction: Model.Output, _ target: Target) throws -> Tensor,
    optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil
  ) throws where Model: Layer, Input == PairedBatch<Model.Input, Target> {
    try self.init(model, optimizer, "a function", [], seed, memoryLimit, precision) { model, batch in
      [try loss(Run.current.result(try model(Run.current.input(batch.input))), batch.target)]
    }
  }

  /// Prepares training on batches of one's own, of a model that need not be a layer.
  ///
  /// ```swift
  /// let trainer = try Trainer(Matcher(), optimizer: Adam()) { (model: Matcher, batch: Questions) in
  ///   softmaxCrossEntropy(model.scores(batch.questions, batch.answers), batch.best)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - model: The model to start from; its sizes are bound by the first batch.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of random numbers within the model.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the model's passes; those of the batches where none are given.
  ///   - loss: The number to be made small, from the model and a batch; recorded once for each form of batch, as in
  ///     `TrainingStep`.
  /// - Throws: what walking the model throws.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil,
    loss: @escaping @Sendable (_ model: Model, _ batch: Input) throws -> Tensor
  ) throws {
    try self.init(model, optimizer, "a function", [], seed, memoryLimit, precision) { [try loss($0, $1)] }
  }

  /// Prepares training on batches of one's own with metrics, which are told what to compare.
  ///
  /// ```swift
  /// let trainer = try Trainer(Reader(), optimizer: Adam(), metrics: [.accuracy]) {
  ///   (model: Reader, batch: Sentences) in
  ///   let logits = model(batch.words)
  ///   let loss = softmaxCrossEntropy(logits, batch.next, weights: batch.mask)
  ///   return MeasuredLoss(loss, predictions: logits, targets: batch.next, weights: batch.mask)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - model: The model to start from; its sizes are bound by the first batch.
  ///   - optimizer: How parameters follow their gradients.
  ///   - metrics: Further numbers to be reported.
  ///   - seed: The seed of initial values and of random numbers within the model.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the model's passes; those of the batches where none are given.
  ///   - pass: The loss, and what metrics compare, from the model and a batch.
  /// - Throws: what walking the model throws, or `TensorError` where two metrics have one name.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, metrics: [Metric], seed: UInt64 = 0, memoryLimit: Int? = nil,
    precision: Precision? = nil, pass: @escaping @Sendable (_ model: Model, _ batch: Input) throws -> MeasuredLoss
  ) throws {
    try self.init(model, optimizer, "a function", metrics, seed, memoryLimit, precision) { model, batch in
      let found = try pass(model, batch)
      return [found.loss]
        + metrics.flatMap { $0.contributions(of: found.predictions, found.targets, weights: found.weights) }
    }
  }

  fileprivate init(
    _ model: Model, _ optimizer: some Optimizer, _ lossName: String, _ metrics: [Metric], _ seed: UInt64,
    _ memoryLimit: Int?, _ precision: Precision?, _ results: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) throws {
    (self.seed, self.precision, self.lossName, self.metrics) = (seed, precision, lossName, metrics)
    evaluation = EvaluationStep(precision: precision, results)
    let names = ["loss"] + metrics.map(\.name)
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

  /// The scale of the loss, and the steps left out so far because it was too large.
  ///
  /// - Returns: `nil` where the optimizer scales none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func lossScale() throws -> LossScale? { try step.lossScale() }

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
    _ training: some BatchSource<Input>, validation: (any BatchSource<Input>)? = nil, epochs: Int,
    callbacks: [Callback] = []
  ) throws -> TrainingReport {
    try fit(on: training, validation: validation, epochs: epochs, callbacks: callbacks)
  }

  /// `fit` on batches of any source.
  func fit(
    on training: any BatchSource<Input>, validation: (any BatchSource<Input>)?, epochs: Int, callbacks: [Callback]
  ) throws -> TrainingReport {
    guard epochs >= 0 else { throw TensorError("fit", "cannot train for \(epochs) epochs") }
    guard training.batchCount > 0 else {
      throw TensorError(
        "fit",
        "there are no batches to learn from: the set is empty, or smaller than a batch where only whole ones are taken")
    }
    if let validation, validation.batchCount == 0 {
      throw TensorError("fit", "there are no batches to validate on: the set is empty, or smaller than a whole batch")
    }
    let description = TrainingDescription(
      modelType: "\(Model.self)", optimizer: "\(step.optimizer)", loss: lossName, metrics: metrics.map(\.name),
      seed: seed, precision: precision.map { "\($0)" }, epochs: epochs, batches: training.batchCount,
      examples: training.exampleCount)
    var session = try TrainingSession(step, training.dealtForTraining, metrics, description, callbacks)
    try session.train { session in
      try validation.map { set in try session.validate { try evaluate(set) } } ?? .empty
    }
    return session.finalReport()
  }

  /// The means of loss and metrics over examples, without training: the loss first, then the metrics in their order, then
  /// what layers reported.
  ///
  /// Metrics are those of all examples at once, not means of those of batches.
  ///
  /// - Throws: `TensorError` of a mistake in the model, or where there are no batches, or what the batches throw.
  public func evaluate(_ source: any BatchSource<Input>) throws -> Means {
    guard source.batchCount > 0 else { throw TensorError("evaluate", "there are no batches to judge by") }
    let model = try PreparedArguments(step.model)
    let form = model.form
    var totals = EpochTotals(metrics)
    let batches = Prefetcher(count: source.batchCount) { try source.batch($0, epoch: 0) }
    defer { batches.stop() }
    var number = 0
    while let batch = try batches.next() {
      number += 1
      let prepared = try PreparedArguments(batch)
      let pass = try evaluation(model, form, prepared, at: "batch \(number) of those to judge by")
      guard let loss = pass.results.first else { throw TensorError("evaluate", "the trainer's function gives no loss") }
      let numbers = try BatchNumbers(loss: loss, Array(pass.results.dropFirst()), pass.reports, metrics)
      try totals.add(numbers, weight: exampleCount(of: batch, prepared))
    }
    return try totals.means(metrics)
  }
}

/// The number of examples in a batch.
func exampleCount(of batch: some Sendable, _ prepared: PreparedArguments) -> Int {
  (batch as? any CountedBatch)?.exampleCount ?? prepared.leadingSize ?? 1
}

extension Trainer where Input == Batch {
  /// Prepares training with a loss of model and batch, on batches of inputs and targets that are tensors; see the general
  /// initializer. This one lets the closure's types be inferred.
  ///
  /// - Throws: what walking the model throws.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil,
    loss: @escaping @Sendable (_ model: Model, _ batch: Batch) throws -> Tensor
  ) throws {
    try self.init(model, optimizer, "a function", [], seed, memoryLimit, precision) { [try loss($0, $1)] }
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
