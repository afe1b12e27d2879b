import DescentGraph
import Foundation

/// How the eigenvalues of a function's Hessian are spread, by estimate: points with weights, of several random directions.
///
/// A sum over the points with their weights is an estimate of the mean over all eigenvalues, of any function of them; it is exact for
/// polynomials as far as the random direction is. The outermost points are near the outermost eigenvalues.
public struct HessianSpectrum: Codable, Sendable {
  /// The points `[samples, steps]`, Float64.
  public let points: Tensor
  /// The weights of the points `[samples, steps]`, Float64, which add up to 1 in each sample.
  public let weights: Tensor
  /// The number of eigenvalues.
  public let dimension: Int

  /// The trace of the Hessian, by estimate: a Float64 scalar.
  public var trace: Tensor { (points * weights).sum() * (Double(dimension) / Double(max(points.shape[0], 1))) }

  /// The density of eigenvalues, whose integral is 1: the weights, each spread over a normal distribution around its point.
  ///
  /// - Parameters:
  ///   - values: Where it is wanted `[…]`.
  ///   - width: The standard deviation of the distributions; where none is given, a hundredth of the distance between the
  ///     outermost points.
  /// - Returns: The density `[…]`, Float64.
  /// - Throws: `TensorError` where the width is not positive.
  public func density(at values: Tensor, width: Double? = nil) throws -> Tensor {
    if let width, !(width > 0 && width.isFinite) {
      throw TensorError("density", "takes a width that is positive and finite, not \(width)")
    }
    let spread = points.max() - points.min()
    let chosen = width.map { Tensor($0, .float64) } ?? `where`(spread .> 0, spread * 0.01, Tensor(1, .float64))
    let nodes = points.reshaped([points.count])
    let shares = weights.reshaped([points.count]) * (1 / Double(max(points.shape[0], 1)))
    let distance = (values.converted(to: .float64).expanded(axis: -1) - nodes) / chosen
    let heights = exp(square(distance) * -0.5) / (chosen * (2 * Double.pi).squareRoot())
    return (heights * shares).sum(axes: [-1])
  }
}

/// The spread of the eigenvalues of a function's Hessian, by stochastic Lanczos quadrature: from products with directions, without the
/// matrix.
///
/// `Chart.spectrum(_:title:width:points:)` draws it. Sources: Golub and Welsch, "Calculation of Gauss quadrature rules", 1969; Ghorbani, Krishnan and Xiao, "An
/// Investigation into Neural Net Optimization via Hessian Eigenvalue Density", 2019.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - samples: The number of random directions.
///   - steps: The number of products for each of them.
///   - seed: The seed of the directions.
///   - function: Gives one floating-point number.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or of fewer than
///   one sample or step.
/// - Complexity: that of `samples · steps` products, each about two gradients, and O(numbers · steps) memory.
public func hessianSpectrum<each Argument: Codable>(
  at arguments: repeat each Argument, samples: Int = 8, steps: Int = 64, seed: UInt64 = 0,
  of function: (repeat each Argument) throws -> Tensor
) throws -> HessianSpectrum {
  let name = "hessianSpectrum"
  let map = try HessianMap(name, ArgumentList(repeat each arguments)) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  guard samples >= 1, steps >= 1 else {
    throw TensorError(name, "takes at least 1 sample and 1 step, found \(samples) and \(steps)")
  }
  let count = min(steps, map.vector.count)
  let key = RandomKey(seed: seed).split(name)
  let (_, found) = try scan(over: key.series(samples), from: Tensor(0)) {
    (state: Tensor, words: Tensor) -> (Tensor, [Tensor]) in
    let own = RandomKey(words: words)
    let lanczos = try Lanczos(map, from: map.vector.signs(own), steps: count, own.split("further"))
    return (state, [lanczos.values, square(lanczos.vectors[0])])
  }
  return HessianSpectrum(points: found[0], weights: found[1], dimension: map.vector.count)
}
