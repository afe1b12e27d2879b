import DescentGraph
import DescentTensors
import Foundation

/// Elements that are or are not of a class, with logits for it.
struct BinaryDecisions {
  /// The logits `[elements]`.
  let logits: Tensor
  /// Whether each is of the class, as booleans `[elements]`.
  let isActual: Tensor
  /// What each counts, in Float64, `[elements]`.
  let weights: Tensor

  init(_ name: String, _ logits: Tensor, _ labels: Tensor, _ weights: Tensor?) throws {
    let (wide, labels) = try LossTerms.matched(name, logits, labels)
    let flat: Shape = [wide.count]
    self.logits = wide.reshaped(flat)
    isActual = labels.reshaped(flat) .> 0.5
    self.weights =
      try weights.map {
        try LossWeights($0, for: wide.shape, of: name).numbers.converted(to: .float64).broadcast(to: wide.shape)
          .reshaped(flat)
      } ?? Tensor(ones: flat, .float64)
  }

  func sum(where condition: Tensor) -> Tensor { `where`(condition, weights, number(0, .float64)).sum() }
}

extension Metric {
  /// A number made of true positives, predictions and labels of one class.
  private static func binary(
    _ name: String, _ threshold: Double,
    _ value: @escaping @Sendable (_ hits: Double, _ predicted: Double, _ actual: Double) -> (Double, Double)
  ) -> Metric {
    let least = log(threshold / (1 - threshold))
    return Metric(
      name, joining: [.sum, .sum, .sum],
      contributions: { logits, labels, weights in
        guard threshold > 0, threshold < 1 else {
          throw TensorError(name, "its threshold must lie between 0 and 1, found \(threshold)")
        }
        let decisions = try BinaryDecisions(name, logits, labels, weights)
        let isPredicted = decisions.logits .> least
        return [
          decisions.sum(where: isPredicted .& decisions.isActual), decisions.sum(where: isPredicted),
          decisions.sum(where: decisions.isActual),
        ]
      },
      value: {
        let parts = value($0[0].number, $0[1].number, $0[2].number)
        return Tensor(parts.1 == 0 ? 0 : parts.0 / parts.1, .float64)
      })
  }

  /// The share of elements whose sigmoid lies on the label's side of ½, of logits and labels 0 and 1 of one shape.
  public static let binaryAccuracy = Metric(
    "binaryAccuracy", joining: [.sum, .sum],
    contributions: { logits, labels, weights in
      let decisions = try BinaryDecisions("binaryAccuracy", logits, labels, weights)
      return [decisions.sum(where: (decisions.logits .> 0) .== decisions.isActual), decisions.weights.sum()]
    }, value: { Tensor($0[0].number / $0[1].number, .float64) })

  /// How many of the elements whose sigmoid is above a threshold are of the class; 0 where there are none.
  public static func binaryPrecision(threshold: Double = 0.5) -> Metric {
    binary("binaryPrecision", threshold) { hits, predicted, _ in (hits, predicted) }
  }

  /// How many of the elements of the class have a sigmoid above a threshold; 0 where there are none.
  public static func binaryRecall(threshold: Double = 0.5) -> Metric {
    binary("binaryRecall", threshold) { hits, _, actual in (hits, actual) }
  }

  /// The harmonic mean of precision and recall of elements whose sigmoid is above a threshold.
  public static func binaryF1(threshold: Double = 0.5) -> Metric {
    binary("binaryF1", threshold) { hits, predicted, actual in (2 * hits, predicted + actual) }
  }

  /// The intersection of what is predicted and what is there over their union, of elements whose sigmoid is above a
  /// threshold.
  public static func binaryIntersectionOverUnion(threshold: Double = 0.5) -> Metric {
    binary("binaryIntersectionOverUnion", threshold) { hits, predicted, actual in (hits, predicted + actual - hits) }
  }

  /// The mean squared difference of sigmoid and label.
  public static let binaryBrierScore = Metric("binaryBrierScore") { logits, labels in
    LossTerms.meanSquaredError(sigmoid(logits), labels, nil).losses
  }

  /// The expected calibration error of sigmoids: how far they are from the share of labels of 1; see `calibrationError`.
  public static func binaryCalibrationError(bins: Int = 15) -> Metric {
    let name = "binaryCalibrationError"
    return Metric(
      name, joining: [.sum],
      contributions: { logits, labels, weights in
        let decisions = try BinaryDecisions(name, logits, labels, weights)
        let outcomes = decisions.isActual.converted(to: .float64)
        return [try Calibration.bins(bins, sigmoid(decisions.logits), outcomes, decisions.weights, name)]
      }, value: { Calibration.error($0[0]) })
  }
}
