import DescentData
import DescentTensors
import Foundation

/// How good a way of training is, from several trainings that each hold another part of the data out.
public struct CrossValidation: Sendable {
  /// What each training did, in the order of the folds.
  public let reports: [TrainingReport]
  /// Loss and metrics of the part that each training held out, of the model that it ended with.
  public let folds: [Means]

  /// The means over the folds.
  public var means: Means { summarized { values in values.reduce(0, +) / Double(values.count) } }

  /// The standard deviations between the folds, with the number of folds less one as divisor.
  public var deviations: Means {
    summarized { values in
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(max(1, values.count - 1))).squareRoot()
    }
  }

  private func summarized(_ body: ([Double]) -> Double) -> Means {
    let names = folds.first?.names ?? []
    return Means(names, names.map { name in body(folds.map { $0[name] ?? .nan }) })
  }
}

extension CrossValidation: CustomStringConvertible {
  /// Such as `loss 0.25 ± 0.02, accuracy 0.93 ± 0.01`.
  public var description: String {
    zip(means, deviations).map { "\($0.name) \(Self.text($0.value)) ± \(Self.text($1.value))" }.joined(separator: ", ")
  }

  private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}

/// Trains once for each fold of a data set, on all but the part that is held out, and judges by that.
///
/// ```swift
/// let folds = try Folds(labels: digits.labels.integers(), count: 5)
/// let result = try crossValidate(folds, of: digits, batchSize: 64, epochs: 3) { fold in
///   try Trainer(LeNet(), loss: softmaxCrossEntropy, optimizer: Adam(), metrics: [.accuracy], seed: UInt64(fold))
/// }
/// print(result)  // loss 0.1034 ± 0.0121, accuracy 0.9688 ± 0.0044
/// ```
///
/// - Parameters:
///   - folds: The parts.
///   - examples: The data set.
///   - batchSize: The number of examples in a batch.
///   - epochs: How many epochs each training has.
///   - callbacks: What happens alongside the training of a fold, counted from 0.
///   - trainer: Makes the trainer of a fold: each begins anew.
/// - Throws: what training throws, with the fold; `TensorError` where the folds are not those of the data set.
public func crossValidate<Model>(
  _ folds: Folds, of examples: Examples, batchSize: Int, epochs: Int,
  callbacks: (_ fold: Int) -> [Callback] = { _ in [] },
  trainer: (_ fold: Int) throws -> Trainer<Model, Batch>
) throws -> CrossValidation {
  let count = folds.reduce(0) { $0 + $1.held.count }
  guard count == examples.count else {
    throw TensorError("crossValidate", "the folds are of \(count) examples, the data set has \(examples.count)")
  }
  return try crossValidate(folds, epochs: epochs, callbacks: callbacks, trainer: trainer) { fold in
    let (training, held) = (try examples.selecting(fold.training), try examples.selecting(fold.held))
    return (training.batched(batchSize), held.batched(batchSize, shuffled: false))
  }
}

/// Trains once for each fold of a data set of any kind; see `crossValidate(_:of:batchSize:epochs:callbacks:trainer:)`.
///
/// - Parameters:
///   - folds: The parts.
///   - epochs: How many epochs each training has.
///   - callbacks: What happens alongside the training of a fold, counted from 0.
///   - trainer: Makes the trainer of a fold.
///   - batches: The batches to train on and those to judge by, from the indices of a fold.
/// - Throws: what training or making batches throws, with the fold.
public func crossValidate<Model, Input>(
  _ folds: Folds, epochs: Int, callbacks: (_ fold: Int) -> [Callback] = { _ in [] },
  trainer: (_ fold: Int) throws -> Trainer<Model, Input>,
  batches: (Folds.Fold) throws -> (training: any BatchSource<Input>, held: any BatchSource<Input>)
) throws -> CrossValidation {
  var (reports, results) = ([TrainingReport](), [Means]())
  for (number, fold) in folds.enumerated() {
    do {
      let (training, held) = try batches(fold)
      let trainer = try trainer(number)
      reports.append(
        try trainer.fit(on: training, validation: nil, epochs: epochs, callbacks: callbacks(number)))
      results.append(try trainer.evaluate(held))
    } catch {
      throw TrainingError("fold \(number)", "\(error)")
    }
  }
  return CrossValidation(reports: reports, folds: results)
}
