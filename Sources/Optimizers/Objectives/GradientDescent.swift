import DescentTensors

/// Gradient descent that looks for the length of each step: along the negative gradient, by a line search.
///
/// It needs no learning rate. Each trial costs one value of the loss on the same batch.
public struct GradientDescent: Optimizer {
  /// How the length of a step is found.
  public var lineSearch: LineSearch

  /// Gradient descent with a line search.
  public init(lineSearch: LineSearch = LineSearch()) { self.lineSearch = lineSearch }

  /// Nothing is remembered.
  public func initialState(for parameters: [OptimizedParameter]) throws -> [Tensor] { [] }

  public func movements(
    of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext
  ) throws -> [Tensor] {
    let direction = parameters.map { -$0.gradient }
    let slope = -dot(direction, direction)
    let length = try lineSearch.length(
      from: parameters.map(\.value), along: direction, slope: slope, at: step)
    return direction.map { $0 * length.converted(to: $0.elementType) }
  }

  public func validate() throws { try lineSearch.validate() }
}
