import DescentTensors

/// The loss of a step as a function of the parameters: what methods ask that look further than one gradient.
///
/// Everything is recorded in the step's own plan, on the step's batch and with its random numbers, so that dropout drops
/// the same at every point. Points are lists of tensors in the order of the optimizer's parameters, each in the
/// parameter's working type.
public struct Objective: Sendable {
  private let function: @Sendable ([Tensor]) throws -> Tensor

  /// An objective of one's own.
  ///
  /// - Parameter function: The loss, a floating-point scalar, from the parameters' values.
  public init(_ function: @escaping @Sendable ([Tensor]) throws -> Tensor) { self.function = function }

  /// What stands where a rule was given gradients alone.
  static let missing = Objective { _ in
    throw TensorError(
      "objective", "the step was given gradients alone; use a training step, or give StepContext an objective")
  }

  /// The loss at a point.
  public func value(at point: [Tensor]) throws -> Tensor { try function(point) }

  /// The loss at a point and its gradient with respect to each parameter.
  public func valueAndGradient(at point: [Tensor]) throws -> (value: Tensor, gradient: [Tensor]) {
    try DescentTensors.valueAndGradient(at: point) { point in try function(point) }
  }

  /// The gradient of the loss at a point.
  public func gradient(at point: [Tensor]) throws -> [Tensor] { try valueAndGradient(at: point).gradient }

  /// The loss at a point and its derivative along a direction.
  ///
  /// - Parameter direction: A tensor for each parameter.
  public func directionalDerivative(
    at point: [Tensor], along direction: [Tensor]
  ) throws -> (value: Tensor, derivative: Tensor) {
    let (value, tangent) = try jacobianVectorProduct(at: point, along: direction) { point in try function(point) }
    return (value, tangent)
  }

  /// The Hessian of the loss at a point times a direction, at about the cost of two gradients.
  ///
  /// - Parameter direction: A tensor for each parameter.
  public func hessianVectorProduct(at point: [Tensor], along direction: [Tensor]) throws -> [Tensor] {
    try DescentTensors.hessianVectorProduct(at: point, along: direction) { point in try function(point) }
  }

  /// The objective of some of the parameters, the others staying where they are.
  func restricted(to places: [Int], at point: [Tensor]) -> Objective {
    Objective { part in
      var whole = point
      for (place, tensor) in zip(places, part) { whole[place] = tensor }
      return try function(whole)
    }
  }
}
