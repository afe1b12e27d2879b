import DescentTensors

/// The exponential running means of a gradient and of its square, which Adam and its relatives divide by each other.
public struct Moments: Codable, Sendable {
  /// The mean of the gradient.
  public var first: Tensor
  /// The mean of the squared gradient.
  public var second: Tensor
  /// The largest mean of the squared gradient so far, where the rule divides by it, as AMSGrad does.
  public var largest: Tensor?

  /// Zeros in a parameter's shape.
  ///
  /// - Parameter keepingLargest: Whether the largest second moment is kept as well.
  public init(zerosLike parameter: Tensor, keepingLargest: Bool = false) {
    (first, second) = (Tensor(zerosLike: parameter), Tensor(zerosLike: parameter))
    largest = keepingLargest ? Tensor(zerosLike: parameter) : nil
  }

  /// Takes a gradient in.
  mutating func add(_ gradient: Tensor, _ beta1: Hyperparameter, _ beta2: Hyperparameter) {
    first = beta1.mean(first, gradient)
    second = beta2.mean(second, square(gradient))
    largest = largest.map { maximum($0, second) }
  }

  /// The movement `−rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
  ///
  /// What depends on the step alone is computed in Float64.
  func movement(
    _ rate: Tensor, _ beta1: Hyperparameter, _ beta2: Hyperparameter, _ epsilon: Hyperparameter, at step: StepContext
  ) -> Tensor {
    let type = first.elementType
    let length = (-(rate / step.biasCorrection(beta1))).converted(to: type)
    let square = (largest ?? second) * (1.0 / step.biasCorrection(beta2)).converted(to: type)
    return first * length / (sqrt(square) + epsilon.in(type))
  }

  /// Refuses settings that make no sense.
  static func validate(
    _ optimizer: String, _ beta1: Hyperparameter, _ beta2: Hyperparameter, _ epsilon: Hyperparameter,
    _ weightDecay: Hyperparameter
  ) throws {
    try check(
      optimizer,
      [
        ("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative),
        ("weightDecay", weightDecay, .notNegative),
      ])
  }
}

extension Hyperparameter {
  /// The exponential running mean with this decay rate, once it has taken a value in.
  func mean(_ mean: Tensor, _ value: Tensor) -> Tensor {
    mean * self.in(value.elementType) + value * complement(in: value.elementType)
  }
}
