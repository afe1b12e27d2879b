import DescentGraph
import DescentTensors

/// A loss of predictions and targets as a value: with its settings and a name, which run directories write down.
///
/// ```swift
/// let trainer = try Trainer(model, loss: .softmaxCrossEntropy(labelSmoothing: 0.1, ignoring: 0), optimizer: Adam())
/// let loss: Tensor = Loss.huberLoss(delta: 0.5)(outputs, targets, weights: mask)
/// ```
///
/// There is one for each function of outputs and targets, under the function's name. A loss of one's own is a closure.
public struct Loss: Sendable {
  /// What the loss is called, without its settings.
  public let name: String
  /// The settings that differ from the defaults, as they are written in a call, such as `labelSmoothing: 0.1`.
  public let settings: [String]
  private let terms: @Sendable (_ predictions: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms

  init(
    _ name: String, _ settings: [String?] = [],
    terms: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor, _ weights: Tensor?) -> LossTerms
  ) {
    self.name = name
    self.settings = settings.compactMap { $0 }
    self.terms = terms
  }

  /// A loss of one's own.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - function: The losses of elements or rows, such as `[batch]`, which can then be weighted and summed exactly over
  ///     batches; or a scalar, which stands for its batch as a whole and takes no weights.
  public init(
    _ name: String, _ function: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor) throws -> Tensor
  ) {
    self.init(name) { predictions, targets, weights in
      LossTerms(name) {
        let losses = try function(predictions, targets)
        guard let weights, losses.error == nil else { return LossTerms(losses) }
        guard losses.rank > 0 else {
          throw TensorError(
            name, "gives one number for a batch, whose parts cannot be weighted; give a loss for each row")
        }
        let wide = losses.converted(to: losses.elementType.accumulator)
        return try .weighed(name, [wide], losses.shape, by: weights) { $0[0] }
      }
    }
  }

  /// The loss of predictions.
  ///
  /// - Parameters:
  ///   - predictions: What a model gives.
  ///   - targets: What is right.
  ///   - weights: What each element or row counts, or a mask; see `Reduction`.
  ///   - reduction: What becomes of the losses of elements or rows.
  public func callAsFunction(
    _ predictions: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
  ) -> Tensor {
    terms(predictions, targets, weights).reduced(reduction)
  }

  /// What a batch adds to a mean over batches: the sum of the weighted losses and that of the weights, as Float64 scalars.
  ///
  /// A scalar of a closure counts as many times as the batch has rows.
  public func totals(
    _ predictions: Tensor, _ targets: Tensor, weights: Tensor? = nil
  ) -> (losses: Tensor, weights: Tensor) {
    let terms = terms(predictions, targets, weights)
    guard terms.losses.error == nil, terms.losses.rank == 0, terms.weights == nil, let rows = targets.shape.first else {
      return terms.totals
    }
    let count = number(Double(rows), .float64)
    return (terms.losses.converted(to: .float64) * count, count)
  }
}

extension Loss: CustomStringConvertible {
  /// Such as `softmaxCrossEntropy(labelSmoothing: 0.1)`.
  public var description: String { settings.isEmpty ? name : "\(name)(\(settings.joined(separator: ", ")))" }
}
