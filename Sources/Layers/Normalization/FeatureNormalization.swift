import DescentGraph
import DescentTensors

extension LayerSite {
  /// A normalization of an input `[…, features]`, and a learned scale and shift of each feature after it; of 16 bits in
  /// Float32.
  ///
  /// - Parameters:
  ///   - input: The layer's input.
  ///   - rank: The least number of axes, with what the layer takes in words.
  ///   - epsilon: What is added for numerical stability.
  ///   - scale: The scale of each feature, or `nil` for none.
  ///   - shift: The shift of each feature, or `nil` for none.
  ///   - normalize: Normalizes the input, which is in a type fit for sums.
  func normalized(
    _ input: Tensor, rank: (least: Int, takes: String), epsilon: Double, scale: Parameter?, shift: Parameter?,
    _ normalize: (Tensor) -> Tensor
  ) -> Tensor {
    if input.error != nil { return input }
    guard epsilon >= 0, epsilon.isFinite else {
      return failure("its epsilon must not be negative, found \(epsilon)")
    }
    guard input.rank >= rank.least, let features = input.shape.last, features > 0 else {
      return failure("takes an input \(rank.takes), found \(input.shape)")
    }
    if let refusal = refusal(of: input) { return refusal }
    if let made = (scale ?? shift)?.tensor, made.rank == 1, made.count != features {
      return failure("was made for \(made.count) features, found an input \(input.shape)")
    }
    return computing {
      let input = Run.current.input(input)
      let type = input.elementType.accumulator
      let normalized = titled(normalize(input.converted(to: type)))
      if normalized.error != nil { return normalized }
      var output = normalized
      if let scale { output = output * values(of: scale, [features], type, .ones) }
      if let shift { output = output + values(of: shift, [features], type, .zeros) }
      if let first = scale ?? shift {
        output = probed(.scaleAndShift, scale ?? first, scale == nil ? nil : shift, normalized, output)
      }
      return output.converted(to: input.elementType)
    }
  }
}
