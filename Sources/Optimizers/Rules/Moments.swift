import DescentTensors

/// The exponential running means of a gradient and of its square, which Adam and its relatives divide by each other.
public struct Moments: Codable, Sendable {
  /// The mean of the gradient.
  public var first: Tensor
  /// The mean of the squared gradient.
  public var second: Tensor

  /// Zeros in a parameter's shape.
  public init(zerosLike parameter: Tensor) {
    (first, second) = (Tensor(zerosLike: parameter), Tensor(zerosLike: parameter))
  }

  /// Takes a gradient in.
  mutating func add(_ gradient: Tensor, _ beta1: Hyperparameter, _ beta2: Hyperparameter) {
    let type = gradient.elementType
    first = first * beta1.in(type) + gradient * beta1.complement(in: type)
    second = second * beta2.in(type) + square(gradient) * beta2.complement(in: type)
  }

  /// The movement `−rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
  ///
  /// What depends on the step alone is computed in Float64: `1 − βᵗ` in Float32 is off by 1e-5 in the first steps.
  func movement(
    _ rate: Tensor, _ beta1: Hyperparameter, _ beta2: Hyperparameter, _ epsilon: Hyperparameter, step: Tensor
  ) -> Tensor {
    let type = first.elementType
    func correction(_ beta: Hyperparameter) -> Tensor { 1.0 - pow(beta.tensor, step) }
    let length = (-(rate / correction(beta1))).converted(to: type)
    let spread = sqrt(second * (1.0 / correction(beta2)).converted(to: type)) + epsilon.in(type)
    return first * length / spread
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
