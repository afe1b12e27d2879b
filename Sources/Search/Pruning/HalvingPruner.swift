import DescentPlotting
import Foundation

/// Lets one in so many trials go on from each rung of a ladder of steps: the best of those that have reached it so far.
///
/// Rungs lie at `minimumSteps · reductionFactorʳ`. A trial that reaches one does not wait for others. Source: Li et al., *A
/// system for massively parallel hyperparameter tuning*, 2020 (asynchronous successive halving). Hyperband (Li et al., 2018)
/// shares trials out among ladders that begin at different rungs, for where early values tell little.
public struct HalvingPruner: Pruner {
  /// The step of the first rung.
  public var minimumSteps: Int
  /// The last step, for Hyperband; `nil` for one ladder.
  public var maximumSteps: Int?
  /// How many trials reach a rung for one that goes on.
  public var reductionFactor: Int
  /// How many rungs are left out at the beginning of the one ladder.
  public var delay: Int
  /// What sets the sharing out among ladders apart from others.
  public var seed: UInt64
  /// How many trials, at most, run at once in a study that keeps to its order.
  public let width: Int?

  init(minimumSteps: Int, maximumSteps: Int?, reductionFactor: Int, delay: Int, seed: UInt64, width: Int) {
    self.minimumSteps = minimumSteps
    self.maximumSteps = maximumSteps
    self.reductionFactor = reductionFactor
    self.delay = delay
    self.seed = seed
    self.width = width
  }

  /// Such as `successiveHalving(minimumSteps: 1, reductionFactor: 4)`.
  public var name: String {
    if let maximumSteps {
      return
        "hyperband(minimumSteps: \(minimumSteps), maximumSteps: \(maximumSteps), reductionFactor: \(reductionFactor))"
    }
    let late = delay > 0 ? ", delay: \(delay)" : ""
    return "successiveHalving(minimumSteps: \(minimumSteps), reductionFactor: \(reductionFactor)\(late))"
  }

  /// Refuses numbers of steps and factors that make no ladder.
  public func check() throws {
    guard minimumSteps >= 1, reductionFactor >= 2, (0...62).contains(delay), (width ?? 1) >= 1 else {
      throw SearchError(
        name,
        "minimumSteps \(minimumSteps), reductionFactor \(reductionFactor), delay \(delay), width \(width ?? 1): "
          + "at least 1, 2, 0 and 1 are needed")
    }
    if let maximumSteps, maximumSteps < minimumSteps {
      throw SearchError(name, "maximumSteps \(maximumSteps) are fewer than minimumSteps \(minimumSteps)")
    }
  }

  /// How many ladders there are.
  public var bracketCount: Int {
    guard let maximumSteps, reductionFactor >= 2 else { return 1 }
    var (count, step) = (1, max(minimumSteps, 1))
    while let next = multiplied(step), next <= maximumSteps { (count, step) = (count + 1, next) }
    return count
  }

  private func multiplied(_ step: Int) -> Int? {
    let (product, overflows) = step.multipliedReportingOverflow(by: max(reductionFactor, 2))
    return overflows ? nil : product
  }

  /// The ladder of a trial: the r-th leaves out its first r rungs, and gets the fewer trials the more it leaves out.
  public func bracket(of number: Int) -> Int {
    let count = bracketCount
    guard count > 1 else { return 0 }
    let shares = (0..<count).map { bracket -> Double in
      let rungs = Double(count - 1 - bracket)
      return (Double(count) * pow(Double(reductionFactor), rungs) / (rungs + 1)).rounded(.up)
    }
    var random = TrialRandom(seed: seed, trial: number, purpose: "bracket")
    var left = random.unit() * shares.reduce(0, +)
    for (bracket, share) in shares.enumerated() {
      if left < share { return bracket }
      left -= share
    }
    return count - 1
  }

  /// The steps of a ladder's rungs, up to a step.
  private func rungs(_ bracket: Int, to last: Int) -> [Int] {
    var step = max(minimumSteps, 1)
    for _ in 0..<(maximumSteps == nil ? delay : bracket) {
      guard let next = multiplied(step) else { return [] }
      step = next
    }
    var rungs: [Int] = []
    while step <= last {
      rungs.append(step)
      guard let next = multiplied(step) else { break }
      step = next
    }
    return rungs
  }

  /// What the trial's value at a rung was compared with.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? {
    guard let value = trial.reports[step] else { return nil }
    let bracket = bracket(of: trial.number)
    let before = trial.reports.keys.filter { $0 < step }.max() ?? Int.min
    // One report may pass several rungs.
    for rung in rungs(bracket, to: step) where rung > before {
      if value.isNaN { return "NaN at the rung of step \(rung)" }
      let others = (history.ended + history.pending).filter { self.bracket(of: $0.number) == bracket }
      let sign = history.sign
      var values = others.compactMap { Self.value($0, at: rung).map { sign * $0 } }.filter { !$0.isNaN }
      values.append(sign * value)
      values.sort()
      // Of fewer than the factor the best goes on.
      let places = max(values.count / max(reductionFactor, 2), 1)
      if sign * value > values[places - 1] {
        return
          "\(NumberText.short(value)) is not among the best \(places) of \(values.count) at the rung of step \(rung)"
      }
    }
    return nil
  }

  /// The first value of a trial at a rung or above.
  private static func value(_ trial: TrialRecord, at rung: Int) -> Double? {
    trial.reports.keys.filter { $0 >= rung }.min().flatMap { trial.reports[$0] }
  }
}

extension Pruner where Self == HalvingPruner {
  /// Lets one in so many trials go on from each rung of a ladder of steps.
  ///
  /// - Parameters:
  ///   - minimumSteps: The step of the first rung.
  ///   - reductionFactor: How many trials reach a rung for one that goes on, and how far rungs are apart.
  ///   - delay: How many rungs are left out at the beginning.
  ///   - width: How many trials, at most, run at once in a study that keeps to its order.
  public static func successiveHalving(
    minimumSteps: Int = 1, reductionFactor: Int = 4, delay: Int = 0, width: Int = 4
  ) -> HalvingPruner {
    HalvingPruner(
      minimumSteps: minimumSteps, maximumSteps: nil, reductionFactor: reductionFactor, delay: delay, seed: 0,
      width: width)
  }

  /// Shares trials out among ladders of successive halving that begin at different rungs.
  ///
  /// - Parameters:
  ///   - minimumSteps: The step of the first rung.
  ///   - maximumSteps: The last step of a trial.
  ///   - reductionFactor: How many trials reach a rung for one that goes on, and how far rungs are apart.
  ///   - seed: What sets the sharing out apart from others.
  ///   - width: How many trials, at most, run at once in a study that keeps to its order.
  public static func hyperband(
    minimumSteps: Int = 1, maximumSteps: Int, reductionFactor: Int = 3, seed: UInt64 = 0, width: Int = 4
  ) -> HalvingPruner {
    HalvingPruner(
      minimumSteps: minimumSteps, maximumSteps: maximumSteps, reductionFactor: reductionFactor, delay: 0, seed: seed,
      width: width)
  }
}
