import DescentGraph
import DescentLayers
import DescentTensors

/// A number that tells how good predictions are, averaged over examples.
public struct Metric: Sendable {
  /// What the metric is called in reports.
  public let name: String
  /// The mean over a batch, a scalar, from predictions and targets.
  public let function: @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor

  /// A metric from its formula.
  public init(_ name: String, _ function: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor) {
    self.name = name
    self.function = function
  }

  /// The share of examples whose largest logit is the label's.
  public static let accuracy = Metric("accuracy") { DescentLayers.accuracy($0, $1) }

  /// The metric's number, or the error where it gives something else.
  func number(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let result = function(prediction, target)
    if result.error != nil || result.count == 1 { return result }
    return Tensor(error: TensorError(name, "the metric gives \(result.type), not one number; take its mean"))
  }
}
