import DescentTensors

/// What a residual counts in a sum: its square, or less where it is large, so that outliers pull less.
///
/// A loss is scale² · ρ((r / scale)²) of a residual r, and about r² for those much smaller than the scale.
public struct ResidualLoss: Sendable, Hashable, CustomStringConvertible {
  enum Kind: Sendable, Hashable { case squares, huber, softL1, cauchy }

  let kind: Kind
  let scale: Double

  /// The square.
  public static let squares = ResidualLoss(kind: .squares, scale: 1)

  /// The square up to the scale, and beyond it a straight line (Huber 1964).
  ///
  /// - Parameter scale: From which residual on it is one, in their unit.
  public static func huber(_ scale: Double = 1) -> ResidualLoss { ResidualLoss(kind: .huber, scale: scale) }

  /// A smooth relative of Huber's loss: ρ(z) = 2·(√(1 + z) − 1).
  ///
  /// - Parameter scale: The residual at which it begins to bend, in their unit.
  public static func softL1(_ scale: Double = 1) -> ResidualLoss { ResidualLoss(kind: .softL1, scale: scale) }

  /// The negative logarithm of Cauchy's density, ρ(z) = log(1 + z), for which far outliers count almost nothing. It may
  /// have several minima.
  ///
  /// - Parameter scale: The residual at which it begins to bend, in their unit.
  public static func cauchy(_ scale: Double = 1) -> ResidualLoss { ResidualLoss(kind: .cauchy, scale: scale) }

  /// The loss in words.
  public var description: String {
    switch kind {
    case .squares: "squares"
    case .huber: "Huber's loss, scale \(scale)"
    case .softL1: "soft ℓ₁ loss, scale \(scale)"
    case .cauchy: "Cauchy's loss, scale \(scale)"
    }
  }

  /// Refuses a scale that makes no sense.
  func check() throws {
    guard scale > 0, scale.isFinite else {
      throw TensorError("leastSquares", "a loss of the scale \(scale), where more than 0 is needed")
    }
  }

  /// The sum of the losses of residuals.
  func total(_ residuals: Tensor) -> Tensor {
    let z = square(residuals / scale)
    let each: Tensor
    switch kind {
    case .squares: return square(residuals).sum()
    case .huber: each = minimum(z, 1) + 2 * (sqrt(maximum(z, 1)) - 1)
    // 2·(√(1 + z) − 1) without the difference of two large numbers.
    case .softL1: each = 2 * z / (sqrt(1 + z) + 1)
    case .cauchy: each = log1p(z)
    }
    return each.sum() * (scale * scale)
  }

  /// The factors of residuals, √ρ', with which their squares have the slope of the losses; `nil` where all are 1.
  ///
  /// The losses bend less than these squares, which is why a step that lowers the squares lowers the losses, too.
  func factors(_ residuals: Tensor) -> Tensor? {
    let z = square(residuals / scale)
    switch kind {
    case .squares: return nil
    case .huber: return rsqrt(sqrt(maximum(z, 1)))
    case .softL1: return rsqrt(sqrt(1 + z))
    case .cauchy: return rsqrt(1 + z)
    }
  }
}
