import DescentTensors

/// The norm of a parameter divided by that of a movement, which makes movements of all layers equally long compared to what
/// they move; 1 where either is zero, since the parameter would stay there for ever.
///
/// - Parameter coefficient: What the quotient is multiplied by.
func trustRatio(_ value: Tensor, _ movement: Tensor, coefficient: Tensor? = nil) -> Tensor {
  let (length, step) = (value.norm(), movement.norm())
  let isDefined = (length .> 0) .& (step .> 0)
  let one = Tensor(1, value.elementType)
  let ratio = length / `where`(isDefined, step, one)
  return `where`(isDefined, coefficient.map { ratio * $0 } ?? ratio, one)
}
