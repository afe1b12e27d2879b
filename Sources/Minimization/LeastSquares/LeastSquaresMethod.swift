import DescentTensors

/// A way to find the least sum of squares.
public struct LeastSquaresMethod: Sendable, Hashable, CustomStringConvertible {
  let kind: TrustedSteps.Kind
  /// The first radius as a multiple of the start's norm.
  let factor: Double

  /// Levenberg's and Marquardt's method with a trust region: the linear model's lowest point within a radius, each
  /// parameter in the unit in which the residuals change alike.
  ///
  /// Source: Moré, "The Levenberg–Marquardt algorithm: implementation and theory", 1978.
  ///
  /// - Parameter firstStep: The first radius, as a multiple of the start's length in those units.
  public static func levenbergMarquardt(firstStep: Double = 3) -> LeastSquaresMethod {
    LeastSquaresMethod(kind: .levenbergMarquardt, factor: firstStep)
  }

  /// Powell's dogleg: along the gradient, then on to the linear model's lowest point, as far as the radius allows.
  ///
  /// Source: Powell, "A hybrid method for nonlinear equations", 1970.
  ///
  /// - Parameter firstStep: The first radius, as a multiple of the start's length.
  public static func dogleg(firstStep: Double = 3) -> LeastSquaresMethod {
    LeastSquaresMethod(kind: .dogleg, factor: firstStep)
  }

  /// Gauss and Newton's method: to the linear model's lowest point, or half the way, a quarter of it and so on, until the
  /// sum of squares falls. It is quick near a solution with small residuals, and may be lost elsewhere.
  public static let gaussNewton = LeastSquaresMethod(kind: .gaussNewton, factor: 1)

  /// The method in words.
  public var description: String {
    switch kind {
    case .levenbergMarquardt: "Levenberg and Marquardt"
    case .dogleg: "Powell's dogleg"
    case .gaussNewton: "Gauss and Newton"
    }
  }

  /// Refuses settings that make no sense.
  func check() throws {
    guard factor > 0, factor.isFinite else {
      throw TensorError("leastSquares", "a first step of \(factor), where more than 0 is needed")
    }
  }
}
