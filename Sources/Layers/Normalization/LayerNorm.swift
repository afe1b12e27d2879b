import DescentGraph
import DescentTensors

/// Normalizes each vector along the last axis to mean 0 and variance 1, then applies a learned scale and shift.
///
/// Training and inference do the same. Inputs of 16 bits are normalized in Float32, which the parameters have then.
/// Source: Ba, Kiros and Hinton, 2016.
public struct LayerNorm: Layer {
  /// The scale of each feature, initially 1.
  public var scale = Parameter()
  /// The shift of each feature, initially 0, or `nil` for none.
  public var shift: Parameter?
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each vector along the last axis.
  public init(shift: Bool = true, epsilon: Double = 1e-5) {
    self.shift = shift ? Parameter() : nil
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("LayerNorm", holding: scale)
    guard epsilon >= 0, epsilon.isFinite else {
      return site.failure("its epsilon must not be negative, found \(epsilon)")
    }
    guard let features = input.shape.last, features > 0 else {
      return site.failure("takes an input […, features], found \(input.shape)")
    }
    if let refusal = site.refusal(of: input) { return refusal }
    if let made = scale.tensor, made.rank == 1, made.count != features {
      return site.failure("was made for \(made.count) features, found an input \(input.shape)")
    }
    let input = Run.current.input(input)
    let type = input.elementType.accumulator
    let wide = input.converted(to: type)
    var output = layerNorm(wide, epsilon: epsilon) * site.values(of: scale, [features], type, .ones)
    if let shift { output += site.values(of: shift, [features], type, .zeros) }
    return output.converted(to: input.elementType)
  }
}
