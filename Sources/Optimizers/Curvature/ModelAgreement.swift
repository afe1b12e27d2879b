import DescentTensors

/// How well quadratic models of a loss said by how much it would change on batches that they had not seen.
public struct ModelAgreement: Codable, Sendable {
  /// The change that the model of the last step expects, a Float64 scalar.
  public var expected: Tensor
  /// The changes that were found, summed up with weights that decay, a Float64 scalar.
  public var changes: Tensor
  /// What was expected of them, summed up with the same weights, a Float64 scalar.
  public var expectations: Tensor

  /// Before the first step.
  static var none: ModelAgreement {
    let zero = Tensor(0, .float64)
    return ModelAgreement(expected: zero, changes: zero, expectations: zero)
  }

  /// The sums with the change that the last step has brought. A batch alone says little where gradients are noise for the
  /// most part; about ten are averaged.
  func following(_ change: Tensor) -> ModelAgreement {
    ModelAgreement(expected: expected, changes: changes * 0.9 + change, expectations: expectations * 0.9 + expected)
  }

  /// The same, or that before the first step where one of the numbers is none: a loss that overflowed is forgotten.
  var remembered: ModelAgreement {
    let isKnown = isFinite(changes + expectations)
    let zero = Tensor(0, .float64)
    return ModelAgreement(
      expected: expected, changes: `where`(isKnown, changes, zero), expectations: `where`(isKnown, expectations, zero))
  }
}
