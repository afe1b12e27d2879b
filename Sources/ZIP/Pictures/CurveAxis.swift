import Foundation

/// The scales of an error–reject picture: the share rejected to the right, the error rate upwards on a logarithm.
struct CurveAxis: Sendable {
  /// The share rejected at the right edge.
  let rejectLimit: Double
  /// The error rates at the lower and the upper edge: powers of ten.
  let lowestError: Double
  let highestError: Double

  init(_ curve: ErrorRejectCurve, target: Double?) {
    let first = curve.points.first
    // Beyond a few tenths nothing happens but that good letters are thrown away.
    let steps = [0.1, 0.2, 0.3, 0.5, 1.0]
    let start = first?.rejectRate ?? 0
    let clean = curve.points.first { $0.errors == 0 }?.rejectRate ?? 1
    let wanted = min(max(clean * 1.15, start + 0.1, 0.2), 1)
    rejectLimit = steps.first { $0 >= wanted - 1e-9 } ?? 1
    let rates = curve.points.map(\.errorRate).filter { $0 > 0 } + [target].compactMap(\.self).filter { $0 > 0 }
    let lowest = rates.min() ?? 1e-3
    let highest = rates.max() ?? 1e-1
    lowestError = pow(10, max(log10(lowest * 0.7).rounded(.down), -8))
    highestError = max(pow(10, min(log10(highest * 1.1).rounded(.up), 0)), lowestError * 10)
  }

  /// 0 at the left edge, 1 at the right.
  func horizontal(_ rejectRate: Double) -> Double { rejectRate / rejectLimit }

  /// 0 at the lower edge, 1 at the upper; rates off the scale lie on its edges.
  func vertical(_ errorRate: Double) -> Double {
    guard errorRate > lowestError else { return 0 }
    return min(log(errorRate / lowestError) / log(highestError / lowestError), 1)
  }

  /// The powers of ten from the lower to the upper edge.
  var errorTicks: [Double] {
    let first = Int(log10(lowestError).rounded())
    let last = Int(log10(highestError).rounded())
    return (first...max(last, first)).map { pow(10, Double($0)) }
  }

  /// Round shares from 0 to the right edge.
  var rejectTicks: [Double] {
    let step = rejectLimit <= 0.1 ? 0.02 : rejectLimit <= 0.2 ? 0.05 : rejectLimit <= 0.5 ? 0.1 : 0.2
    return (0...Int((rejectLimit / step).rounded())).map { Double($0) * step }
  }

  /// The curve's points within the right edge, thinned to what a picture can show.
  func visiblePoints(of curve: ErrorRejectCurve, columns: Int) -> [ErrorRejectCurve.Point] {
    var shown: [ErrorRejectCurve.Point] = []
    for point in curve.points where point.rejectRate <= rejectLimit {
      if let last = shown.last, point.errors == last.errors,
        (horizontal(point.rejectRate) - horizontal(last.rejectRate)) * Double(columns) < 1
      {
        continue
      }
      shown.append(point)
    }
    return shown
  }
}
