import DescentGraph
import Foundation

/// The parameters of Gaussian processes for the targets at some points, each found once.
///
/// What is found depends on the points and targets alone, so that what is remembered changes no result.
final class FitMemory: Sendable {
  private struct Key: Hashable {
    let fit: GaussianFit
    let points: Posterior.Points
    let targets: [Double]
  }

  private let found = Guarded<(parameters: [Key: [Double]], order: [Key])>(([:], []))
  private static let most = 64

  /// How many of so many points parameters are fitted to: all where they are few; of many the most of a series that grows
  /// by a sixteenth, since one more changes little.
  static func fitted(_ count: Int) -> Int {
    var step = 64
    guard count > step else { return count }
    while step + max(step / 16, 1) <= count { step += max(step / 16, 1) }
    return step
  }

  /// The logarithms of the parameters for raw targets, which are standardized for it.
  func logarithms(_ fit: GaussianFit, _ points: Posterior.Points, _ targets: [Double]) throws -> [Double] {
    let count = Self.fitted(points.count)
    let key = Key(fit: fit, points: points.prefix(count), targets: Array(targets.prefix(count)))
    if let known = found.withLock({ $0.parameters[key] }) { return known }
    let scaling = Standardization(key.targets)
    var start: [Double]?
    // Many points: from what half of them led to, instead of several starts.
    if count > 96 { start = try logarithms(fit, points.prefix(count / 2), Array(targets.prefix(count / 2))) }
    let result = try fit.logarithms(key.points, key.targets.map(scaling.standard), from: start)
    found.withLock { state in
      if state.parameters.updateValue(result, forKey: key) == nil { state.order.append(key) }
      if state.order.count > Self.most { state.parameters[state.order.removeFirst()] = nil }
    }
    return result
  }
}
