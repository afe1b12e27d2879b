import DescentGraph
import DescentTensors

/// A learned bilinear form of two vectors for each unit, plus a number: Σᵢⱼ aᵢ wᵢⱼᵤ bⱼ + cᵤ.
///
/// `[…, first]` and `[…, second]` become `[…, units]`; both numbers of features are bound by the first example. The
/// products aᵢ bⱼ of a row are made before they are multiplied with the weights, so that memory grows with
/// first · second.
public struct Bilinear: Model {
  /// The weights `[first, second, units]`.
  public var weight = Parameter()
  /// What is added `[units]`, or `nil` for nothing.
  public var bias: Parameter?
  /// The number of outputs.
  public let units: Int
  /// How the weights are initialized, as those of first · second inputs; the bias starts at 0.
  public let initializer: Initializer

  /// A layer of the given number of units.
  public init(units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
    self.units = units
    self.bias = bias ? Parameter() : nil
    self.initializer = initializer
  }

  /// The forms of pairs of vectors `[…, first]` and `[…, second]`, which agree in all axes but the last.
  public func callAsFunction(_ first: Tensor, _ second: Tensor) -> Tensor {
    if first.error != nil { return first }
    if second.error != nil { return second }
    let site = LayerSite("Bilinear", holding: weight)
    guard units >= 1 else { return site.failure("has \(units) units; it needs at least 1") }
    if let refusal = site.refusal(of: first) ?? site.refusal(of: second) { return refusal }
    let (a, b) = (Run.current.input(first), Run.current.input(second))
    guard let m = a.shape.last, let n = b.shape.last, a.shape.sizes.dropLast() == b.shape.sizes.dropLast(),
      let pairs = Shape([m, n]).checkedCount
    else {
      return site.failure(
        "takes […, first] and […, second], equal in all axes but the last, found \(first.shape) and \(second.shape)")
    }
    guard a.elementType == b.elementType else {
      return site.failure(
        "element types differ: \(a.elementType) and \(b.elementType); convert one of them with converted(to:)")
    }
    if let made = weight.tensor, made.rank == 3, made.shape[2] == units, made.shape != [m, n, units] {
      return site.failure(
        "was made for \(made.shape[0]) and \(made.shape[1]) features, found inputs \(first.shape) and \(second.shape)")
    }
    let matrix = site.values(of: weight, [m, n, units], a.elementType, initializer, drawnAs: [pairs, units])
    if matrix.error != nil { return matrix }
    let products = a.expanded(axis: -1) * b.expanded(axis: -2)
    let output = matmul(
      products.reshaped(Shape(a.shape.sizes.dropLast() + [pairs])), matrix.reshaped([pairs, units]))
    guard let bias else { return site.titled(output) }
    return site.titled(output) + site.values(of: bias, [units], a.elementType, .zeros)
  }
}
