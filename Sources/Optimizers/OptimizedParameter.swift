import DescentGraph
import DescentTensors

/// A parameter as an optimizer sees it.
///
/// Values and gradient have the type in which the parameter is moved, its accumulator's: float32 for parameters of 16
/// bits, in which small movements would vanish.
public struct OptimizedParameter: Sendable {
  /// Where the parameter stands, its shape and its own element type.
  public var info: ParameterInfo
  /// The values before the step.
  public var value: Tensor
  /// The gradient of the loss with respect to the parameter.
  public var gradient: Tensor
  /// How many steps were taken before the parameter began to move, a Float64 scalar; `nil` where it moves from the first
  /// step on. `StepContext.age` within a `ParameterOptimizer` is counted from there.
  public var start: Tensor?

  /// Describes a parameter; values and gradient are converted to the type in which it is moved.
  ///
  /// - Parameters:
  ///   - path: The parameter's place in its model, such as `encoder.conv1.weight`.
  ///   - value: The values before the step.
  ///   - gradient: The gradient, zeros where none is given.
  public init(path: String, value: Tensor, gradient: Tensor? = nil) {
    info = ParameterInfo(path: path, shape: value.shape, elementType: value.elementType)
    let type = value.elementType.accumulator
    self.value = value.converted(to: type)
    self.gradient = gradient?.converted(to: type) ?? Tensor(zeros: value.shape, type)
  }

  /// The parameter's place in its model.
  public var path: String { info.path }
  /// The type in which the parameter is moved.
  public var workingType: ElementType { value.elementType }

  /// The next values, in the parameter's own element type.
  ///
  /// - Parameter movement: What is added, in the type in which the parameter is moved.
  public func moved(by movement: Tensor) -> Tensor { (value + movement).converted(to: info.elementType) }
}
