import DescentTensors

/// Puts layers of different types together, as they are written one below the other in `Sequential { … }`.
@resultBuilder
public enum LayerBuilder {
  /// A layer.
  public static func buildExpression(_ layer: any Layer<Tensor, Tensor>) -> [any Layer<Tensor, Tensor>] { [layer] }

  /// A function without parameters, such as `relu`.
  public static func buildExpression(
    _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> [any Layer<Tensor, Tensor>] { [Lambda(function)] }

  /// Layers one after the other.
  public static func buildBlock(_ layers: [any Layer<Tensor, Tensor>]...) -> [any Layer<Tensor, Tensor>] {
    layers.flatMap(\.self)
  }

  /// Layers that an `if` may leave out.
  public static func buildOptional(_ layers: [any Layer<Tensor, Tensor>]?) -> [any Layer<Tensor, Tensor>] {
    layers ?? []
  }

  /// The layers of an `if`.
  public static func buildEither(first layers: [any Layer<Tensor, Tensor>]) -> [any Layer<Tensor, Tensor>] { layers }

  /// The layers of an `else`.
  public static func buildEither(second layers: [any Layer<Tensor, Tensor>]) -> [any Layer<Tensor, Tensor>] { layers }

  /// The layers of a `for`.
  public static func buildArray(_ layers: [[any Layer<Tensor, Tensor>]]) -> [any Layer<Tensor, Tensor>] {
    layers.flatMap(\.self)
  }
}
