import DescentGraph
import DescentTensors

extension Metric {
  /// A number made of the mean of a function of elements.
  private static func mean(
    _ name: String, _ function: @escaping @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor,
    _ value: @escaping @Sendable (Double) -> Double = { $0 }
  ) -> Metric {
    let loss = Loss(name, []) { LossTerms.ofElements(name, $0, $1, $2, function) }
    return Metric(name, meanOf: loss, value)
  }

  /// The mean of the difference of outputs and targets: how much too large outputs are.
  public static let meanError = mean("meanError", { $0 - $1 })

  /// The mean of the absolute difference of outputs and targets.
  public static let meanAbsoluteError = mean("meanAbsoluteError", { abs($0 - $1) })

  /// The mean of the squared difference of outputs and targets.
  public static let meanSquaredError = mean("meanSquaredError", { square($0 - $1) })

  /// The root of the mean squared difference of all outputs and targets.
  public static let rootMeanSquaredError = mean("rootMeanSquaredError", { square($0 - $1) }) { $0.squareRoot() }

  /// The mean of the absolute difference divided by the target's absolute value, as a share; targets of 0 count as 2⁻⁵².
  public static let meanAbsolutePercentageError = mean(
    "meanAbsolutePercentageError",
    { outputs, targets in
      abs(outputs - targets) / maximum(abs(targets), number(Double.ulpOfOne, targets.elementType))
    })

  /// The mean squared difference of log(1 + output) and log(1 + target).
  public static let meanSquaredLogarithmicError = mean(
    "meanSquaredLogarithmicError", { square(log1p($0) - log1p($1)) })

  /// The largest absolute difference of outputs and targets among those that count.
  public static let maximumError = Metric(
    "maximumError", joining: [.maximum],
    contributions: { outputs, targets, weights in
      let terms = LossTerms.ofElements("maximumError", outputs, targets, weights) { abs($0 - $1) }
      guard let weights = terms.weights else { return [terms.losses.max()] }
      // Weights other than 0 count alike: an error is as large as it is.
      let isCounted = weights .!= number(0, weights.elementType)
      return [`where`(isCounted, terms.losses / weights, number(0, weights.elementType)).max()]
    }, value: { Tensor($0[0].number, .float64) })

  /// The median of the absolute differences of outputs and targets; all are kept, and weights are taken as a mask.
  public static let medianAbsoluteError = Metric(
    "medianAbsoluteError", joining: [.concatenation, .concatenation],
    contributions: { outputs, targets, weights in
      let (outputs, targets) = try LossTerms.matched("medianAbsoluteError", outputs, targets)
      let shape = outputs.shape
      let isCounted =
        try weights.map { try LossWeights($0, for: shape, of: "medianAbsoluteError").isCounted.broadcast(to: shape) }
        ?? Tensor(ones: shape, .bool)
      return [abs(outputs - targets).reshaped([shape.count]), isCounted.reshaped([shape.count])]
    },
    value: { parts in
      let errors = zip(parts[0].values, parts[1].values).filter { $1 != 0 }.map(\.0).sorted()
      guard let last = errors.last, !errors.contains(where: \.isNaN) else { return Tensor(.nan, .float64) }
      let middle = errors.count / 2
      let upper = middle < errors.count ? errors[middle] : last
      return Tensor(errors.count % 2 == 1 ? upper : (errors[middle - 1] + upper) / 2, .float64)
    })

  /// R², the share of the targets' variance that the outputs explain, of outputs `[batch]` or `[batch, outputs…]`: the mean
  /// over outputs. 1 at best, 0 of the targets' mean, and less than that of worse. Of a target that never varies, 1 where the
  /// outputs are exact and 0 elsewhere.
  public static let rSquared = Metric(
    "rSquared", joining: [.concatenation],
    contributions: { outputs, targets, weights in
      let name = "rSquared"
      let (outputs, targets) = try LossTerms.matched(name, outputs, targets)
      guard let batch = outputs.shape.first else {
        throw TensorError(name, "takes outputs [batch, outputs…], found scalars")
      }
      let columns = batch == 0 ? 1 : outputs.count / batch
      var (x, y) = (
        outputs.reshaped([batch, columns]).converted(to: .float64),
        targets.reshaped([batch, columns]).converted(to: .float64)
      )
      let counts = try weights.map {
        try LossWeights($0, for: [batch], of: name).numbers.converted(to: .float64).broadcast(to: [batch])
      }
      let rows = (counts ?? Tensor(ones: [batch], .float64)).expanded(axis: -1)
      if counts != nil {
        // What does not count may be NaN.
        let isCounted = (rows .!= number(0, .float64)).broadcast(to: x.shape)
        (x, y) = (`where`(isCounted, x, number(0, .float64)), `where`(isCounted, y, number(0, .float64)))
      }
      let total = rows.sum()
      let isNothing = total .== number(0, .float64)
      let mean = (rows * y).sum(axes: [0]) / `where`(isNothing, number(1, .float64), total)
      let spread = (rows * square(y - mean)).sum(axes: [0])
      let missed = (rows * square(y - x)).sum(axes: [0])
      return [stacked([total.broadcast(to: [columns]), mean, spread, missed]).expanded(axis: 0)]
    }, value: { Tensor(Moments(of: $0[0]).rSquared, .float64) })
}

/// Weight, mean, sum of squares around the mean and sum of squared errors of each output, of all batches.
///
/// The sums of batches are joined by the formula of Chan, Golub and LeVeque, 1979, since that of squares of targets with a
/// mean far from 0 would cancel.
private struct Moments {
  private var columns: [(weight: Double, mean: Double, spread: Double, missed: Double)] = []

  init(of part: MetricTotals.Part) {
    guard let shape = part.shape, shape.rank == 3 else { return }
    let width = shape[2]
    columns = [(Double, Double, Double, Double)](repeating: (0, 0, 0, 0), count: width)
    for batch in 0..<shape[0] {
      for column in 0..<width {
        let numbers = (0..<4).map { part.values[(batch * 4 + $0) * width + column] }
        guard numbers[0] != 0 else { continue }
        let known = columns[column]
        let weight = known.weight + numbers[0]
        let step = numbers[1] - known.mean
        columns[column] = (
          weight, known.mean + step * numbers[0] / weight,
          known.spread + numbers[2] + step * step * known.weight * numbers[0] / weight, known.missed + numbers[3]
        )
      }
    }
  }

  var rSquared: Double {
    let parts = columns.map { column in
      column.spread == 0 ? (column.missed == 0 ? 1.0 : 0.0) : 1 - column.missed / column.spread
    }
    guard columns.contains(where: { $0.weight != 0 }) else { return .nan }
    return parts.reduce(0, +) / Double(parts.count)
  }
}
