import Foundation

/// The worth of places in feature space, from a model for each result.
struct AcquisitionFunction: Sendable {
  /// The objectives' models, followed by those of measured constraints.
  let models: [Posterior]
  let score: any PointScore
  /// A function drawn from the first model's prior, which is added to that model's mean.
  var path: FourierPath?

  /// The values at places that lie one after the other.
  func values(at flat: [Double]) throws -> [Double] {
    let moments = try models.map { try $0.moments(at: flat) }
    let deviations = moments.map { $0.variances.map { $0.squareRoot() } }
    let width = models[0].points.width
    return deviations[0].indices.map { row in
      var outlook = Outlook(means: [], deviations: [])
      for (place, model) in models.enumerated() {
        outlook.means.append(Array(moments[place].means[row * model.members..<(row + 1) * model.members]))
        outlook.deviations.append(deviations[place][row])
      }
      if let path { outlook.means[0][0] += path.value(at: flat[row * width..<(row + 1) * width]).value }
      return score.score(outlook).value
    }
  }

  /// The value at a place, with its gradient.
  func slope(at place: [Double]) throws -> (value: Double, gradient: [Double]) {
    let slopes = try models.map { try $0.slopes(at: place) }
    var outlook = Outlook(means: slopes.map(\.means), deviations: slopes.map { $0.variance.squareRoot() })
    var drawn: [Double]?
    if let path {
      let (value, gradient) = path.value(at: place[...])
      outlook.means[0][0] += value
      drawn = gradient
    }
    let result = score.score(outlook)
    var gradient = [Double](repeating: 0, count: place.count)
    for (index, slope) in slopes.enumerated() {
      let byVariance = result.deviationSlopes[index] / (2 * outlook.deviations[index])
      for direction in place.indices {
        var change = byVariance * slope.varianceSlope[direction]
        for member in slope.means.indices {
          change += result.meanSlopes[index][member] * slope.meanSlopes[member * place.count + direction]
        }
        gradient[direction] += change
      }
    }
    if let drawn {
      for direction in place.indices { gradient[direction] += result.meanSlopes[0][0] * drawn[direction] }
    }
    return (result.value, gradient)
  }
}
