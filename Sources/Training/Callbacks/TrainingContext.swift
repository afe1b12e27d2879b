import DescentData
import DescentOptimizers
import DescentTensors

/// Training as a callback sees it: how far it is, what the last step gave, the model; and what a callback may do.
///
/// It is good for as long as the call lasts that it is given to.
public final class TrainingContext {
  /// How far training is.
  public internal(set) var progress: TrainingProgress
  /// What was done so far.
  public internal(set) var report = TrainingReport()
  /// The numbers of the last step: loss, metrics, and what layers reported; empty before the first.
  public internal(set) var numbers = Means.empty
  /// The Euclidean norms of the last step's gradients by the parameters' paths, before any clipping, where a callback
  /// observes them; NaN or infinite where a gradient is.
  public internal(set) var gradientNorms: [String: Double] = [:]
  /// The last step's gradients by the parameters' paths, where a callback observes them.
  public internal(set) var gradients: [String: Tensor] = [:]
  /// The numbers that callbacks recorded last, by name, in the order in which they came first.
  public internal(set) var recordedNumbers = Means.empty
  /// The optimizer's hyper-parameters that callbacks have set, by their paths.
  private(set) var hyperparametersSet: [String: Double] = [:]
  /// Why a callback has ended training; `nil` where none has.
  public private(set) var stopReason: String?
  /// What makes the training up, for whoever writes it down.
  public let description: TrainingDescription

  /// What was recorded since records were given out last.
  private var waiting: [TrainingRecord] = []
  private let runner: any ObservedRunner

  init(_ runner: any ObservedRunner, _ description: TrainingDescription, _ progress: TrainingProgress) {
    (self.runner, self.description, self.progress) = (runner, description, progress)
  }

  /// The model's tensors by their paths, as the last step left them: parameters and running statistics. Later steps do not
  /// change them.
  ///
  /// - Throws: `TensorError` before the first step, which gives them their values.
  /// - Complexity: O(properties). The values are shared until the next step, which then copies them once.
  public func tensors() throws -> [String: Tensor] { try runner.modelTensors() }

  /// The paths of the parameters that are trained.
  public func trainedPaths() throws -> Set<String> { try runner.trainedPaths() }

  /// The model as the last step left it.
  ///
  /// - Throws: `TensorError` where the model that is trained is of another type.
  public func model<Model>(as type: Model.Type = Model.self) throws -> Model {
    let whole = runner.anyModel
    guard let model = whole as? Model else {
      throw TensorError("model", "a \(Swift.type(of: whole)) is trained, not a \(type)")
    }
    return model
  }

  /// The table of the model's parameters.
  public func modelSummary() -> String { runner.modelSummary }

  /// Puts tensors in the place of the model's own, by path, such as those of the best model so far.
  ///
  /// - Throws: `TensorError` where one of them belongs to nothing in the model, or has another type.
  public func replaceTensors(_ tensors: [String: Tensor]) throws { try runner.replaceTensors(tensors) }

  /// The optimizer with its hyper-parameters as they are now.
  public var optimizer: any Optimizer { runner.optimizer }

  /// The learning rate of the last step, where the optimizer has one.
  public func learningRate() throws -> Double? {
    let number = Double(max(1, progress.stepCount))
    return try optimizer.rate.map { try $0(Tensor(number, .float64)).item() }
  }

  /// Sets one of the optimizer's hyper-parameters by its path, such as `learningRate`; nothing is compiled.
  ///
  /// - Throws: `TensorError` where there is none with this path, or the value makes no sense.
  public func setHyperparameter(_ path: String, to value: Double) throws {
    try runner.setHyperparameter(path, to: value)
    hyperparametersSet[path] = value
  }

  /// Multiplies one of the optimizer's hyper-parameters.
  ///
  /// - Throws: `TensorError` where there is none with this path, or the product makes no sense.
  public func scaleHyperparameter(_ path: String, by factor: Double) throws {
    let known = try runner.hyperparameters()
    guard let value = known[path] else {
      let names = known.keys.sorted().joined(separator: ", ")
      throw TensorError("optimizer", "has no hyper-parameter '\(path)'; it has \(names)")
    }
    try setHyperparameter(path, to: value * factor)
  }

  /// Ends training after this step or epoch.
  ///
  /// - Parameter reason: Why, in one line; the first reason counts.
  public func stop(because reason: String) { stopReason = stopReason ?? reason }

  // MARK: Recording

  /// Records something under a name, for logs and for the callbacks that write such things down.
  public func record(_ content: TrainingRecord.Content, named name: String) {
    waiting.append(TrainingRecord(name: name, content: content))
    if case .number(let value) = content { recordedNumbers = recordedNumbers.setting(name, to: value) }
  }

  /// Records a number.
  public func record(_ number: Double, named name: String) { record(.number(number), named: name) }

  /// What was recorded since the last call.
  func takeRecords() -> [TrainingRecord] {
    defer { waiting = [] }
    return waiting
  }
}

/// What a context needs of the step that is trained by, whatever model and batches are.
protocol ObservedRunner {
  var anyModel: any Sendable { get }
  var modelSummary: String { get }
  var optimizer: any Optimizer { get }
  func modelTensors() throws -> [String: Tensor]
  func trainedPaths() throws -> Set<String>
  func replaceTensors(_ tensors: [String: Tensor]) throws
  func hyperparameters() throws -> [String: Double]
  func setHyperparameter(_ path: String, to value: Double) throws
}

/// What makes a training up.
public struct TrainingDescription: Sendable, Hashable, Codable {
  /// The type of the model, such as `LeNet`.
  public var modelType: String
  /// The optimizer as it prints itself.
  public var optimizer: String
  /// What the loss is called, where it was given a name.
  public var loss: String
  /// The names of the metrics.
  public var metrics: [String]
  /// The seed of initial values and of the steps' random numbers.
  public var seed: UInt64
  /// The element types of the passes, where they were given.
  public var precision: String?
  /// The number of epochs asked for.
  public var epochs: Int
  /// The number of batches in an epoch.
  public var batches: Int
  /// The number of examples in an epoch.
  public var examples: Int

  /// What makes a training up.
  package init(
    modelType: String, optimizer: String, loss: String, metrics: [String], seed: UInt64, precision: String?,
    epochs: Int,
    batches: Int, examples: Int
  ) {
    (self.modelType, self.optimizer, self.loss, self.metrics) = (modelType, optimizer, loss, metrics)
    (self.seed, self.precision, self.epochs) = (seed, precision, epochs)
    (self.batches, self.examples) = (batches, examples)
  }
}
