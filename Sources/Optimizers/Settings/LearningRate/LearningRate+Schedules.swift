import DescentTensors

// Steps are counted from 1: a schedule over `total` steps has its first rate at step 1 and its last one at step `total`, and keeps
// that.

extension LearningRate {
  private static func schedule(_ kind: ScheduleKind, _ numbers: [String: Double]) -> LearningRate {
    LearningRate(.numbers(kind, numbers.mapValues { Hyperparameter($0) }))
  }

  /// The same rate at every step.
  public static func constant(_ rate: Double) -> LearningRate { .constant(Hyperparameter(rate)) }

  /// The same rate at every step, which may be a tensor, such as one of several that `vectorized` maps over.
  public static func constant(_ rate: Hyperparameter) -> LearningRate {
    LearningRate(.numbers(.constant, ["rate": rate]))
  }

  /// From `initial` at the first step to `final` at step `total` in equal parts, and `final` after it.
  public static func linear(from initial: Double, to final: Double, over total: Int) -> LearningRate {
    schedule(.linear, ["initial": initial, "final": final, "total": Double(total)])
  }

  /// From `initial` at the first step to `floor` at step `total`, as the `power` of what is left of the steps, and `floor` after
  /// it.
  public static func polynomial(initial: Double, total: Int, power: Double = 1, floor: Double = 0) -> LearningRate {
    schedule(.polynomial, ["initial": initial, "total": Double(total), "power": power, "floor": floor])
  }

  /// From `initial` at the first step to `floor` at step `total` along half a cosine, and `floor` after it.
  ///
  /// Source: Loshchilov and Hutter, "SGDR", 2016, without restarts.
  public static func cosine(initial: Double, total: Int, floor: Double = 0) -> LearningRate {
    schedule(.cosine, ["initial": initial, "total": Double(total), "floor": floor])
  }

  /// Along half a cosine from `initial` toward `floor` again and again.
  ///
  /// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016.
  /// - Parameters:
  ///   - initial: The rate of the first step.
  ///   - period: The number of steps before the first restart.
  ///   - growth: What the period is multiplied by at each restart, at least 1.
  ///   - factor: What the first rate is multiplied by at each restart.
  ///   - floor: What the rates fall toward.
  public static func cosineRestarts(
    initial: Double, period: Int, growth: Double = 1, factor: Double = 1, floor: Double = 0
  ) -> LearningRate {
    schedule(
      .cosineRestarts,
      ["initial": initial, "period": Double(period), "growth": growth, "factor": factor, "floor": floor])
  }

  /// Up to `peak` in equal parts over the first `warmup` steps, then along half a cosine to `floor` at step `total`, and
  /// `floor` after it.
  public static func warmupCosine(peak: Double, warmup: Int, total: Int, floor: Double = 0) -> LearningRate {
    schedule(.warmupCosine, ["peak": peak, "warmup": Double(warmup), "total": Double(total), "floor": floor])
  }

  /// `initial`, multiplied by `factor` after every `count` steps.
  public static func step(initial: Double, every count: Int, factor: Double = 0.1) -> LearningRate {
    schedule(.step, ["initial": initial, "every": Double(count), "factor": factor])
  }

  /// `initial`, multiplied by `factor` after each of some steps.
  public static func multiStep(initial: Double, at steps: [Int], factor: Double = 0.1) -> LearningRate {
    var rates = [initial]
    for _ in steps { rates.append((rates.last ?? initial) * factor) }
    return .joined(rates.map { .constant($0) }, at: steps)
  }

  /// `initial`, multiplied by `factor` over every `count` steps, a little at each, and not less than `floor`.
  public static func exponential(
    initial: Double, factor: Double, every count: Int = 1, floor: Double = 0
  ) -> LearningRate {
    schedule(.exponential, ["initial": initial, "factor": factor, "every": Double(count), "floor": floor])
  }

  /// `initial / (1 + decay · (t − 1))` at step t.
  public static func inverseTime(initial: Double, decay: Double) -> LearningRate {
    schedule(.inverseTime, ["initial": initial, "decay": decay])
  }

  /// Up to `peak` in equal parts over the first `warmup` steps, then down with the inverse root of the number of steps.
  ///
  /// Source: Vaswani and others, "Attention Is All You Need", 2017, whose peak is `1 / √(width · warmup)`.
  public static func inverseSquareRoot(peak: Double, warmup: Int) -> LearningRate {
    schedule(.inverseSquareRoot, ["peak": peak, "warmup": Double(warmup)])
  }

  /// Up and down between two rates in equal parts, again and again: triangles.
  ///
  /// Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015.
  /// - Parameters:
  ///   - lowest: The rate of the first step, to which each cycle comes back.
  ///   - highest: The rate in the middle of the first cycle.
  ///   - rising: The number of steps up.
  ///   - falling: The number of steps down, as many as up where none is given.
  ///   - cycleFactor: What the height is multiplied by after each cycle.
  ///   - stepFactor: What it is multiplied by after each step.
  public static func cyclic(
    from lowest: Double, to highest: Double, rising: Int, falling: Int? = nil, cycleFactor: Double = 1,
    stepFactor: Double = 1
  ) -> LearningRate {
    schedule(
      .cyclic,
      [
        "lowest": lowest, "highest": highest, "rising": Double(rising), "falling": Double(falling ?? rising),
        "cycleFactor": cycleFactor, "stepFactor": stepFactor,
      ])
  }

  /// Up from `peak / 25` to `peak` over the first part of the steps, down to `peak / 250,000` over the rest, each along
  /// half a cosine.
  ///
  /// Source: Smith and Topin, "Super-Convergence", 2017, with the numbers that PyTorch's `OneCycleLR` made customary.
  public static func oneCycle(peak: Double, total: Int, rising: Double = 0.3) -> LearningRate {
    schedule(.oneCycle, ["peak": peak, "total": Double(total), "rising": rising])
  }

  /// As `oneCycle(peak:total:rising:)`, in equal parts up and down.
  public static func linearOneCycle(peak: Double, total: Int, rising: Double = 0.3) -> LearningRate {
    schedule(.linearOneCycle, ["peak": peak, "total": Double(total), "rising": rising])
  }

  // MARK: Schedules of schedules

  /// Schedules after one another, each of which counts its own steps from 1.
  ///
  /// - Parameters:
  ///   - pieces: The schedules.
  ///   - steps: After which steps the next one begins, one number less than there are schedules.
  public static func joined(_ pieces: [LearningRate], at steps: [Int]) -> LearningRate {
    LearningRate(.joined(pieces, steps.map { Hyperparameter(Double($0)) }))
  }

  /// This rate times another one, which may be a number.
  public func multiplied(by other: LearningRate) -> LearningRate { LearningRate(.product(self, other)) }

  /// This schedule after a warmup: in equal parts from `start` up to its first rate, which step `steps` has.
  ///
  /// - Parameters:
  ///   - steps: The number of steps; with 0 or 1 there is no warmup.
  ///   - start: The rate before the first step.
  public func warmedUp(over steps: Int, from start: Double = 0) -> LearningRate {
    LearningRate(.warmedUp(self, steps: Hyperparameter(Double(steps)), start: Hyperparameter(start)))
  }
}
