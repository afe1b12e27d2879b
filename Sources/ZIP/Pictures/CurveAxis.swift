import Foundation

/// What an error–reject picture shows: the share rejected to the right, the error rate upwards on a logarithm.
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

  /// The curve's points within the right edge, without those between which nothing can be seen.
  func visiblePoints(of curve: ErrorRejectCurve) -> [ErrorRejectCurve.Point] {
    var shown: [ErrorRejectCurve.Point] = []
    for point in curve.points where point.rejectRate <= rejectLimit {
      if let last = shown.last, point.errors == last.errors, point.rejectRate - last.rejectRate < rejectLimit / 620 {
        continue
      }
      shown.append(point)
    }
    return shown
  }
}
