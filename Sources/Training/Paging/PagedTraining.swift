import DescentData
import DescentFiles
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// Training of a model whose experts lie in a file: a step reads those that its batch goes to, and writes them back.
///
/// ```swift
/// let training = try PagedTraining(network, optimizer: Adam(), file: "experts.paged", seed: 1) { network, batch in
///   softmaxCrossEntropy(network(batch.input), batch.target)
/// }
/// for batch in batches { print(try training.step(batch).loss.item(), training.lastTraffic.expertBytesRead) }
/// ```
///
/// The model is one that would train in memory, too: a step asks its gates first where rows go, takes these experts with what
/// the optimizer remembers of them from the file, runs the compiled step on them alone, and writes them back. An expert that no row
/// ever went to is not in the file; its first values are those that it would have in memory with the same seed. The memory that
/// a step takes is that of the experts that it uses.
///
/// Parameters are those of training in memory where the optimizer leaves alone what has no gradient, such as `SGD` without
/// momentum. What others remember of an expert stays as it is while no row goes there, as with PyTorch's `SparseAdam`; in memory
/// it would fade, and go on moving the expert. Rules that look at a whole parameter, such as `LAMB`, see the experts in use.
///
/// **What is kept.** A step that was returned from is complete in the file: whenever the process is killed afterward, the next one
/// goes on from there with the same bits; of a step that it was killed in, nothing remains. With `synchronizes` this holds for a
/// loss of power as well. What is read is checked, so that a damaged file is refused rather than trained on.
public final class PagedTraining<Model: Codable & Sendable, Input: Codable & Sendable, Rule: Optimizer>: Sendable {
  private let work: Guarded<PagedWork<Model, Input, Rule>>

  /// Prepares training; a file that exists is gone on with.
  ///
  /// - Parameters:
  ///   - model: The model, which has one bank of experts, without values.
  ///   - optimizer: How parameters follow their gradients. What it remembers of experts has an axis of them in front.
  ///   - path: The file, made at the first step where there is none. It is for one process at a time.
  ///   - seed: The seed of initial values and of random numbers within the passes.
  ///   - synchronizes: Whether a step waits until the disk holds it.
  ///   - precision: The element types of the pass, such as `.bfloat16`; those of the batch where none are given.
  ///   - loss: The number to be made small, from the model and a batch.
  /// - Throws: `TensorError` where the model has no bank of experts or several; `FileError` where the file is in use, damaged, or
  ///   of something else.
  public init(
    _ model: Model, optimizer: Rule, file path: String, seed: UInt64 = 0, synchronizes: Bool = true,
    precision: Precision? = nil, loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    let work = try PagedWork<Model, Input, Rule>(
      model, optimizer, path, seed: seed, synchronizes: synchronizes, precision: precision, loss: loss)
    self.work = Guarded(work)
  }

  /// Runs one step and returns its loss, before the update, with whatever layers reported.
  ///
  /// May be called from several threads; steps run one after the other.
  ///
  /// - Throws: as `TrainingUpdate` does, and `FileError` where the file cannot be read or written, such as on a full disk. The step
  ///   before is the latest one then, and the next call goes on from it.
  @discardableResult
  public func step(_ batch: Input) throws -> StepResult { try work.withLock { work in try work.step(batch) } }

  /// The bytes that the last step read and wrote.
  public var lastTraffic: PageTraffic { work.withLock { $0.traffic } }
  /// The experts that the last step used, in order.
  public var lastExperts: [Int] { work.withLock { $0.used } }
  /// The number of complete steps; 0 where no file is open yet.
  public var stepCount: Int { work.withLock { $0.file?.step ?? 0 } }
  /// The number of experts that have been used, and have values in the file.
  public var heldExperts: Int { work.withLock { $0.file?.heldCount ?? 0 } }
  /// The bytes of one expert: its parameters, and what the optimizer remembers of them. 0 before the first step.
  public var expertBytes: Int { work.withLock { $0.file?.places.expertBytes ?? 0 } }
  /// The bytes of what experts share: the rest of the model, and what the optimizer remembers of it. 0 before the first step.
  public var sharedBytes: Int { work.withLock { $0.file?.places.sharedBytes ?? 0 } }
  /// The number of experts that there is memory for.
  public var capacity: Int { work.withLock { $0.capacity } }

  /// The number of elements of all parameters: those of experts that were never used, too. 0 before the first step.
  public var parameterCount: Int { work.withLock { $0.parameterCount } }

  /// What there is of an expert, by names such as `model.experts.hidden` and `optimizer.experts.hidden.first`, as the last
  /// complete step left it, or as it begins.
  ///
  /// - Throws: `TensorError` before the first step, or where there is no such expert; `FileError`.
  public func expert(_ number: Int) throws -> [String: Tensor] { try work.withLock { try $0.expert(number) } }

  /// All else than experts, by name, as the last complete step left it.
  ///
  /// - Throws: `TensorError` before the first step; `FileError`.
  public func shared() throws -> [String: Tensor] { try work.withLock { try $0.sharedTensors() } }
}

/// A batch with where its rows go.
struct PagedInput<Input: Codable & Sendable>: Codable, Sendable {
  let input: Input
  /// The number of experts that there is memory for.
  let held: Int
  /// Where each expert is in memory, int32 `[experts]`.
  let position: Tensor
  /// What each gate chose.
  let choices: [Tensor]
}
