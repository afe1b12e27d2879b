import DescentGraph
import DescentTensors

/// The mean over all elements of eᶻ − count · z: the negative logarithm of Poisson's probability of a count at the rate eᶻ,
/// but for a number that depends on the count alone.
///
/// - Parameters:
///   - logRates: z, in any shape.
///   - counts: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the logarithms have 16 bits.
public func poissonLoss(_ logRates: Tensor, _ counts: Tensor) -> Tensor {
  poissonLoss(logRates, counts, reduction: .mean)
}

/// The negative logarithm of Poisson's probability of counts, of elements that count differently, or its sum.
///
/// - Parameters:
///   - rates: Logarithms of rates, or the rates themselves, in any shape.
///   - counts: The same shape, any element type.
///   - ratesAreLogarithms: Whether the rates are given as logarithms.
///   - includingConstant: Whether log count!, which depends on the count alone, is added.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the rates' shape; in Float32 where the rates have 16 bits.
public func poissonLoss(
  _ rates: Tensor, _ counts: Tensor, ratesAreLogarithms: Bool = true, includingConstant: Bool = false,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.poissonLoss(rates, counts, ratesAreLogarithms, includingConstant, weights).reduced(reduction)
}

/// The mean over all elements of ½ · (log σ² + (x − μ)² / σ²): the negative logarithm of the normal distribution's density,
/// but for a constant.
///
/// - Parameters:
///   - means: μ, in any shape.
///   - targets: x, in the same shape, any element type.
///   - variances: σ², in the same shape.
///   - epsilon: The least variance that counts, positive, for numerical stability.
///   - includingConstant: Whether ½ log 2π is added.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the means' shape; in Float32 where the means have 16 bits.
public func gaussianLoss(
  _ means: Tensor, _ targets: Tensor, variances: Tensor, epsilon: Double = 1e-6, includingConstant: Bool = false,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  let name = "gaussianLoss"
  return LossTerms(name) {
    guard epsilon > 0, epsilon.isFinite else {
      throw TensorError(name, "its epsilon must be positive and finite, found \(epsilon)")
    }
    let (means, targets) = try LossTerms.matched(name, means, targets)
    if let error = variances.error { throw error }
    guard variances.shape == means.shape else {
      throw TensorError(name, "means \(means.shape) take as many variances, found \(variances.shape)")
    }
    let spread = variances.converted(to: means.elementType)
    return try .weighed(name, [means, targets, spread], means.shape, by: weights) { operands in
      let variance = maximum(operands[2], number(epsilon, means.elementType))
      let density = 0.5 * (log(variance) + square(operands[1] - operands[0]) / variance)
      return includingConstant ? density + number(0.9189385332046727, means.elementType) : density
    }
  }.reduced(reduction)
}

extension LossTerms {
  static func poissonLoss(
    _ rates: Tensor, _ counts: Tensor, _ areLogarithms: Bool, _ includingConstant: Bool, _ weights: Tensor?
  ) -> LossTerms {
    ofElements("poissonLoss", rates, counts, weights) { rates, counts in
      let losses = areLogarithms ? exp(rates) - weighted(counts, rates) : rates - xLogY(counts, rates)
      return includingConstant ? losses + lgamma(counts + 1.0) : losses
    }
  }
}
