import DescentData
import DescentFiles
import Foundation

/// A confidence threshold chosen on calibration letters for a wanted error rate.
public struct ThresholdChoice: Sendable {
  /// How a threshold was arrived at.
  public enum Basis: String, Sendable {
    /// The 95 % bound on the calibration letters' error rate is within the target.
    case bound
    /// Their observed error rate is, but they are too few for the bound, or it would cost too many of them.
    case observed
    /// No threshold reaches the target without rejecting most letters: the one with the least error rate is taken. One
    /// digit with a wrong label among few is enough for that.
    case unreachable
  }

  /// Readings at least this sure are accepted.
  public let threshold: Double
  /// How it was arrived at.
  public let basis: Basis
  /// The error rate that was asked for.
  public let target: Double
  /// What remains of the calibration letters.
  public let point: ErrorRejectCurve.Point

  /// Chooses the lowest threshold that keeps the error rate of the accepted calibration letters within a target.
  ///
  /// The rate is the observed one; where few more letters need be rejected for it, its 95 % Clopper–Pearson bound.
  /// Where more than three quarters of the letters would have to be rejected, the target is out of reach.
  /// The threshold is laid halfway (in log-odds) to the surest letter that it rejects, so that it does not hang on
  /// one letter's last digit.
  ///
  /// - Complexity: O(*n*) evaluations of the bound at most.
  public init(targetErrorRate target: Double, calibration curve: ErrorRejectCurve) {
    self.target = target
    let within = curve.points.prefix { $0.rejectRate <= Self.mostRejected }
    if let observed = within.firstIndex(where: { $0.errorRate <= target }) {
      let limit = curve.points[observed].rejectRate + Self.pricePaidForTheBound
      let bounded = curve.points.firstIndex {
        $0.errorRate <= target && $0.rejectRate <= limit && $0.upperBound <= target
      }
      (point, threshold) = Self.point(bounded ?? observed, of: curve)
      basis = bounded == nil ? .observed : .bound
    } else if let least = within.indices.min(by: { within[$0].errorRate < within[$1].errorRate }),
      within[least].errorRate < 0.5
    {
      // A reader that is wrong more often than right is believed nowhere.
      (point, threshold) = Self.point(least, of: curve)
      basis = .unreachable
    } else {
      point = ErrorRejectCurve.Point(threshold: 2, accepted: 0, errors: 0, total: curve.total)
      basis = .unreachable
      threshold = 2
    }
  }

  /// A point of the curve, and a threshold that accepts its letters and no more.
  private static func point(_ index: Int, of curve: ErrorRejectCurve) -> (ErrorRejectCurve.Point, Double) {
    let point = curve.points[index]
    return (point, index == 0 ? point.threshold : between(curve.points[index - 1].threshold, point.threshold))
  }

  /// The largest share of letters that is worth rejecting.
  private static let mostRejected = 0.75

  /// The share of letters that is given up for holding the bound, rather than the observed rate, to the target. More
  /// would reject most letters of a small calibration set, whose bound is wide whatever the reader can do.
  private static let pricePaidForTheBound = 0.03

  private static func between(_ low: Double, _ high: Double) -> Double {
    func logOdds(_ p: Double) -> Double { log(max(p, 1e-300)) - log(max(1 - p, 1e-17)) }
    let middle = (logOdds(low) + logOdds(high)) / 2
    let value = 1 / (1 + exp(-middle))
    return value > low && value <= high ? value : high
  }
}

extension ErrorRejectCurve.Point {
  /// What the letters accepted at this point say about the true error rate, in words.
  ///
  /// "0 errors in 2,000 accepted letters support at most 0.15 % at 95 %; to claim 0.01 % you need at least 29,956
  /// accepted letters without an error."
  public func claim(target: Double) -> String {
    guard accepted > 0 else { return "no letter was accepted: nothing can be said about the error rate" }
    let bound = upperBound
    let counted = "\(errors.grouped) \(errors == 1 ? "error" : "errors") in \(accepted.grouped) accepted letters"
    let support = "\(counted) support at most \(percent(bound)) at 95 %"
    if bound <= target { return "\(support): the wanted \(percent(target)) is shown" }
    guard let needed = ClopperPearson.trialsNeeded(forRate: target) else { return support }
    if errorRate > target { return "\(support): the wanted \(percent(target)) is missed" }
    return "\(support); to claim \(percent(target)) you need at least \(needed.grouped) accepted letters "
      + "without an error"
  }
}
