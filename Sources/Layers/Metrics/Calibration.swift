import DescentGraph
import DescentTensors

/// Probabilities against how often they come true, in parts of equal width.
enum Calibration {
  /// For each part, the sums of weights, of probabilities and of what came true: `[3, bins]`.
  ///
  /// - Parameters:
  ///   - count: How many parts there are; each has its upper end.
  ///   - probabilities: `[rows]`.
  ///   - outcomes: 1 for what came true, in Float64, `[rows]`.
  ///   - weights: In Float64, `[rows]`.
  static func bins(
    _ count: Int, _ probabilities: Tensor, _ outcomes: Tensor, _ weights: Tensor, _ name: String
  ) throws -> Tensor {
    guard count > 0 else { throw TensorError(name, "needs at least one bin, found \(count)") }
    // What does not count may be NaN.
    let isCounted = weights .!= number(0, .float64)
    let probabilities = `where`(isCounted, probabilities, number(0, probabilities.elementType))
    let place = ceil(probabilities * Double(count)) - 1.0
    let bins = maximum(place, 0).converted(to: .int32)
    let sums = [weights, weights * probabilities.converted(to: .float64), weights * outcomes]
    return stacked(sums.map { bins.binCount(count, weights: $0) })
  }

  /// The mean over parts, by their weights, of the distance between probabilities and outcomes.
  static func error(_ part: MetricTotals.Part) -> Tensor {
    let count = part.values.count / 3
    var (sum, total) = (0.0, 0.0)
    for bin in 0..<count {
      total += part.values[bin]
      sum += abs(part.values[count + bin] - part.values[2 * count + bin])
    }
    return Tensor(sum / total, .float64)
  }
}
