import DescentTensors

/// The loss of a step as a function of the parameters: what methods ask that look further than one gradient.
///
/// Everything is recorded in the step's own plan, on the step's batch and with its random numbers, so that dropout drops
/// the same at every point. Points are lists of tensors in the order of the optimizer's parameters, each in the
/// parameter's working type.
public struct Objective: Sendable {
  private let function: @Sendable ([Tensor]) throws -> Tensor
  /// The loss, of a pass that a probe looks at; `nil` where passes cannot be looked at.
  let probed: (@Sendable ([Tensor], PassProbe) throws -> Tensor)?

  /// An objective of one's own.
  ///
  /// - Parameter function: The loss, a floating-point scalar, from the parameters' values.
  public init(_ function: @escaping @Sendable ([Tensor]) throws -> Tensor) {
    self.function = function
    probed = nil
  }

  /// An objective of passes that can be looked at.
  ///
  /// - Parameter function: The loss from the parameters' values, of a pass that a probe looks at where there is one; the probe is told
  ///   which parameters to follow.
  package init(probing function: @escaping @Sendable ([Tensor], PassProbe?) throws -> Tensor) {
    self.function = { try function($0, nil) }
    probed = { try function($0, $1) }
  }

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
    @Sendable func whole(_ part: [Tensor]) -> [Tensor] {
      var whole = point
      for (place, tensor) in zip(places, part) { whole[place] = tensor }
      return whole
    }
    guard let probed else { return Objective { try function(whole($0)) } }
    return Objective(probing: { part, probe in
      guard let probe else { return try function(whole(part)) }
      let loss = try probed(whole(part), probe)
      probe.restrict(to: places)
      return loss
    })
  }
}
