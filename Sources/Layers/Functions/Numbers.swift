import DescentGraph
import DescentTensors

/// A number of the program as a scalar.
func number(_ value: Double, _ elementType: ElementType) -> Tensor { Tensor(repeating: value, shape: [], elementType) }

extension ElementType {
  /// The type in which sums over many elements of this type are taken.
  var accumulator: ElementType { self == .float64 ? .float64 : .float32 }
}
