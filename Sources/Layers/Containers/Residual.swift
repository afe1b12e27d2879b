import DescentGraph
import DescentTensors

/// What layers make of an input, added to the input itself or to what a shortcut makes of it.
///
/// ```swift
/// Residual {
///   Conv2D(filters: 64, size: 3, padding: .same)
///   BatchNorm()
///   relu
/// } shortcut: {
///   Conv2D(filters: 64, size: 1)
/// }
/// ```
///
/// Both must give one shape. Parameters stand at `body.0.weight` and `shortcut.0.weight`. Source: He et al., 2015.
public struct Residual: Layer {
  /// The layers whose output is added.
  public var body: Sequential
  /// What the input goes through on its way around them; without layers it stays as it is.
  public var shortcut: Sequential

  /// A block with a way around it.
  ///
  /// - Parameters:
  ///   - body: The layers whose output is added.
  ///   - shortcut: What the input goes through on its way around them; nothing where left out.
  public init(
    @LayerBuilder _ body: () -> [any Layer<Tensor, Tensor>],
    @LayerBuilder shortcut: () -> [any Layer<Tensor, Tensor>] = { [] }
  ) {
    (self.body, self.shortcut) = (Sequential(body()), Sequential(shortcut()))
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let (through, around) = (body(input), shortcut(input))
    if let failed = [through, around].first(where: { $0.error != nil }) { return failed }
    guard through.shape == around.shape else {
      return LayerSite("Residual").failure(
        "its body gives \(through.shape) for \(input.shape), what goes around it is \(around.shape); both must have one"
          + " shape, so give it a shortcut that changes the shape alike")
    }
    return around + through
  }
}
