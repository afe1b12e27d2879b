import DescentTensors

/// The learning rate, as a function of the step's number.
///
/// A plain number is a constant rate: `Adam(learningRate: 1e-3)`.
public struct LearningRate: Sendable {
  private let rule: @Sendable (Tensor) -> Tensor

  /// A schedule of one's own.
  ///
  /// - Parameter rule: The rate from the number of the step, counted from 1; both are Float64 scalars.
  public init(_ rule: @escaping @Sendable (_ step: Tensor) -> Tensor) { self.rule = rule }

  /// The rate of a step.
  ///
  /// - Parameter step: The number of the step, counted from 1, a Float64 scalar.
  /// - Returns: A Float64 scalar.
  public func callAsFunction(_ step: Tensor) -> Tensor { rule(step) }

  /// The same rate at every step.
  public static func constant(_ rate: Double) -> LearningRate {
    LearningRate { _ in
      rate.isFinite && rate >= 0 ? number(rate) : fault("is \(rate); it must be a number that is not negative")
    }
  }

  /// From `initial` at the first step to `floor` at step `total` along half a cosine, and `floor` after it.
  ///
  /// Source: Loshchilov and Hutter, "SGDR", 2016, without restarts.
  public static func cosine(initial: Double, total: Int, floor: Double = 0) -> LearningRate {
    LearningRate { step in
      guard total >= 1 else { return fault("falls over \(total) steps; it needs at least 1") }
      return annealed(from: initial, to: floor, part: progress(step - 1.0, over: total - 1))
    }
  }

  /// Up to `peak` in equal parts over the first `warmup` steps, then along half a cosine to `floor` at step `total`, and
  /// `floor` after it.
  public static func warmupCosine(peak: Double, warmup: Int, total: Int, floor: Double = 0) -> LearningRate {
    LearningRate { step in
      guard warmup >= 0, total >= warmup else { return fault("warms up for \(warmup) of \(total) steps") }
      // Without a warmup the first step has the peak.
      let top = max(warmup, 1)
      let falling = annealed(from: peak, to: floor, part: progress(step - Double(top), over: total - top))
      guard warmup > 0 else { return falling }
      return `where`(step .< Double(warmup), step * number(peak / Double(warmup)), falling)
    }
  }

  /// `initial`, multiplied by `factor` after every `count` steps.
  public static func step(initial: Double, every count: Int, factor: Double = 0.1) -> LearningRate {
    LearningRate { step in
      guard count >= 1 else { return fault("falls every \(count) steps; it needs at least 1") }
      return number(initial) * pow(number(factor), floor((step - 1.0) / number(Double(count))))
    }
  }

  /// `initial`, multiplied by `factor` after every step.
  public static func exponential(initial: Double, factor: Double) -> LearningRate {
    LearningRate { number(initial) * pow(number(factor), $0 - 1.0) }
  }

  /// Up from `peak / 25` to `peak` over the first part of the steps, down to `peak / 250,000` over the rest, each along
  /// half a cosine.
  ///
  /// Source: Smith and Topin, "Super-Convergence", 2017, with the numbers that PyTorch's `OneCycleLR` made customary.
  public static func oneCycle(peak: Double, total: Int, rising: Double = 0.3) -> LearningRate {
    LearningRate { step in
      guard total >= 2, rising > 0, rising < 1 else {
        return fault("rises for the part \(rising) of \(total) steps")
      }
      let (first, last) = (peak / 25, peak / 250_000)
      let top = rising * Double(total) - 1
      let place = step - 1.0
      let up = annealed(from: first, to: peak, part: clampedRatio(place, top))
      let down = annealed(from: peak, to: last, part: clampedRatio(place - number(top), Double(total - 1) - top))
      return `where`(place .< number(top), up, down)
    }
  }

  /// Half a cosine from one rate to another.
  private static func annealed(from start: Double, to end: Double, part: Tensor) -> Tensor {
    number(end) + number((start - end) / 2) * (1.0 + cos(number(.pi) * part))
  }

  private static func progress(_ steps: Tensor, over total: Int) -> Tensor { clampedRatio(steps, Double(total)) }

  /// A ratio held within 0...1; over nothing it is 0 up to the part 0, and 1 after it.
  private static func clampedRatio(_ part: Tensor, _ whole: Double) -> Tensor {
    guard whole > 0 else { return `where`(part .> number(0), number(1), number(0)) }
    return minimum(maximum(part / number(whole), number(0)), number(1))
  }

  private static func number(_ value: Double) -> Tensor { .scalar(value, .float64) }

  private static func fault(_ message: String) -> Tensor { Tensor(error: TensorError("learning rate", message)) }
}

extension LearningRate: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant rate.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A constant rate.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}
