import DescentGraph
import DescentTensors

/// Rectified linear units with learned slopes: x where it is positive, slope · x elsewhere.
///
/// Source: He et al., "Delving deep into rectifiers", 2015.
public struct PReLU: Layer {
  /// The slopes, one for each feature `[features]` or one for all `[1]`.
  public var slope = Parameter()
  /// Whether one slope serves all features.
  public let isShared: Bool
  /// The slopes before training.
  public let initialSlope: Double

  /// Units whose slopes begin as one number.
  ///
  /// - Parameters:
  ///   - isShared: Whether one slope serves all features; otherwise each element of the last axis has one of its own.
  ///   - initialSlope: The slopes before training.
  public init(isShared: Bool = true, initialSlope: Double = 0.25) {
    self.isShared = isShared
    self.initialSlope = initialSlope
  }

  /// The activation of each element, in the shape of the input `[…, features]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("PReLU", holding: slope)
    if let refusal = site.refusal(of: input) { return refusal }
    guard let features = input.shape.last else {
      return site.failure("takes an input […, features], found \(input.shape)")
    }
    if let made = slope.tensor, !isShared, made.rank == 1, made.count != features {
      return site.failure("was made for \(made.count) features, found an input \(input.shape)")
    }
    let input = Run.current.input(input)
    let slope = site.values(of: slope, [isShared ? 1 : features], input.elementType, .constant(initialSlope))
    return site.titled(prelu(input, slope: slope))
  }
}
