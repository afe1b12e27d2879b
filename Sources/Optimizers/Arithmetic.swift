import DescentGraph
import DescentTensors

extension Tensor {
  /// A number of the program.
  static func scalar(_ value: Double, _ elementType: ElementType) -> Tensor {
    Tensor(repeating: value, shape: [], elementType)
  }

  /// This Float64 scalar as a factor for tensors of another type.
  func factor(for tensor: Tensor) -> Tensor { converted(to: tensor.elementType) }
}

extension OptimizedParameter {
  /// The type in which a parameter is moved: small steps vanish in 16 bits.
  static func workingType(_ parameter: Tensor) -> ElementType { parameter.elementType.accumulator }

  var workingType: ElementType { Self.workingType(value) }
  /// The values in the working type.
  var wideValue: Tensor { value.converted(to: workingType) }
  /// The gradient in the working type.
  var wideGradient: Tensor { gradient.converted(to: workingType) }

  /// Zeros to remember something in, in a parameter's shape.
  static func memory(for parameter: Tensor) -> Tensor { Tensor(zeros: parameter.shape, workingType(parameter)) }

  /// What becomes of the parameter: values in the working type, rounded to the parameter's own.
  func updated(_ wide: Tensor, _ state: [Tensor]) -> ParameterUpdate {
    ParameterUpdate(value: wide.converted(to: value.elementType), state: state)
  }

  /// What becomes of the parameter under an optimizer whose settings make no sense.
  func failed(_ error: TensorError) -> ParameterUpdate { ParameterUpdate(value: Tensor(error: error), state: state) }
}

/// The first setting that lies outside its range, as an error.
func settingFault(
  _ optimizer: String, _ settings: [(name: String, value: Double, range: Range<Double>)]
) -> TensorError? {
  for (name, value, range) in settings where !range.contains(value) {
    let upper = range.upperBound == .infinity ? "" : " and less than \(range.upperBound)"
    return TensorError(optimizer, "its \(name) must be at least \(range.lowerBound)\(upper), found \(value)")
  }
  return nil
}
