import DescentGraph
import DescentLayers
import DescentTensors

extension Metric {
  /// The mean over a batch, a scalar, of a metric that is one; else the error.
  func number(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    guard joinings == [.sum, .sum] else {
      return Tensor(
        error: TensorError(name, "is no mean over examples; of a whole set a MetricAccumulator gives it"))
    }
    let parts = contributions(of: prediction, target)
    return parts[0] / parts[1]
  }
}
