import DescentTensors
import Foundation

extension GaussianProcess {
  /// How alike the values at two points are, as a function of the distance r between them, measured in length scales.
  public enum Kernel: String, Sendable, Hashable, Codable {
    /// Matérn's with ν = 5/2: (1 + √5·r + 5/3·r²)·e^(−√5·r), of functions that can be differentiated twice.
    case matern52
    /// The radial basis function e^(−r²/2), of functions that can be differentiated without end.
    case rbf
  }
}

extension GaussianProcess.Kernel {
  /// The kernel of squared distances.
  func value(_ squared: Tensor) -> Tensor {
    switch self {
    case .rbf: return exp(squared * -0.5)
    case .matern52:
      let r = Self.root(squared)
      return (r + squared * (5.0 / 3) + 1) * exp(-r)
    }
  }

  /// The derivative of the kernel with respect to the squared distance.
  func slope(_ squared: Tensor) -> Tensor {
    switch self {
    case .rbf: return exp(squared * -0.5) * -0.5
    case .matern52:
      let r = Self.root(squared)
      return (r + 1) * exp(-r) * (-5.0 / 6)
    }
  }

  /// √5·r, whose derivative at 0 stays finite.
  private static func root(_ squared: Tensor) -> Tensor { sqrt(maximum(squared, Tensor(1e-30, .float64)) * 5) }

  /// The squared distances `[n, m]` between the rows of `[n, d]` and `[m, d]`.
  ///
  /// By a product of matrices, which loses digits of distances that are small beside the points' own size: with points
  /// around the origin less than the kernel can show.
  static func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
    let lengths = square(a).sum(axes: [1], keepingAxes: true) + square(b).sum(axes: [1]).expanded(axis: 0)
    return maximum(lengths - matmul(a, b.transposed()) * 2, Tensor(0, .float64))
  }
}
