import DescentGraph
import DescentTensors

/// The running means of gradients and their squares, which Adam and its relatives divide by each other.
struct AdamMoments: Sendable {
  var beta1: Double
  var beta2: Double
  var epsilon: Double

  func fault(_ optimizer: String, weightDecay: Double) -> TensorError? {
    settingFault(
      optimizer,
      [
        ("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, 0..<Double.infinity),
        ("weightDecay", weightDecay, 0..<Double.infinity),
      ])
  }

  /// What depends on the step alone, in Float64: `1 − βᵗ` in Float32 is off by 1e-5 in the first steps.
  struct Scales {
    /// The learning rate over the first moment's correction.
    let rate: Tensor
    /// 1 over the second moment's correction.
    let second: Tensor
  }

  func scales(_ rate: Tensor, step: Tensor) -> Scales {
    func correction(_ beta: Double) -> Tensor { 1.0 - pow(.scalar(beta, .float64), step) }
    return Scales(rate: rate / correction(beta1), second: 1.0 / correction(beta2))
  }

  /// A parameter's values moved by `rate · (m / c₁) / (√(v / c₂) + ε)`, and its moments.
  func moved(_ value: Tensor, _ gradient: Tensor, _ state: [Tensor], _ scales: Scales) -> (Tensor, [Tensor]) {
    let type = value.elementType
    let first = state[0] * .scalar(beta1, type) + gradient * .scalar(1 - beta1, type)
    let second = state[1] * .scalar(beta2, type) + square(gradient) * .scalar(1 - beta2, type)
    let spread = sqrt(second * scales.second.factor(for: value)) + .scalar(epsilon, type)
    return (value - first * scales.rate.factor(for: value) / spread, [first, second])
  }
}
