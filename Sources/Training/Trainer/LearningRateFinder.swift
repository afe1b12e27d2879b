import DescentOptimizers
import DescentTensors
import Foundation

/// Tries learning rates: trains a copy of a model for some steps while the rate grows from each to the next by the same factor, and
/// gives the losses.
///
/// ```swift
/// let curve = try findLearningRate(network, over: batches, optimizer: { Adam(learningRate: $0) }) { model, batch in
///   softmaxCrossEntropy(model(batch.input), batch.target)
/// }
/// print(curve)
/// let optimizer = Adam(learningRate: .constant(curve.suggestion ?? 1e-3))
/// ```
///
/// The sweep ends early where the loss is no longer finite or far above the best. Source: Smith, "Cyclical Learning Rates for
/// Training Neural Networks", 2015, section 3.3.
/// - Parameters:
///   - model: The model, which stays as it is; parameters without values get them from the first batch.
///   - batches: The batches, from the beginning again where there are fewer than steps.
///   - lowest: The rate of the first step.
///   - highest: The rate of the last step.
///   - steps: The number of steps, at least 2.
///   - seed: The seed of initial values and of random numbers within the passes.
///   - precision: The element types of the passes.
///   - optimizer: Gives the optimizer for the growing rate.
///   - loss: The number to be made small, from the model and a batch.
/// - Throws: `TensorError` where the rates or the number of steps make no sense or there are no batches, and what a step throws.
public func findLearningRate<Model: Codable & Sendable, Input: Codable & Sendable>(
  _ model: Model, over batches: some Sequence<Input>, from lowest: Double = 1e-7, to highest: Double = 10,
  steps: Int = 100, seed: UInt64 = 0, precision: Precision? = nil,
  optimizer: (LearningRate) -> some Optimizer, loss: @escaping @Sendable (Model, Input) throws -> Tensor
) throws -> LearningRateCurve {
  guard lowest > 0, highest > lowest, highest.isFinite, steps >= 2 else {
    throw TensorError(
      "findLearningRate", "cannot try \(steps) rates from \(lowest) to \(highest); give at least 2, in order, above 0")
  }
  let factor = pow(highest / lowest, 1 / Double(steps - 1))
  let rates = (0..<steps).map { lowest * pow(factor, Double($0)) }
  let rule = optimizer(.exponential(initial: lowest, factor: factor))
  var state = try TrainingState(model, optimizer: rule, seed: seed)
  let step = TrainingUpdate(precision: precision, loss: loss)
  var sweep = Sweep()
  var iterator = batches.makeIterator()
  for _ in rates {
    var batch = iterator.next()
    if batch == nil {
      iterator = batches.makeIterator()
      batch = iterator.next()
    }
    guard let batch else { throw TensorError("findLearningRate", "there are no batches to try rates on") }
    guard sweep.goesOn(after: try step(&state, batch).loss.item()) else { break }
  }
  return LearningRateCurve(rates: rates, losses: sweep.losses)
}

/// The losses so far, and whether they are worth going on.
private struct Sweep {
  private(set) var losses: [Double] = []
  private var (mean, weight, best) = (0.0, 0.0, Double.infinity)

  /// Takes a loss in.
  ///
  /// - Returns: Whether the sweep goes on: not after a loss that is not finite, and not where the running mean is above both the
  ///   first loss and four times the best mean.
  mutating func goesOn(after loss: Double) -> Bool {
    guard loss.isFinite else { return false }
    losses.append(loss)
    (mean, weight) = (0.8 * mean + 0.2 * loss, 0.8 * weight + 0.2)
    let smoothed = mean / weight
    best = min(best, smoothed)
    return losses.count < 5 || smoothed <= max(losses[0], best + 3 * abs(best))
  }
}
