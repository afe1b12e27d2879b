import DescentGraph
import DescentTensors

/// A number of the program as a scalar.
func number(_ value: Double, _ elementType: ElementType) -> Tensor { Tensor(repeating: value, shape: [], elementType) }

/// The products of weights with logarithms: what has the weight 0 counts nothing, even where its logarithm is infinite, as
/// that of a masked class is.
func weighted(_ weights: Tensor, _ logarithms: Tensor) -> Tensor {
  // Finite logarithms stay, since the derivative with respect to a weight of 0 is the logarithm.
  let isNothing = (weights .== number(0, weights.elementType)) .& isInfinite(logarithms)
  return weights * `where`(isNothing, number(0, logarithms.elementType), logarithms)
}
