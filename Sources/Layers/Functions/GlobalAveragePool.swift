import DescentGraph
import DescentTensors

/// The mean over all spatial axes: `[batch, height, width, channels]` becomes `[batch, channels]`.
public func globalAveragePool(_ input: Tensor) -> Tensor {
  if input.error != nil { return input }
  guard input.rank >= 3 else {
    return LayerSite("globalAveragePool").failure("takes images [batch, height, width, channels], found \(input.shape)")
  }
  return input.mean(axes: Array(1..<input.rank - 1))
}
