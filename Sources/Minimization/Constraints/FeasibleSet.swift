import DescentTensors

/// Where a minimum is looked for: everywhere, or within a set on which any point has a nearest one.
///
/// ```swift
/// try minimize(f, from: x, within: .box(lower: 0, upper: 1))
/// try minimize(f, from: portfolio, by: .gradientDescent(), within: .simplex())
/// ```
///
/// Every method keeps to a box. L-BFGS takes the form of L-BFGS-B there, gradient descent and what needs no derivative
/// project, and the others move in variables of which the box is an image. The other sets are for gradient descent, whose
/// steps are projected on them.
///
/// A start outside is moved to the nearest point within, and the result says so.
public struct FeasibleSet: Sendable {
  enum Kind: Sendable {
    case everywhere
    case box(lower: [Double], upper: [Double])
    /// Parameters by path.
    case boxes([String: ClosedRange<Double>])
    case simplex(total: Double)
    case ball(radius: Double, center: [Double])
    case halfSpace(normal: [Double], offset: Double)
    case failed(TensorError)
  }

  let kind: Kind

  /// No bounds.
  public static let everywhere = FeasibleSet(kind: .everywhere)

  /// The same bounds for every number; infinite ones are none.
  ///
  /// - Parameters:
  ///   - lower: The least that a number may be.
  ///   - upper: The most that a number may be.
  public static func box(lower: Double = -.infinity, upper: Double = .infinity) -> FeasibleSet {
    FeasibleSet(kind: .box(lower: [lower], upper: [upper]))
  }

  /// A bound for each number, in the order of the point's tensors; infinite ones are none.
  ///
  /// - Parameters:
  ///   - lower: The least that a number may be: one for all, or as many as there are numbers.
  ///   - upper: The most that a number may be: one for all, or as many as there are numbers.
  public static func box(lower: Tensor, upper: Tensor) -> FeasibleSet {
    of { .box(lower: try lower.scalars(), upper: try upper.scalars()) }
  }

  /// Bounds of some parameters of a model.
  ///
  /// - Parameter ranges: For a parameter's path, or that of the layer that holds it, where its numbers may lie.
  public static func box(_ ranges: [String: ClosedRange<Double>]) -> FeasibleSet { FeasibleSet(kind: .boxes(ranges)) }

  /// Numbers that are not negative and add up to a total, such as probabilities.
  public static func simplex(total: Double = 1) -> FeasibleSet { FeasibleSet(kind: .simplex(total: total)) }

  /// The points that are no farther from a center than a radius.
  ///
  /// - Parameters:
  ///   - radius: The greatest distance.
  ///   - center: As many numbers as the point has; the origin by default.
  public static func ball(radius: Double, center: Tensor? = nil) -> FeasibleSet {
    of { .ball(radius: radius, center: try center?.scalars() ?? []) }
  }

  /// The points x with normal · x ≤ offset.
  ///
  /// - Parameters:
  ///   - normal: As many numbers as the point has.
  ///   - offset: The bound.
  public static func halfSpace(normal: Tensor, offset: Double) -> FeasibleSet {
    of { .halfSpace(normal: try normal.scalars(), offset: offset) }
  }

  private static func of(_ kind: () throws -> Kind) -> FeasibleSet {
    do { return FeasibleSet(kind: try kind()) } catch let error as TensorError {
      return FeasibleSet(kind: .failed(error))
    } catch { return FeasibleSet(kind: .failed(TensorError("FeasibleSet", "\(error)"))) }
  }
}
