import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentTraining

/// What a language model with mixtures of experts takes on a number of machines that hold an equal part of the experts each, known
/// before there is any parameter.
///
/// ```swift
/// let largest = ExpertConfiguration(vocabularySize: 100_000, width: 512, experts: 131_072, groups: 256, units: 1_024)
/// let plan = try ExpertPlan(ExpertRecurrentModel(largest), on: 64, batch: [100, 20], optimizer: Adam())
/// print(plan.parameterCount, plan.peakBytes)
/// ```
///
/// Of a hierarchy, a machine holds whole groups with their gates; all else is on every machine, which takes a batch of its own. The
/// figures are those of the plan that one machine runs, compiled from shapes: its part of the experts, its batch, and as many rows from
/// other machines as it sends, as it is where experts are used equally. On one machine, that is the training step itself.
public struct ExpertPlan: Codable, Sendable, Hashable {
  /// The number of machines.
  public let machines: Int
  /// The number of tokens of one machine's batch.
  public let tokens: Int
  /// The number of elements of all parameters of the model.
  public let parameterCount: Int
  /// How many of these belong to the vectors of tokens and the weights of logits, which papers leave out.
  public let vocabularyCount: Int
  /// How many of these belong to experts.
  public let expertCount: Int
  /// The bytes of a machine's parameters.
  public let parameterBytes: Int
  /// The bytes of what the optimizer remembers of them.
  public let optimizerBytes: Int
  /// The bytes of a machine's batch.
  public let batchBytes: Int
  /// The bytes of a machine's working memory: activations, gradients, constants and results of a step.
  public let workingBytes: Int
  /// The bytes of rows, and of their gradients, that a machine sends to others in a step.
  public let exchangedBytes: Int
  /// The bytes that a machine sends in a step so that all have the sum of the gradients of parameters that every machine has, by the
  /// ring method.
  public let reducedBytes: Int
  /// The sizes of the parameters that a machine has, by their paths.
  public let parameters: [String: [Int]]

  /// The bytes of what lies in a machine's memory while a step runs.
  public var peakBytes: Int { parameterBytes + optimizerBytes + batchBytes + workingBytes }

  /// Plans training.
  ///
  /// - Parameters:
  ///   - model: The model, without values.
  ///   - machines: The number of machines, by which the experts, and the groups of a hierarchy, can be divided.
  ///   - batch: The number of pieces of one machine's batch and of tokens of a piece.
  ///   - optimizer: How parameters follow their gradients.
  ///   - precision: The element types of the pass.
  /// - Throws: `TensorError` of a mistake within the model or the optimizer, or where experts cannot be shared out so; `TextError` of
  ///   sizes that make no sense.
  public init(
    _ model: some LanguageModel, on machines: Int = 1, batch: Shape, optimizer: some Optimizer,
    precision: Precision? = nil
  ) throws {
    guard machines >= 1, batch.rank == 2, batch.sizes.allSatisfy({ $0 >= 1 }), let tokens = batch.checkedCount else {
      throw TextError(
        "ExpertPlan", "takes one machine or more and a batch [pieces, tokens], found \(machines) and \(batch)")
    }
    let zeros = Tensor(zeros: batch, .int32)
    let input = Batch(input: zeros, target: zeros)
    @Sendable func loss(_ model: some LanguageModel, _ batch: Batch) throws -> Tensor {
      softmaxCrossEntropy(try model(batch.input), batch.target)
    }
    let whole = try recordedParameters(of: model, seed: 0, first: .training) { [try loss($0, input)] }.leaves
      .map { ParameterInfo($0) }
    let step = try PlannedStep(model, optimizer: optimizer, batch: input, precision: precision) { model, batch in
      try ExpertPlacement.share(of: machines) { try loss(model, batch) }
    }
    (self.machines, self.tokens) = (machines, tokens)
    func count(_ isCounted: (ParameterInfo) -> Bool) -> Int { whole.reduce(0) { isCounted($1) ? $0 + $1.count : $0 } }
    parameterCount = count { $0.role == .trained }
    expertCount = count { $0.path.split(separator: ".").contains("experts") }
    vocabularyCount = count { info in
      info.path.split(separator: ".").contains { ["embedding", "output"].contains($0) }
        && info.shape.sizes.contains(model.vocabularySize)
    }
    parameterBytes = step.parameterBytes
    optimizerBytes = step.optimizerBytes
    batchBytes = step.batchBytes
    workingBytes = step.statistics.peakBytes + step.statistics.constantBytes
    parameters = Dictionary(step.parameters.map { ($0.path, $0.shape.sizes) }) { first, _ in first }

    // What is exchanged forward has a gradient that goes the other way.
    let sent = step.graph.nodes.reduce(0) { sum, node in
      (node.operation as? Named)?.label == ExpertPlacement.exchanged ? sum + node.types[0].byteCount : sum
    }
    exchangedBytes = Self.part(2 * sent, machines)
    let shapes = Dictionary(whole.map { ($0.path, $0.shape) }) { first, _ in first }
    let common = step.parameters.reduce(0) {
      $1.role == .trained && $1.shape == shapes[$1.path] ? $0 + $1.byteCount : $0
    }
    reducedBytes = Self.part(2 * common, machines)
  }

  /// The part of bytes that goes to other machines, where it is spread over all of them.
  private static func part(_ bytes: Int, _ machines: Int) -> Int { bytes - bytes / machines }
}
